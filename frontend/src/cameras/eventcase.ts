import { html, nothing, svg, type TemplateResult } from "lit";
import { say } from "../i18n";
import { clock, dateTime, number, position } from "../i18n/format";
import * as api from "./api";
import "./clearview";
import type { CameraEvent, EventWhole } from "./contract";
import { CamPart } from "./element";
import { GroundMap } from "./groundmap";
import { glyph } from "./icons";
import { className, percent, wayName } from "./parts";
import { tell, type Said } from "./words";

const UNITS: Record<string, string> = {
  line: " km/h", wrong_way: " km/h", red_light: " km/h", speed: " km/h", stopped: " s", no_parking: " s", unattended: " s",
};

/** One event: what was seen, where with its error, how sure, and what was said of it. */
class EventCase extends CamPart {
  static override properties = { ...CamPart.properties, event: { attribute: false }, whole: { attribute: false } };
  declare event: CameraEvent;
  declare whole: EventWhole | null;
  back: () => void = () => undefined;
  private ground: GroundMap | null = null;
  private shown = 0;
  private playing = false;
  private size: [number, number] | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => { this.ground?.stop(); this.ground = null; });
  }

  protected override willUpdate(): void {
    if (this.shown === this.event.id) return;
    this.playing = false;
    this.size = null;
  }

  protected override updated(): void {
    this.ground ??= new GroundMap(this.querySelector<HTMLElement>(".ground")!, this.model.catalogue.city);
    if (this.shown === this.event.id) return;
    this.shown = this.event.id;
    const { lon, lat, error_m, kind, camera } = this.event;
    const stands = this.model.cameras.value?.find((one) => one.id === camera.id);
    if (stands) this.ground.camera([stands.lon, stands.lat], null);
    this.ground.place([lon, lat], error_m, this.model.color(kind));
    this.ground.around([lon, lat], Math.max(error_m * 1.5, 15));
  }

  protected override render(): TemplateResult {
    const one = this.event;
    return html`<article class="case" aria-labelledby="case-title">
      <header class="case-head"><h2 id="case-title" style="--c:${this.model.color(one.kind)}"><i></i>${say(one.kind_title)}</h2>
        <span class="mark said-${one.review}">${tell(`r_${one.review}` as Said)}${one.right_class ? ` · ${className(one.right_class)}` : ""}</span>
        ${one.going_on ? html`<span class="mark live">${tell("goingOn")}</span>` : nothing}${one.synthetic ? html`<span class="tag dashed">${tell("synthetic")}</span>` : nothing}
        <span class="spacer"></span><a class="button small plain" href="#/cameras/${one.camera.id}/rules">${glyph("camera")}${one.camera.name}</a>
        <button type="button" class="icon-button narrow-only" aria-label=${tell("backToQueue")} @click=${() => this.back()}>${glyph("left")}</button></header>
      <div class="case-body"><figure class="evidence">${this.picture(one)}
          <figcaption>${one.clip ? html`<button type="button" class="button small play-clip" aria-pressed=${this.playing} @click=${() => this.set(() => (this.playing = !this.playing))}>${glyph(this.playing ? "camera" : "film")}${tell(this.playing ? "showPicture" : "playClip")}<kbd>p</kbd></button>` : html`<span class="hint">${tell("noClip")}</span>`}
            <span class="hint">${glyph("shield")}${tell("blurred")}</span>
            ${this.model.may("clear") && one.clear ? html`<ioc-clear-view .of=${String(one.id)} .fetch=${(reason: string) => api.clearPicture(`events/${one.id}/clear`, reason)}></ioc-clear-view>` : nothing}</figcaption></figure>
        <div class="case-side"><div class="ground-room"><div class="ground"></div></div>${this.facts(one)}${this.log()}</div></div></article>`;
  }

  private picture(one: CameraEvent): TemplateResult {
    if (this.playing && one.clip) return html`<video src=${one.clip} poster=${one.picture ?? ""} controls autoplay loop muted playsinline aria-label=${tell("clipOf", { name: say(one.kind_title) })}></video>`;
    if (!one.picture) return html`<div class="board-none">${glyph("camera")}<p>${tell("pictureErased")}</p></div>`;
    const took = (event: Event) => { const img = event.target as HTMLImageElement; this.set(() => (this.size = [img.naturalWidth, img.naturalHeight])); };
    const box = one.box?.length === 4 && this.size ? one.box : null;
    const [w, h] = this.size ?? [1, 1];
    return html`<span class="shot"><img src=${one.picture} alt=${tell("snapshotOf", { name: say(one.kind_title), camera: one.camera.name })} @load=${took}>
      ${box ? html`<svg viewBox="0 0 ${w} ${h}" aria-hidden="true" style="--c:${this.model.color(one.kind)}">${svg`<rect x=${box[0]! * w} y=${box[1]! * h} width=${(box[2]! - box[0]!) * w} height=${(box[3]! - box[1]!) * h} rx=${w / 160}></rect>`}</svg>` : nothing}</span>`;
  }

  private facts(one: CameraEvent): TemplateResult {
    const small = one.error_m <= 10;
    const unit = UNITS[one.kind] ?? "";
    const rows: [string, string | TemplateResult][] = [
      [tell("when"), html`${dateTime(one.started_at)}<small>${clock(one.started_at, true)} – ${clock(one.ended_at, true)}</small>`],
      [tell("object"), className(one.object_class)], [tell("rule"), one.rule],
      ...(one.direction ? [[tell("direction"), wayName(one.direction)] as [string, string]] : []),
      ...(one.value === null ? [] : [[tell("value"), `${number(one.value, 1)}${one.value_error ? ` ± ${number(one.value_error, 1)}` : ""}${unit}`] as [string, string]]),
      [tell("place"), html`±${number(one.error_m, one.error_m < 10 ? 1 : 0)} m<small>${small ? position(one.lon, one.lat) : tell("placeRough")}</small>`],
      [tell("sightings"), number(one.sightings, 0)], [tell("modelHash"), html`<code title=${one.model_hash}>${one.model_hash.slice(0, 12)}</code>`],
    ];
    return html`<div class="sure"><span>${tell("confidence")}</span><b>${percent(one.confidence)}</b><meter min="0" max="1" .value=${one.confidence} aria-label=${tell("confidence")}></meter></div>
      <dl class="sheet">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
  }

  private log(): TemplateResult | typeof nothing {
    const log = this.whole?.id === this.event.id ? this.whole.log : [];
    if (!log.length) return nothing;
    return html`<section class="log"><h3>${tell("log")}</h3><ol>${log.map((line) => html`<li><b>${line.undo ? tell("tookBack") : tell(`r_${line.review}` as Said)}${line.right_class ? ` · ${className(line.right_class)}` : ""}</b>${line.reason && !line.undo ? html`<span>${line.reason}</span>` : nothing}
      <small>${line.by} · ${dateTime(line.at)}</small></li>`)}</ol></section>`;
  }
}

customElements.define("ioc-event-case", EventCase);
