import { html, nothing, svg, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { number } from "../i18n/format";
import { menu } from "../wall/menu";
import { fileUrl } from "./api";
import type { Exposure, Gauge, Sea } from "./contract";
import { emptyState } from "./floodempty";
import type { FloodModel } from "./floodmodel";
import { ONLY_HIGHER } from "./floodlayer";
import { FloodSheet } from "./floodsheet";
import { bands, datumOf, figures, things, wardTable } from "./floodtables";
import { tell, type Said } from "./words";

const ROMAN = ["", "I", "II", "III"];

/** The stage of a river under a slider; beside it who and what stands in the water. */
export class FloodPanel extends IocElement {
  private readonly sheet: FloodSheet;

  constructor(private readonly model: FloodModel, private readonly doors: {
    say: (text: string, tone?: "good" | "bad") => void;
    pick: (slug: string, id: string) => void;
  }) {
    super();
    this.sheet = new FloodSheet(model);
    this.uses(model.spot, model.changed);
  }

  protected override render() {
    const { model } = this;
    if (!model.spot.value) return nothing;
    return html`<section class="flood-panel" aria-label=${tell("flood")}>
      <header><ioc-icon name="waves"></ioc-icon><h2>${tell("flood")}</h2>
        <button type="button" class="icon-button small" aria-label=${tell("close")} title=${tell("close")}
          @click=${() => model.close()}><ioc-icon name="x"></ioc-icon></button></header>
      <div class="flood-body">${model.readiness === "ready" && model.gauge ? this.whole(model.gauge) : emptyState(model)}</div>
      ${model.readiness === "ready" ? this.footer() : nothing}</section>${this.sheet}`;
  }

  private whole(gauge: Gauge): TemplateResult {
    const { model } = this;
    const { aCm, bCm } = model.spot.value!;
    const two = bCm !== null;
    return html`
      ${model.terrain?.synthetic ? html`<p class="flood-mark"><em class="synthetic">${tell("synthetic")}</em>${tell("syntheticTerrain")}</p>` : nothing}
      <label class="flood-gauge"><span class="visually-hidden">${tell("gauge")}</span>
        <select @change=${(event: Event) => model.choose((event.target as HTMLSelectElement).value)}>
          ${model.gauges.map((each) => html`<option value=${each.code} ?selected=${each === gauge}>${say(each.name)}</option>`)}</select></label>
      ${this.slider(gauge, aCm, two ? "stageA" : "stage", (cm) => model.setStage(cm))}
      ${two ? this.slider(gauge, bCm, "stageB", (cm) => model.compareWith(cm)) : nothing}
      ${model.sea ? this.sea(model.sea) : nothing}
      ${this.legend(two)}
      ${model.countFailure ? html`<p class="bad flood-fail" role="alert">${tell("failed", { why: model.countFailure })}
        <button type="button" class="button small" @click=${() => void model.count()}>${tell("retry")}</button></p>` : nothing}
      <div class="flood-answer" aria-busy=${model.counting}>${this.answer()}</div>`;
  }

  private slider(gauge: Gauge, cm: number, name: Said, move: (cm: number) => void): TemplateResult {
    const level = levelAt(gauge, cm);
    const share = (at: number) => `${((at - gauge.min_cm) / (gauge.max_cm - gauge.min_cm)) * 100}%`;
    const now = gauge.stage_cm;
    return html`<div class="stage-row level-${level}">
      <p><span>${tell(name)}</span><b>${number(cm / 100, 1, true)}<small> m</small></b><span class="stage-level">${levelMark(level)}${tell(`level${level}` as Said)}</span></p>
      <div class="stage-track" style="--at:${share(cm)}">
        <input type="range" min=${gauge.min_cm} max=${gauge.max_cm} step=${gauge.step_cm} .value=${String(cm)} aria-label="${tell(name)}, ${say(gauge.name)}"
          aria-valuetext="${number(cm / 100, 1, true)} m, ${tell(`level${level}` as Said)}"
          @input=${(event: Event) => move(Number((event.target as HTMLInputElement).value))}>
        ${gauge.levels.map((each) => html`<button type="button" class="stage-tick level-${each.level}" style="left:${share(each.stage_cm)}"
          aria-label=${tell("toLevel", { n: ROMAN[each.level]!, m: number(each.stage_cm / 100, 1, true) })}
          title=${tell("toLevel", { n: ROMAN[each.level]!, m: number(each.stage_cm / 100, 1, true) })} @click=${() => move(each.stage_cm)}>${levelMark(each.level)}<span>${ROMAN[each.level]}</span></button>`)}
        ${now !== null && now >= gauge.min_cm && now <= gauge.max_cm ? html`<button type="button" class="stage-now" style="left:${share(now)}"
          aria-label=${tell("toNow")} title=${tell("stageNow", { m: number(now / 100, 2, true) })} @click=${() => move(now)}>${tell("now")}</button>` : nothing}
      </div></div>`;
  }

  /** Tide or surge at the coast; at rest until somebody moves it. */
  private sea(sea: Sea): TemplateResult {
    const { model } = this;
    const { tideCm } = model.spot.value!;
    const at = tideCm ?? sea.rest_cm;
    const words = tideCm === null ? tell("seaRest") : `${number(at / 100, 1, true)} m`;
    const near = sea.stations[0];
    return html`<div class="sea-row ${tideCm === null ? "is-rest" : ""}">
      <p><span>${tell("sea")}</span><b>${words}</b>${tideCm === null ? nothing : html`<button type="button" class="icon-button small"
        aria-label=${tell("seaAway")} title=${tell("seaAway")} @click=${() => model.setTide(null)}><ioc-icon name="x"></ioc-icon></button>`}</p>
      <input type="range" min=${sea.min_cm} max=${sea.max_cm} step=${sea.step_cm} .value=${String(at)} aria-label=${tell("sea")} aria-valuetext=${words}
        aria-describedby="sea-hint" style="--at:${((at - sea.min_cm) / (sea.max_cm - sea.min_cm)) * 100}%"
        @input=${(event: Event) => model.setTide(Number((event.target as HTMLInputElement).value))}>
      <small id="sea-hint">${tell("seaHint")}${near ? html` ${tell("seaStation", {
        name: say(near.name), m: number(near.value_cm / 100, 2, true), datum: datumOf(near.datum),
      })}` : nothing}</small></div>`;
  }

  private legend(two: boolean): TemplateResult {
    const row = (color: string, words: string, hint: string) => html`<li><i style="--c:${color}"></i><span>${words}</span><small>${hint}</small></li>`;
    return html`<div class="flood-legend" role="group" aria-label=${tell("depth")}>${two
      ? html`<ul class="two">${row("#4292c6", tell("both"), "")}${row(ONLY_HIGHER, tell("onlyHigher"), "")}</ul>`
      : html`<ul>${bands(this.model.exposure?.depths_m).map(({ color, words, hint }) => row(color, words, hint))}</ul>`}</div>`;
  }

  private answer(): TemplateResult {
    const { exposure, comparison, counting, spot, zone } = this.model;
    if (!exposure || exposure.gauge !== spot.value?.gauge) {
      return counting ? html`<p class="quiet" role="status">${tell("counting")}</p><div class="skeletons"><i></i><i></i><i></i></div>` : html``;
    }
    const other = comparison?.b ?? null;
    if (!exposure.area_km2 && !other?.area_km2) return html`<p class="empty">${tell("dry")}</p>`;
    const { aCm, tideCm } = spot.value!;
    const own = (each: { stage_cm: number; tide_cm: number | null } | null) => each?.stage_cm === aCm && each.tide_cm === tideCm;
    const old = !own(exposure);
    // The zone under the finger knows its own figures; only who stands in it takes a moment.
    const top: Pick<Exposure, "area_km2" | "deepest_m" | "confidence"> & { people?: number | null } =
      old && !other && own(zone) ? { ...zone!, people: exposure.people === null ? null : undefined } : exposure;
    return html`<p class="visually-hidden" role="status">${counting ? tell("counting") : ""}</p>
      ${figures(top, other)}${old ? html`<p class="quiet flood-note" aria-hidden="true">${tell("oldTable", { m: number(exposure.stage_cm / 100, 1, true) })}</p>` : nothing}
      <div class="flood-tables ${old ? "is-old" : ""}">${wardTable(exposure, other)}${things(exposure, other, this.doors.pick)}</div>
      <details class="flood-method"><summary>${tell("simplified")}</summary><ul>
        ${([1, 2, 3, 4] as const).map((n) => html`<li>${tell(`simplified${n}`)}</li>`)}</ul><p class="quiet">${tell("confHint")}</p></details>`;
  }

  private footer(): TemplateResult {
    const { model } = this;
    const { aCm, bCm, tideCm } = model.spot.value!;
    const two = bCm !== null;
    const counted = model.exposure?.stage_cm === aCm && model.exposure.tide_cm === tideCm;
    const link = (ending: string, name: Said) => html`<a data-close download href=${fileUrl(model.asked, ending)}>
      <ioc-icon name="download"></ioc-icon>${tell(name)}</a>`;
    return html`<footer>
      <button type="button" class="button small" aria-pressed=${two} @click=${() => this.compare()}>
        <ioc-icon name="columns"></ioc-icon>${tell(two ? "compareOff" : "compare")}</button>
      ${menu({ id: "menu-flood-file", label: tell("download"), className: "button small",
        face: html`<ioc-icon name="download"></ioc-icon>${tell("download")}`,
        body: html`${link("gpkg", "gpkg")}${link("tif", "tif")}${link("geojson", "geojson")}` })}
      <button type="button" class="button small" @click=${() => void this.sheet.open()}><ioc-icon name="printer"></ioc-icon>${tell("print")}</button>
      ${model.can.includes("show") && counted && !two ? this.showMenu() : nothing}</footer>`;
  }

  private showMenu(): TemplateResult {
    const { shown, published } = this.model.exposure!;
    const words = tell(published ? "published" : shown ? "shown" : "show");
    const act = (on: boolean, open: boolean, name: Said, said: Said) => html`<button type="button" data-close
      @click=${() => void this.show(on, open, said)}>${tell(name)}</button>`;
    return menu({
      id: "menu-flood-show", label: words, className: `button small ${shown ? "on" : ""}`,
      face: html`<ioc-icon name=${published ? "user" : "layers"}></ioc-icon>${words}`,
      body: html`${shown ? act(false, false, "unshow", "unshownSaid") : act(true, false, "show", "shownSaid")}
        ${published ? nothing : act(true, true, "publish", "publishedSaid")}`,
    });
  }

  private async show(shown: boolean, published: boolean, said: Said): Promise<void> {
    const refusal = await this.model.show(shown, published);
    if (refusal) this.doors.say(tell("failed", { why: refusal }), "bad");
    else this.doors.say(tell(said), "good");
  }

  /** Beside the stage on screen the next alarm level, or a metre more; at the top a metre less. */
  private compare(): void {
    const { model } = this;
    const spot = model.spot.value!;
    if (spot.bCm !== null) return model.compareWith(null);
    const above = model.gauge?.levels.find((each) => each.stage_cm > spot.aCm)?.stage_cm ?? spot.aCm + 100;
    model.compareWith(above > (model.gauge?.max_cm ?? above) ? spot.aCm - 100 : above);
  }

  /** Escape closes the print view first, then the panel; false where nothing was open. */
  shut(): boolean {
    if (this.sheet.shut()) return true;
    if (!this.model.spot.value) return false;
    this.model.close();
    return true;
  }
}

export function levelAt(gauge: Gauge, cm: number): number {
  return gauge.levels.reduce((found, each) => (cm >= each.stage_cm ? Math.max(found, each.level) : found), 0);
}

const SHAPES = [
  svg`<circle cx="8" cy="8" r="5.2"></circle>`, svg`<circle cx="8" cy="8" r="5.2"></circle>`,
  svg`<path d="M8 2.2 14 13H2z"></path>`, svg`<path d="M8 1.6 14.4 8 8 14.4 1.6 8z"></path>`,
];

/** Shape says what colour says: dot, dot, triangle, diamond. */
export function levelMark(level: number): TemplateResult {
  return html`<svg class="level-mark level-${level}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[level]}</svg>`;
}

customElements.define("ioc-flood", FloodPanel);
