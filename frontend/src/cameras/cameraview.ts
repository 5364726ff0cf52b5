import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, dateTime, dayTime, number } from "../i18n/format";
import { wedge } from "./addcamera";
import * as api from "./api";
import "./board";
import type { Shape } from "./board";
import "./clearview";
import type { CameraWhole, Health, Probed, Spot } from "./contract";
import { OpenPart } from "./element";
import { faultsOf, field, numeric } from "./formparts";
import { GroundMap, type LonLat } from "./groundmap";
import { glyph } from "./icons";
import { JobWatch } from "./jobwatch";
import "./linechart";
import { reasonOf } from "./model";
import { detectorName, fault, percent, pictureUrl } from "./parts";
import { troubleWords } from "./troubles";
import { tell, type Said } from "./words";

const HOURS = 24;
const ASK_MS = 30_000;
const MINUTE_S = 60;
const NUMBERS = ["bearing_deg", "fov_deg", "range_m", "frames_per_s", "keep_days", "clear_days"];
const TEXTS = ["name_vi", "name_en", "owner", "road"];

/** A camera's picture now, how it did today, where it looks, and its sheet. */
class CameraView extends OpenPart {
  private health: Health | null = null;
  private readonly watch = new JobWatch<Probed>();
  private timer = 0;
  private ground: GroundMap | null = null;
  private editing: Record<string, string> | null = null;
  private faults: Record<string, string> = {};
  private said = "";
  private masking = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.watch.job.on(() => this.requestUpdate()));
    this.until(() => { clearTimeout(this.timer); this.watch.stop(); this.ground?.stop(); });
    void this.ask();
  }

  protected override firstUpdated(): void {
    const camera = this.model.open.value!;
    this.ground = new GroundMap(this.querySelector<HTMLElement>(".ground")!, this.model.catalogue.city, { click: (at) => this.move(at) });
    this.show(camera);
  }

  private show(camera: CameraWhole): void {
    this.ground?.camera([camera.lon, camera.lat], camera.calibrated ? null : camera.view, camera.calibrated ? camera.view : null);
    if (camera.view) this.ground?.frame([...camera.view, [camera.lon, camera.lat]], 18);
    else this.ground?.around([camera.lon, camera.lat], camera.range_m);
  }

  /** While the sheet is edited a click on the map moves the camera. */
  private move([lon, lat]: LonLat): void {
    if (!this.editing) return;
    this.editing = { ...this.editing, lon: String(lon), lat: String(lat) };
    const { bearing_deg = "", fov_deg = "", range_m = "" } = this.editing;
    const bearing = numeric(bearing_deg);
    this.ground?.camera([lon, lat], bearing === null ? null : wedge([lon, lat], bearing, numeric(fov_deg) ?? 70, numeric(range_m) ?? 60));
    this.requestUpdate();
  }

  private close(): void {
    this.editing = null;
    if (this.ground) this.ground.waiting = false;
    this.show(this.model.open.value!);
    this.requestUpdate();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    const id = this.model.open.value!.id;
    this.health = (await api.health(id, HOURS).catch(() => null)) ?? this.health;
    this.timer = window.setTimeout(() => void this.ask(), ASK_MS);
    this.requestUpdate();
  }

  private async look(): Promise<void> {
    try {
      this.watch.follow(await api.look(this.model.open.value!.id));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  /** Waits for the job that takes the clear picture, then opens it once. */
  private async clear(reason: string): Promise<string> {
    let job = await api.askClear(this.model.open.value!.id, reason);
    while (job.state === "queued" || job.state === "running") {
      await new Promise((done) => setTimeout(done, 900));
      job = await api.job<Probed>(job.id);
    }
    if (job.state !== "done") throw new Error(job.note || tell("jobCancelled"));
    return api.clearPicture(`jobs/${job.id}/clear`, reason);
  }

  private async write(values: object, done: string): Promise<boolean> {
    const camera = this.model.open.value!;
    try {
      const saved = await api.saveCamera(camera.id, values, camera.version);
      this.model.took(saved);
      this.show(saved);
      this.model.say(done);
      return true;
    } catch (error) {
      this.faults = faultsOf(error);
      this.said = reasonOf(error);
      this.model.say(this.said, "bad");
      return false;
    }
  }

  private async save(): Promise<void> {
    const given = this.editing!;
    const values: Record<string, unknown> = {};
    for (const name of TEXTS) values[name] = given[name];
    for (const name of NUMBERS) values[name] = numeric(given[name]!) ?? (name === "clear_days" ? 0 : null);
    const camera = this.model.open.value!;
    if (given.address !== (camera.address ?? "")) values.address = given.address;
    if (given.password || given.username) Object.assign(values, { username: given.username, password: given.password });
    if (Number(given.lon) !== camera.lon || Number(given.lat) !== camera.lat) Object.assign(values, { lon: Number(given.lon), lat: Number(given.lat) });
    if (given.detector !== camera.detector) values.detector = given.detector;
    if ((given.loops === "yes") !== camera.loops) values.loops = given.loops === "yes";
    if (await this.write(values, tell("cameraSaved"))) this.close();
    this.requestUpdate();
  }

  private edit(): void {
    const camera = this.model.open.value!;
    const { name_vi, name_en, owner, road, bearing_deg, fov_deg, range_m, keep_days, clear_days, lon, lat, detector } = camera;
    const all = { name_vi, name_en, owner, road, bearing_deg, fov_deg, range_m, keep_days, clear_days, lon, lat, detector, loops: camera.loops ? "yes" : "", frames_per_s: camera.frames_per_s_asked, address: camera.address ?? "", username: "", password: "" };
    if (this.ground) this.ground.waiting = true;
    this.editing = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value === null ? "" : String(value)]));
    this.faults = {};
    this.said = "";
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const camera = this.model.open.value!;
    const listed = this.model.cameras.value?.find((one) => one.id === camera.id) ?? camera;
    const job = this.watch.job.value;
    const src = job?.state === "done" && job.picture ? job.picture : pictureUrl(listed);
    const masks: Shape[] = camera.masks.map((points, i) => ({ id: String(i), kind: "zone", points, color: "var(--stale)", label: tell("mask"), hides: true }));
    const may = this.model.may("set_up");
    return html`<div class="cam-view"><div class="view-left">
      <div class="view-picture"><ioc-board .src=${src} .alt=${tell("pictureOf", { name: say(camera.name) })} .shapes=${masks}
        .drawing=${this.masking ? { kind: "zone", color: "var(--stale)", hint: tell("drawMask") } : null} .cancelled=${() => this.set(() => (this.masking = false))}
        .drawn=${(points: Spot[]) => { this.masking = false; void this.write({ masks: [...camera.masks, points] }, tell("maskSaved")); }}></ioc-board></div>
      <div class="view-tools"><p class="hint">${glyph("shield")}<span>${tell("blurredNote")}</span></p><span class="spacer"></span>
        ${may ? html`<button type="button" class="button small plain" @click=${() => this.set(() => (this.masking = !this.masking))}>${glyph("draw")}${tell("addMask")}</button>
          ${camera.masks.length ? html`<button type="button" class="button small plain" @click=${() => void this.write({ masks: camera.masks.slice(0, -1) }, tell("maskGone"))}>${glyph("trash")}${tell("dropMask")}</button>` : nothing}
          <button type="button" class="button small" ?disabled=${this.watch.busy || !camera.streaming} @click=${() => void this.look()}>${glyph("eye")}${tell(this.watch.busy ? "probing" : "lookNow")}</button>` : nothing}
        ${this.model.may("clear") ? html`<ioc-clear-view .of=${String(camera.id)} .fetch=${(reason: string) => this.clear(reason)}></ioc-clear-view>` : nothing}</div>
      ${job?.state === "failed" ? fault(tell("probeFailed", { why: job.note })) : nothing}
      ${this.chart()}${this.troubles()}</div>
      <aside class="view-side"><div class="ground-room"><div class="ground"></div>${this.editing ? html`<p class="map-hint">${tell("movePlace")}</p>` : nothing}</div>${this.editing ? this.form() : this.sheet(camera)}</aside></div>`;
  }

  private chart(): TemplateResult {
    const minutes = this.health?.minutes ?? [];
    const told = this.health?.camera;
    const share = told ? told.frames_dropped / Math.max(1, told.frames + told.frames_dropped) : null;
    const figures: [Said, string][] = [
      ["perSecondLong", told?.frames_per_s == null ? "–" : number(told.frames_per_s, 1)],
      ["skippedLong", share === null ? "–" : percent(share)],
      ["inferenceLong", told?.inference_ms == null ? "–" : `${number(told.inference_ms, 0)} ms`],
      ["ageLong", told?.last_frame_at ? ago(told.last_frame_at, serverNow()) : "–"],
    ];
    const now = serverNow() / 1000;
    const t: number[] = [], seen: (number | null)[] = [], lost: (number | null)[] = [];
    for (const minute of minutes) {
      const at = Date.parse(minute.at) / 1000;
      if (t.length && at - t.at(-1)! > 3 * MINUTE_S) { t.push(t.at(-1)! + MINUTE_S); seen.push(null); lost.push(null); }
      t.push(at); seen.push(minute.frames_per_s); lost.push(minute.dropped / MINUTE_S);
    }
    return html`<section class="health" aria-labelledby="health-title"><h2 id="health-title">${tell("health")}</h2>
      <dl class="figures">${figures.map(([name, value]) => html`<div><dt>${tell(name)}</dt><dd>${value}</dd></div>`)}</dl>
      ${t.length > 1 ? html`<ioc-line-chart .rem=${9} .told=${tell("healthTold", { n: minutes.length })} .data=${{ t, from: Math.max(now - HOURS * 3600, t[0]!), to: now, unit: "", digits: 1, lines: [
        { title: tell("perSecondLong"), color: "var(--kind-camera)", values: seen }, { title: tell("skippedPerSecond"), color: "var(--severity-moderate)", values: lost, dash: [5, 4] }] }}></ioc-line-chart>`
        : html`<p class="hint">${tell(t.length ? "healthSoon" : "noHealth")}</p>`}</section>`;
  }

  private troubles(): TemplateResult | typeof nothing {
    const all = this.health?.troubles ?? [];
    if (!all.length) return nothing;
    return html`<section class="troubles"><h2>${tell("troubles")}</h2><ul>${all.slice(0, 8).map((one) => html`<li class=${one.ended_at ? "" : "open"}>
      <i aria-hidden="true">${one.ended_at ? "○" : "▲"}</i><span>${troubleWords(one)}</span><small title=${dateTime(one.started_at)}>${dayTime(one.started_at)} – ${one.ended_at ? dayTime(one.ended_at) : tell("goingOn")}</small></li>`)}</ul></section>`;
  }

  private sheet(camera: CameraWhole): TemplateResult {
    const rows: [string, string][] = [
      [tell("code"), camera.code], [tell("source"), camera.source || tell("noStream")], [tell("login"), tell(camera.has_login ? "loginSealed" : "loginNone")],
      [tell("view"), tell(camera.calibrated ? "viewMeasured" : "viewGuessed")],
      [tell("bearing"), camera.bearing_deg === null ? tell("unknown") : `${number(camera.bearing_deg, 0)}°`], [tell("road"), camera.road || "–"], [tell("owner"), camera.owner || "–"],
      [tell("detector"), detectorName(camera.detector)], [tell("keepDays"), tell("days", { n: camera.keep_days ?? this.model.home.value!.picture_days })],
      [tell("clearDays"), camera.clear_days ? tell("days", { n: camera.clear_days }) : tell("never")],
    ];
    return html`<dl class="sheet">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      ${camera.billboards?.length ? html`<div><dt>${tell("billboards")}</dt><dd>${camera.billboards.map((one) => say(one.title)).join(", ")}</dd></div>` : nothing}</dl>
      ${this.model.may("set_up") ? html`<button type="button" class="button" @click=${() => this.edit()}>${glyph("draw")}${tell("edit")}</button>` : nothing}`;
  }

  private form(): TemplateResult {
    const given = this.editing!;
    const put = (name: string, label: string, more: object = {}) => field({
      name, label, value: given[name], wrong: this.faults[name], set: (value) => { this.editing = { ...given, ...this.editing, [name]: value }; this.requestUpdate(); }, ...more });
    return html`<form class="sheet-form" @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
      ${put("name_vi", tell("nameVi"))}${put("name_en", tell("nameEn"))}${put("address", tell("address"), { hint: tell("addressHint"), wide: true })}
      ${put("username", tell("username"))}${put("password", tell("password"), { type: "password", hint: tell("passwordKept") })}
      ${put("road", tell("road"))}${put("owner", tell("owner"))}
      ${put("bearing_deg", tell("bearing"), { unit: "°" })}${put("fov_deg", tell("fov"), { unit: "°" })}${put("range_m", tell("range"), { unit: "m" })}
      <div class="field wide"><label for="f-detector">${tell("detector")}</label><select id="f-detector" @change=${(event: Event) => (this.editing = { ...this.editing, detector: (event.target as HTMLSelectElement).value })}>
        ${this.model.home.value!.detectors.map((one) => html`<option value=${one} ?selected=${one === given.detector}>${detectorName(one)}</option>`)}</select>${fault(this.faults.detector)}</div>
      ${this.model.open.value!.source === "file" ? html`<label class="switch-row wide"><input type="checkbox" class="switch" role="switch" .checked=${given.loops === "yes"} @change=${(event: Event) => (this.editing = { ...this.editing, loops: (event.target as HTMLInputElement).checked ? "yes" : "" })}><span>${tell("loops")}</span></label>` : nothing}
      ${put("frames_per_s", tell("perSecondAsked"), { unit: "1/s" })}${put("keep_days", tell("keepDays"), { unit: tell("daysUnit") })}${put("clear_days", tell("clearDays"), { unit: tell("daysUnit") })}
      ${fault(this.said)}<footer class="form-foot wide"><button type="button" class="button" @click=${() => this.close()}>${tell("cancel")}</button>
        <button type="submit" class="button primary">${glyph("check")}${tell("save")}</button></footer></form>`;
  }
}

customElements.define("ioc-cam-view", CameraView);
