import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { ago, dateTime, number } from "../i18n/format";
import type { Camera } from "./contract";
import { glyph } from "./icons";
import { tell, type Said } from "./words";

const SHAPES: Record<string, string> = { good: "●", waiting: "◌", stale: "▲", failed: "◆", off: "■" };

/** A camera's state: shape, colour and word together. */
export function stateMark(camera: Camera): TemplateResult {
  const state = camera.enabled ? camera.state : "off";
  const words = camera.enabled ? tell(`state_${SHAPES[camera.state] ? camera.state : "off"}` as Said) : tell("switchedOffState");
  return html`<span class="state state-${state}"><i aria-hidden="true">${SHAPES[state] ?? "■"}</i>${words}</span>`;
}

/** "5,2 hình/giây · bỏ qua 12 % · 3 giây trước" */
export function vitals(camera: Camera): TemplateResult {
  const all = camera.frames + camera.frames_dropped;
  return html`<span class="vitals">
    <span title=${tell("perSecondHint")}>${camera.frames_per_s === null ? "–" : number(camera.frames_per_s, 1)} ${tell("perSecond")}</span>
    <span title=${tell("skippedHint")}>${tell("skipped", { share: all ? number((100 * camera.frames_dropped) / all, 0) : "–" })}</span>
    ${camera.last_frame_at ? html`<time datetime=${camera.last_frame_at} title=${dateTime(camera.last_frame_at)}>${ago(camera.last_frame_at, serverNow())}</time>` : html`<span>${tell("neverSeen")}</span>`}</span>`;
}

/** The newest picture; fetched anew as often as the list is. */
export function pictureUrl(camera: Camera): string {
  return `${camera.picture}?t=${encodeURIComponent(camera.last_frame_at ?? camera.version)}`;
}

export function thumb(camera: Camera): TemplateResult {
  const lost = (event: Event) => ((event.target as HTMLElement).parentElement!.classList.add("none"));
  const found = (event: Event) => ((event.target as HTMLElement).parentElement!.classList.remove("none"));
  return html`<span class="thumb"><img src=${pictureUrl(camera)} alt="" loading="lazy" @error=${lost} @load=${found}>
    <span class="thumb-none">${glyph("camera")}<small>${tell(camera.streaming ? "noPicture" : "noStream")}</small></span></span>`;
}

export function fault(words: string | undefined | null): TemplateResult | typeof nothing {
  return words ? html`<p class="fault" role="alert">${glyph("alert")}<span>${words}</span></p>` : nothing;
}

export function waiting(words = tell("loading")): TemplateResult {
  return html`<div class="wait" role="status"><span class="spinner"></span><p>${words}</p></div>`;
}

export function failed(words: string, again: () => void): TemplateResult {
  return html`<div class="wait" role="alert">${glyph("alert")}<p>${words}</p>
    <button type="button" class="button" @click=${again}>${glyph("retry")}${tell("retry")}</button></div>`;
}

/** What a detector calls a thing, in the reader's words. */
export function className(code: string): string {
  const key = `class_${code}`;
  return KNOWN.has(code) ? tell(key as Said) : code;
}
const KNOWN = new Set(["person", "bicycle", "motorcycle", "car", "bus", "truck", "moving", "animal", "nothing", "other"]);

/** A detector's name in words, where it is one of ours; what a city brought keeps its own. */
export function detectorName(name: string): string {
  return name === "mog2" ? tell("detectorMoving") : name === "ssdlite-mobilenetv2-coco" ? tell("detectorUsual") : name;
}

export function wayName(way: string): string {
  return way === "down" || way === "up" ? tell(way) : way;
}

export const percent = (share: number, digits = 0): string => `${number(share * 100, digits)}\u00a0%`;
