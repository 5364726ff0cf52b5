import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import type { Camera } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import "./troubles";
import { stateMark, thumb, vitals, waiting } from "./parts";
import { tell } from "./words";

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

const NEED = ["failed", "stale", "waiting", "good", "off"];

/** Cameras in trouble come first, those without a stream last. */
function need(camera: Camera): number {
  return camera.enabled ? NEED.indexOf(camera.state) - (camera.state === "good" && camera.state_note ? 0.5 : 0) : NEED.length;
}

/** Every camera with its picture and how it does. */
class CameraList extends CamPart {
  private q = "";
  private state = "";

  private fits(camera: Camera): boolean {
    const text = plain([camera.code, camera.name.vi, camera.name.en, camera.road, camera.owner].join(" "));
    return (!this.state || camera.state === this.state) && plain(this.q).split(/\s+/).every((word) => text.includes(word));
  }

  protected override render(): TemplateResult {
    const all = this.model.cameras.value;
    const shown = (all ?? []).filter((camera) => this.fits(camera)).sort((a, b) => need(a) - need(b) || say(a.name).localeCompare(say(b.name)));
    return html`<section class="page" aria-labelledby="page-title">
      <header class="page-head"><div><h1 id="page-title">${tell("cameras")}</h1><p>${all?.length ? this.summary(all) : tell("camerasWhy")}</p></div>
        <span class="spacer"></span>
        <label class="search">${glyph("search")}<input type="search" .value=${this.q} placeholder=${tell("searchCameras")} aria-label=${tell("searchCameras")}
          @input=${(event: Event) => this.set(() => (this.q = (event.target as HTMLInputElement).value))}></label>
        <select aria-label=${tell("state")} .value=${this.state} @change=${(event: Event) => this.set(() => (this.state = (event.target as HTMLSelectElement).value))}>
          <option value="">${tell("allStates")}</option>${this.model.home.value?.states.map((one) => html`<option value=${one.code}>${tell(`state_${one.code}` as "state_good")}</option>`)}</select>
        ${this.model.may("discover") ? html`<a class="button" href="#/cameras/find">${glyph("radar")}${tell("findCameras")}</a>` : nothing}
        ${this.model.may("set_up") ? html`<a class="button primary" href="#/cameras/new">${glyph("plus")}${tell("addCamera")}</a>` : nothing}
      </header>
      ${this.q || this.state ? nothing : html`<ioc-cam-troubles .model=${this.model}></ioc-cam-troubles>`}
      ${!all ? waiting() : shown.length ? html`<ul class="camera-grid">${shown.filter((one) => one.streaming).map((camera) => this.card(camera))}</ul>${this.bare(shown.filter((one) => !one.streaming))}`
        : html`<div class="empty">${glyph("camera")}<p>${tell(all.length ? "noneFit" : "noCameras")}</p></div>`}</section>`;
  }

  private summary(all: Camera[]): string {
    const of = (state: string) => all.filter((camera) => camera.enabled && camera.state === state).length;
    const blind = all.filter((camera) => camera.enabled && camera.state === "good" && camera.state_note).length;
    return tell("summary", { all: number(all.length, 0), good: number(of("good") - blind, 0), bad: number(of("failed") + of("stale") + blind, 0) });
  }

  /** Cameras that are only places on the map so far: a name is enough. */
  private bare(cameras: Camera[]): TemplateResult | typeof nothing {
    if (!cameras.length) return nothing;
    return html`<section class="bare" aria-labelledby="bare-title"><h2 id="bare-title">${tell("withoutStream")} <small>${number(cameras.length, 0)}</small></h2>
      <ul>${cameras.map((camera) => html`<li><a href="#/cameras/${camera.id}">${glyph("camera")}<span><b>${say(camera.name)}</b><small>${camera.code}${camera.road ? ` · ${camera.road}` : ""}${camera.synthetic ? ` · ${tell("synthetic")}` : ""}</small></span></a></li>`)}</ul></section>`;
  }

  private card(camera: Camera): TemplateResult {
    return html`<li><a class="camera-card" href="#/cameras/${camera.id}">${thumb(camera)}
      <span class="camera-words"><b>${say(camera.name)}</b>
        <span class="marks">${stateMark(camera)}${camera.synthetic ? html`<span class="tag dashed">${tell("synthetic")}</span>` : nothing}</span>
        ${camera.state_note ? html`<small class="note">${camera.state_note}</small>` : camera.streaming ? vitals(camera) : nothing}
        <small class="facts"><span class=${camera.calibrated ? "ok" : "todo"}>${glyph(camera.calibrated ? "check" : "crosshair")}${tell(camera.calibrated ? "calibrated" : "notCalibrated")}</span>
          <span class=${camera.rules ? "ok" : "todo"}>${glyph("rules")}${tell("rulesCount", { n: camera.rules })}</span></small></span></a></li>`;
  }
}

customElements.define("ioc-cam-list", CameraList);
