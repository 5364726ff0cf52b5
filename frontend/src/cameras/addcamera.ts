import { html, nothing, type TemplateResult } from "lit";
import { number } from "../i18n/format";
import * as api from "./api";
import type { Probed, ToldStream } from "./contract";
import { CamPart } from "./element";
import { faultsOf, field, numeric } from "./formparts";
import { GroundMap, type LonLat } from "./groundmap";
import { glyph } from "./icons";
import { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { fault } from "./parts";
import { tell } from "./words";

/** The second, smaller stream of usual makers: enough for what is looked at. */
const PATHS: Record<string, string> = {
  "Hikvision, HiLook": "/Streaming/Channels/102", "Dahua, Imou, KBVision": "/cam/realmonitor?channel=1&subtype=1",
  Axis: "/axis-media/media.amp?resolution=640x360", "Hanwha, Samsung": "/profile3/media.smp", Uniview: "/media/video2", "TP-Link": "/stream2",
};

/** Whose path it may be, by how makers name their models. */
const MODELS: [RegExp, string][] = [
  [/^(DS-|iDS-)/, "Hikvision, HiLook"], [/^(DH-|IPC-H|KX-)/, "Dahua, Imou, KBVision"], [/^[MPQ]\d{4}/, "Axis"], [/^(X?N[VOPD]|Q[NVD])/, "Hanwha, Samsung"], [/^IPC\d/, "Uniview"],
];

const LOOKED_AT_PX = 600;

/** A new camera: its address, a look at it, its name, its place. */
class AddCamera extends CamPart {
  private readonly watch = new JobWatch<Probed>();
  private given: Record<string, string> = { address: "", username: "", password: "", name_vi: "", name_en: "", code: "", bearing_deg: "", fov_deg: "70", range_m: "60" };
  private at: LonLat | null = null;
  private faults: Record<string, string> = {};
  private said = "";
  private probing = "";
  private readonly asking = new JobWatch<{ streams: ToldStream[] }>();
  private service = "";
  private refused = "";
  private found = "";
  private maker = "";
  private saving = false;
  private ground: GroundMap | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    const { asked } = this.model.route.value;
    this.found = asked.get("ip") ?? "";
    this.service = asked.get("service") ?? "";
    this.maker = MODELS.find(([model]) => model.test(asked.get("model") ?? ""))?.[1] ?? "";
    if (this.found) Object.assign(this.given, { name_vi: asked.get("name") ?? "", address: `rtsp://${this.found}:554${PATHS[this.maker] ?? "/"}` });
    this.until(this.watch.job.on(() => this.requestUpdate()));
    this.until(() => this.watch.stop());
    this.until(this.asking.job.on(() => this.told()));
    this.until(() => this.asking.stop());
    this.until(() => this.ground?.stop());
  }

  protected override firstUpdated(): void {
    this.ground = new GroundMap(this.querySelector<HTMLElement>(".ground")!, this.model.catalogue.city, { click: (at) => this.place(at) });
    this.ground.waiting = true;
  }

  private place(at: LonLat): void {
    this.at = at;
    delete this.faults.place;
    this.draw();
    this.requestUpdate();
  }

  private draw(): void {
    if (!this.at || !this.ground) return;
    const bearing = numeric(this.given.bearing_deg!);
    this.ground.camera(this.at, bearing === null ? null : wedge(this.at, bearing, numeric(this.given.fov_deg!) ?? 70, numeric(this.given.range_m!) ?? 60));
  }

  private type(name: string, value: string): void {
    this.given = { ...this.given, [name]: value };
    delete this.faults[name];
    if (["bearing_deg", "fov_deg", "range_m"].includes(name)) this.draw();
    this.requestUpdate();
  }

  private async probe(): Promise<void> {
    const { address = "", username = "", password = "" } = this.given;
    this.probing = "";
    this.watch.job.value = null;
    try {
      this.watch.follow(await api.probe({ address, username, password }));
    } catch (error) {
      this.probing = reasonOf(error);
    }
    this.requestUpdate();
  }

  private async ask(): Promise<void> {
    const { username = "", password = "" } = this.given;
    this.refused = "";
    try {
      this.asking.follow(await api.askStreams({ service: this.service, username, password }));
    } catch (error) {
      this.refused = reasonOf(error);
    }
    this.requestUpdate();
  }

  /** The smallest stream that is wide enough to look at is taken first. */
  private told(): void {
    const job = this.asking.job.value;
    const streams = job?.state === "done" ? job.result.streams : [];
    const fit = streams.filter((one) => one.width >= LOOKED_AT_PX);
    const first = fit[fit.length - 1] ?? streams[0];
    if (first) this.given = { ...this.given, address: first.address };
    this.requestUpdate();
  }

  private async save(): Promise<void> {
    const { given } = this;
    this.faults = {};
    if (!given.name_vi!.trim()) this.faults.name_vi = tell("needName");
    if (!this.at) this.faults.place = tell("needPlace");
    if (Object.keys(this.faults).length) return this.requestUpdate();
    const values: Record<string, unknown> = {
      name_vi: given.name_vi, name_en: given.name_en, code: given.code!.trim() || codeOf(given.name_vi!),
      address: given.address, bearing_deg: numeric(given.bearing_deg!), fov_deg: numeric(given.fov_deg!) ?? 70,
      range_m: numeric(given.range_m!) ?? 60, lon: this.at![0], lat: this.at![1],
    };
    if (given.username || given.password) Object.assign(values, { username: given.username, password: given.password });
    this.saving = true;
    this.requestUpdate();
    try {
      const camera = await api.addCamera(values);
      this.model.say(tell("cameraAdded", { name: camera.name_vi }));
      void this.model.refresh();
      this.model.go(`cameras/${camera.id}/calibration`);
    } catch (error) {
      this.faults = faultsOf(error);
      this.said = reasonOf(error);
    }
    this.saving = false;
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { given, faults } = this;
    const put = (name: string) => ({ name, value: given[name], set: (value: string) => this.type(name, value), wrong: faults[name] });
    return html`<section class="page" aria-labelledby="page-title">
      <header class="page-head"><a class="icon-button" href="#/cameras" aria-label=${tell("backToCameras")}>${glyph("left")}</a>
        <div><h1 id="page-title">${tell("addCamera")}</h1><p>${tell("addWhy")}</p></div></header>
      <form class="add-form" @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
        <fieldset class="block"><legend>1 · ${tell("addressStep")}</legend>
          ${field({ ...put("address"), label: tell("address"), hint: tell("addressHint"), placeholder: "rtsp://…", wide: true })}
          ${this.found ? this.makers() : nothing}
          <div class="grid">${field({ ...put("username"), label: tell("username") })}${field({ ...put("password"), label: tell("password"), type: "password", hint: tell("passwordHint") })}</div>
          ${this.service ? this.streams() : nothing}
          <button type="button" class="button" ?disabled=${!given.address!.trim() || this.watch.busy} @click=${() => void this.probe()}>${glyph("eye")}${tell(this.watch.busy ? "probing" : "probe")}</button>
          ${fault(this.probing)}${this.probed()}</fieldset>
        <fieldset class="block"><legend>2 · ${tell("nameStep")}</legend><div class="grid">
          ${field({ ...put("name_vi"), label: tell("nameVi") })}${field({ ...put("name_en"), label: tell("nameEn") })}
          ${field({ ...put("code"), label: tell("code"), hint: tell("codeHint"), placeholder: codeOf(given.name_vi!) })}</div></fieldset>
        <fieldset class="block"><legend>3 · ${tell("placeStep")}</legend>
          <div class="ground-room"><div class="ground"></div><p class="map-hint">${this.at ? tell("placed") : tell("clickPlace")}
            <button type="button" class="button small" @click=${() => this.place(this.ground!.middle())}>${glyph("crosshair")}${tell("middleOfMap")}</button></p></div>
          ${fault(faults.place ?? faults.lon)}
          <div class="grid three">${field({ ...put("bearing_deg"), label: tell("bearing"), type: "number", unit: "°", min: 0, max: 360 })}
            ${field({ ...put("fov_deg"), label: tell("fov"), type: "number", unit: "°" })}${field({ ...put("range_m"), label: tell("range"), type: "number", unit: "m" })}</div></fieldset>
        ${fault(this.said)}
        <footer class="form-foot"><a class="button" href="#/cameras">${tell("cancel")}</a><button type="submit" class="button primary" ?disabled=${this.saving}>${glyph("check")}${tell(this.saving ? "saving" : "saveCamera")}</button></footer>
      </form></section>`;
  }

  /** ONVIF says where a camera is; where in it the stream lies differs by maker. */
  private makers(): TemplateResult {
    const model = this.model.route.value.asked.get("model");
    const job = this.asking.job.value;
    const told = job?.state === "done" && job.result.streams.length > 0;
    return html`<p class="notice">${glyph("radar")}<span>${tell(this.service ? "foundAsk" : "foundAt", { ip: this.found, model: model ? ` (${model})` : "" })}</span></p>
      ${told ? nothing : html`<div class="field wide"><label for="f-maker">${tell("makersPath")}</label><select id="f-maker" @change=${(event: Event) => this.type("address", `rtsp://${this.found}:554${(event.target as HTMLSelectElement).value}`)}>
        <option value="/">${tell("otherMaker")}</option>${Object.entries(PATHS).map(([maker, path]) => html`<option value=${path} ?selected=${maker === this.maker}>${maker}</option>`)}</select></div>`}`;
  }

  private streams(): TemplateResult {
    const job = this.asking.job.value;
    const { given } = this;
    const list = job?.state === "done" ? job.result.streams : null;
    return html`<div class="told-streams"><button type="button" class="button" ?disabled=${this.asking.busy || !given.username} @click=${() => void this.ask()}>${glyph("radar")}${tell(this.asking.busy ? "askingStreams" : "askStreams")}</button>
      ${given.username ? nothing : html`<p class="hint">${tell("askStreamsHint")}</p>`}
      ${fault(this.refused || (job?.state === "failed" ? job.note : ""))}
      ${list && !list.length ? html`<p class="notice" role="status">${glyph("alert")}<span>${tell("noStreams")}</span></p>` : nothing}
      ${list?.length ? html`<fieldset class="choice" role="radiogroup"><legend>${tell("streamsTold")}</legend>${list.map((one) => html`<label><input type="radio" name="told-stream" .checked=${given.address === one.address} @change=${() => this.type("address", one.address)}>
        <span>${one.name} <small>${one.width ? `${one.width}×${one.height}` : ""} ${one.encoding}</small><br><code>${one.address}</code></span></label>`)}</fieldset>` : nothing}</div>`;
  }

  private probed(): TemplateResult | typeof nothing {
    const job = this.watch.job.value;
    if (!job) return nothing;
    if (this.watch.busy) return html`<div class="progress" role="status"><progress max="1" .value=${job.progress}></progress><span>${tell(job.state === "queued" ? "jobQueued" : "probing")}</span>
      <button type="button" class="button small" @click=${() => void this.watch.cancel()}>${tell("cancel")}</button></div>`;
    if (job.state !== "done") return fault(job.state === "cancelled" ? tell("jobCancelled") : tell("probeFailed", { why: job.note }));
    const { width, height, codec, frames_per_s, hidden_by } = job.result;
    return html`<figure class="probe"><img src=${job.picture ?? ""} alt=${tell("probePicture")}>
      <figcaption>${glyph("check")}<span>${tell("probeGood", { size: `${width}×${height}`, codec, rate: frames_per_s ? number(frames_per_s, 1) : "–" })}
        <small>${tell(hidden_by === "coarse" ? "hiddenCoarse" : "hiddenBlurred")}</small></span></figcaption></figure>`;
  }
}

export function codeOf(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
}

const DEGREE_M = 111_320;

/** The wedge that a sheet's bearing, angle and range describe, as a ring on the map. */
export function wedge(at: LonLat, bearing: number, fov: number, range: number): LonLat[] {
  const steps = 16;
  const ring: LonLat[] = [at];
  for (let i = 0; i <= steps; i++) {
    const angle = ((bearing - fov / 2 + (fov * i) / steps) * Math.PI) / 180;
    ring.push([at[0] + (range * Math.sin(angle)) / (DEGREE_M * Math.cos((at[1] * Math.PI) / 180)), at[1] + (range * Math.cos(angle)) / DEGREE_M]);
  }
  return ring;
}

customElements.define("ioc-cam-add", AddCamera);
