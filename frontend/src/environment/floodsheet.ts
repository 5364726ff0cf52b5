import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { dateTime, number } from "../i18n/format";
import { loadSheet } from "./api";
import type { Sheet } from "./contract";
import { type FloodModel, why } from "./floodmodel";
import { bands, COLORS, datumOf } from "./floodtables";
import { tell } from "./words";

/** Exposure by ward on one page, with map, method, inputs, confidence and what is simplified. */
export class FloodSheet extends IocElement {
  private sheet: Sheet | null = null;
  private failure = "";

  constructor(private readonly model: FloodModel) {
    super();
    this.uses(model.spot);
  }

  async open(): Promise<void> {
    this.querySelector("dialog")?.showModal();
    document.documentElement.classList.add("sheet-open");
    this.sheet = null;
    this.failure = "";
    this.requestUpdate();
    try {
      this.sheet = await loadSheet(this.model.asked);
    } catch (error) {
      this.failure = why(error);
    }
    this.requestUpdate();
  }

  shut(): boolean {
    const dialog = this.querySelector("dialog");
    const was = dialog?.open ?? false;
    dialog?.close();
    return was;
  }

  protected override render(): TemplateResult {
    const { sheet } = this;
    return html`<dialog class="flood-sheet" aria-label=${tell("printView")} @close=${() => document.documentElement.classList.remove("sheet-open")}
      @click=${(event: Event) => event.target === event.currentTarget && this.shut()}>
      <div class="sheet-tools"><b>${tell("printView")}</b><span class="spacer"></span>
        <button type="button" class="button small primary" ?disabled=${!sheet} @click=${() => print()}><ioc-icon name="printer"></ioc-icon>${tell("print")}</button>
        <button type="button" class="button small" @click=${() => this.shut()}>${tell("close")}</button></div>
      ${sheet ? this.paper(sheet) : this.failure ? html`<p class="paper" role="alert">${tell("failed", { why: this.failure })}</p>`
        : html`<p class="paper" role="status">${tell("loading")}</p>`}</dialog>`;
  }

  private paper(sheet: Sheet): TemplateResult {
    return html`<article class="paper">
      <header><div><p class="paper-kind">${tell("sheetKind")}</p><h2>${say(sheet.title)}</h2></div>
        <dl><div><dt>${tell("area")}</dt><dd>${number(sheet.area_km2, 1)} km²</dd></div><div><dt>${tell("deepest")}</dt><dd>${number(sheet.deepest_m, 1, true)} m</dd></div>
          <div><dt>${tell("people")}</dt><dd>${sheet.people === null ? "–" : number(sheet.people, 0)}</dd></div>
          <div><dt>${tell("confidence")}</dt><dd>${number(sheet.confidence * 100, 0)} %</dd></div></dl></header>
      ${sheet.synthetic ? html`<p class="paper-note">${tell("sheetNote")}</p>` : nothing}
      <div class="paper-split"><figure><img src=${sheet.picture} alt=${tell("mapOf")}><figcaption>${bands(sheet.depths_m).map((band, n) =>
        html`<span><i style="--c:${COLORS[n]!}"></i>${band.words}</span>`)}</figcaption></figure>${this.wards(sheet)}</div>
      ${this.things(sheet)}
      <div class="paper-two"><section><h3>${tell("inputs")}</h3>${this.inputs(sheet)}</section>
        <section><h3>${tell("simplified")}</h3><ul>${([1, 2, 3, 4] as const).map((n) => html`<li>${tell(`simplified${n}`)}</li>`)}</ul>
          <p>${tell("confHint")}</p></section></div>
      <section><h3>${tell("method")}</h3><p>${say(sheet.method)}</p></section>
      <footer><span>${tell("terrain")}: ${sheet.inputs.terrain.name} · ${sheet.inputs.terrain.digest.slice(0, 12)}</span><span>${tell("printedAt", { at: dateTime(sheet.printed_at) })}</span></footer></article>`;
  }

  private wards(sheet: Sheet): TemplateResult {
    const people = sheet.people !== null;
    return html`<table class="small"><thead><tr><th scope="col">${tell("ward")}</th>${bands(sheet.depths_m).map((band) => html`<th scope="col" class="num">${band.words}</th>`)}
        <th scope="col" class="num">km²</th><th scope="col" class="num">${tell("share")}</th>${people ? html`<th scope="col" class="num">${tell("people")}</th>` : nothing}<th scope="col" class="num">${tell("confidence")}</th></tr></thead>
      <tbody>${sheet.wards.map((ward) => html`<tr><td>${say(ward.name)}</td>${ward.by_depth_km2.map((km2) => html`<td class="num part">${km2 ? number(km2, 2, true) : "–"}</td>`)}
        <td class="num">${number(ward.area_km2, 2, true)}</td><td class="num">${ward.share === null ? "–" : `${number(ward.share * 100, 0)} %`}</td>
        ${people ? html`<td class="num">${number(ward.people, 0)}</td>` : nothing}<td class="num">${number(ward.confidence * 100, 0)} %</td></tr>`)}</tbody></table>`;
  }

  private things(sheet: Sheet): TemplateResult {
    const { school, clinic, road, building } = sheet.assets;
    const fact = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<dl class="paper-facts">${fact(tell("school"), number(school.count, 0))}${fact(tell("clinic"), number(clinic.count, 0))}
      ${fact(tell("road"), `${number(road.km ?? 0, 1)} km`)}${fact(tell("building"), number(building.count, 0))}
      ${Object.values(sheet.features).map((each) => fact(say(each.title), number(each.count, 0)))}</dl>`;
  }

  private inputs({ inputs }: Sheet): TemplateResult {
    return html`<ul>${inputs.gauges.map((each) => html`<li>${this.named(each.code)}: ${number(each.stage_m, 1, true)} m${datumOf(each.datum)}, ${tell("toRiver", { m: number(each.way_to_river_m, 0) })}</li>`)}
      <li>${tell("sea")}: ${inputs.tide_m === null ? tell("seaRest") : `${number(inputs.tide_m, 1, true)} m (${tell("seaDatum")})`}</li>
      <li>${tell("walls")}: ${tell(inputs.walls ? "yes" : "no")}</li></ul>`;
  }

  /** People know a gauge by its name; its code beside it tells it from another of that name. */
  private named(code: string): string {
    const gauge = this.model.gauges.find((each) => each.code === code);
    return gauge ? `${say(gauge.name)} (${code})` : code;
  }
}

customElements.define("ioc-flood-sheet", FloodSheet);
