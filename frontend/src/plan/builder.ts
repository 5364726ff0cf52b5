import { html, nothing, type TemplateResult } from "lit";
import type { SearchResult } from "../common/contract";
import { IocElement } from "../common/element";
import { search } from "../common/services";
import { say } from "../i18n";
import { day, distance, number } from "../i18n/format";
import { AnalyseForm } from "./analyseform";
import * as api from "./api";
import { Conditions } from "./conditions";
import type { Area, Mode, Period, Relation } from "./contract";
import { glyph, type Glyph } from "./icons";
import { countWords, reasonOf, type PlanModel, type Tool } from "./model";
import { tell, type Said } from "./words";

const TOOLS: [Tool, Glyph, Said, Said][] = [
  ["polygon", "polygon", "polygonShort", "polygon"], ["circle", "circle", "circleShort", "circle"],
  ["ward", "ward", "wardShort", "ward"], ["feature", "feature", "featureShort", "feature"],
];
const PRESETS: [Said, Period][] = [
  ["h24", { last: { amount: 24, unit: "hours" } }], ["d7", { last: { amount: 7, unit: "days" } }], ["d30", { last: { amount: 30, unit: "days" } }],
  ["d90", { last: { amount: 90, unit: "days" } }], ["allTime", null],
];
const MODES: [Mode, Glyph, Said][] = [["ask", "list", "modeAsk"], ["analyse", "chart", "modeAnalyse"], ["compare", "swipe", "modeCompare"]];
const RELATIONS: Relation[] = ["intersects", "inside", "disjoint", "nearest", "reach"];
const BUFFERS_M = [0, 50, 100, 250, 500, 1000, 2000, 5000, 10000];
const SEARCH_PAUSE_MS = 220;
const NEAR_PLACE_M = 500;
const NEAR_LINE_M = 100;

/** What · where · when · with, and what to do with it. */
export class Builder extends IocElement {
  private readonly conditions: Conditions;
  private readonly analyse: AnalyseForm;
  private found: SearchResult[] | null = null;
  private searchTimer = 0;
  private uploading = false;
  private customTime = false;

  constructor(private readonly model: PlanModel) {
    super();
    this.conditions = new Conditions(model);
    this.analyse = new AnalyseForm(model);
    this.uses(model.question, model.answer, model.tool, model.mode, model.comparing.spans, model.past.steps);
  }

  focusSearch(): void {
    this.querySelector<HTMLInputElement>(".place-search")?.focus();
  }

  protected override render(): TemplateResult {
    const { mode, past } = this.model;
    const [back, forth] = past.steps.value;
    return html`<div class="asking-head"><div class="modes" role="group" aria-label=${tell("modes")}>${MODES.map(([one, icon, word], n) => html`<button type="button"
        data-mode=${one} aria-pressed=${String(mode.value === one)} title="${tell(word)} (${n + 1})" @click=${() => (mode.value = one)}>${glyph(icon)}${tell(word)}</button>`)}</div>
      <button type="button" class="icon-button" data-undo ?disabled=${!back} aria-label=${tell("undo")} title="${tell("undo")} (Ctrl+Z)" @click=${() => this.model.turnBack()}>${glyph("undo")}</button>
      <button type="button" class="icon-button" data-redo ?disabled=${!forth} aria-label=${tell("redo")} title="${tell("redo")} (Ctrl+Y)" @click=${() => this.model.turnBack(true)}>${glyph("redo")}</button></div>
      <div class="parts">${this.what()}${this.where()}${mode.value === "compare" ? this.spans() : this.when()}
        <section class="part"><h2>${tell("withWord")}</h2>${this.conditions}</section>
        ${mode.value === "analyse" ? this.analyse : nothing}</div>`;
  }

  private what(): TemplateResult {
    const { model } = this;
    const counts = new Map(model.answer.value?.layers.map((one) => [one.layer, one]) ?? []);
    return html`<section class="part"><h2>${tell("what")}</h2>
      <select class="layer-choice" aria-label=${tell("layer")} .value=${model.question.value.layer} @change=${(event: Event) => model.change({ layer: (event.target as HTMLSelectElement).value })}>
        ${model.catalogue.layers.map((layer) => {
          const count = counts.get(layer.slug)?.count;
          return html`<option value=${layer.slug} ?selected=${layer.slug === model.question.value.layer}>${say(layer.title)}${count ? ` · ${countWords(count)}` : ""}</option>`;
        })}</select></section>`;
  }

  private where(): TemplateResult {
    const { model } = this;
    const { area } = model.question.value;
    return html`<section class="part"><h2>${tell("where")}</h2>
      <div class="tools" role="group" aria-label=${tell("where")}>${TOOLS.map(([tool, icon, short, long]) => html`<button type="button" data-tool=${tool}
          aria-pressed=${String(model.tool.value === tool)} title=${tell(long)} @click=${() => this.pick(tool)}>${glyph(icon)}<span>${tell(short)}</span></button>`)}
        <label class="tool-file" title=${tell("upload")}>${this.uploading ? html`<span class="spinner small"></span>` : glyph("upload")}<span>${tell("uploadShort")}</span>
          <input type="file" class="visually-hidden" aria-label=${tell("upload")} accept=".geojson,.json,.gpkg,.zip,.kml,.kmz,.gpx" @change=${(event: Event) => void this.upload(event.target as HTMLInputElement)}></label></div>
      <div class="place-box">${glyph("search")}<input type="search" class="place-search" placeholder=${tell("searchPlace")} aria-label=${tell("searchPlace")}
        @input=${(event: Event) => this.look((event.target as HTMLInputElement).value)}></div>
      ${this.found ? html`<ul class="place-found">${this.found.length ? this.found.map((one) => html`<li><button type="button" @click=${() => this.take(one)}><b>${one.title}</b><small>${one.subtitle}</small></button></li>`)
        : html`<li class="quiet">${tell("searchNone")}</li>`}</ul>` : nothing}
      ${area ? this.area(area) : html`<p class="area-chip whole">${glyph("map")}<span>${model.areaName()}</span></p>`}</section>`;
  }

  private pick(tool: Tool): void {
    const { model } = this;
    model.tool.value = model.tool.value === tool ? "" : tool;
    if (model.tool.value) model.page.value = "map";
  }

  private area(area: Area): TemplateResult {
    const { model } = this;
    const told = model.answer.value?.area;
    const round = area.geometry?.type === "Point";
    const buffers = [...new Set([...BUFFERS_M.filter((m) => m || !round), area.buffer_m ?? 0])].sort((a, b) => a - b);
    return html`<p class="area-chip">${glyph(area.wards ? "ward" : area.feature ? "feature" : round ? "circle" : "polygon")}
        <span>${model.areaName()}${told?.km2 && model.question.value.relation === "intersects" ? html`<small>${tell("areaKm2", { n: number(told.km2, told.km2 < 10 ? 2 : 1) })}</small>` : nothing}</span>
        <button type="button" class="icon-button tiny" aria-label=${tell("noArea")} title=${tell("noArea")} @click=${() => model.change({ area: null, relation: "intersects" })}>${glyph("x")}</button></p>
      <div class="pair"><label>${tell(round ? "radius" : "buffer")}<select data-buffer @change=${(event: Event) => model.setArea({ ...area, buffer_m: Number((event.target as HTMLSelectElement).value) || undefined })}>
          ${buffers.map((m) => html`<option value=${m} ?selected=${m === (area.buffer_m ?? 0)}>${m ? distance(m) : tell("none")}</option>`)}</select></label>
        <label>${tell("relation")}<select data-relation @change=${(event: Event) => model.change({ relation: (event.target as HTMLSelectElement).value as Relation })}>
          ${RELATIONS.filter((one) => one !== "reach" || model.reaches(model.question.value.layer)).map((one) => html`<option value=${one} ?selected=${one === model.question.value.relation}>${tell(one as Said)}</option>`)}</select></label>
        ${model.question.value.relation === "nearest" ? html`<label>${tell("nearestK")}<input type="number" min="1" max="10000" .value=${String(model.question.value.nearest)}
          @change=${(event: Event) => model.change({ nearest: Math.max(1, Number((event.target as HTMLInputElement).value) || 1) })}></label>` : nothing}</div>`;
  }

  private look(text: string): void {
    clearTimeout(this.searchTimer);
    if (text.trim().length < 2) {
      this.found = null;
      return this.requestUpdate();
    }
    this.searchTimer = setTimeout(async () => {
      try {
        this.found = (await search(text)).slice(0, 8);
      } catch (error) {
        this.model.say(reasonOf(error), "bad");
      }
      this.requestUpdate();
    }, SEARCH_PAUSE_MS);
  }

  private take(one: SearchResult): void {
    this.found = null;
    const box = this.querySelector<HTMLInputElement>(".place-search");
    if (box) box.value = "";
    if (one.layer === "wards" && one.id) this.model.setArea({ wards: [Number(one.id)], label: one.title });
    else if (one.layer && one.id) this.model.setArea({ feature: { layer: one.layer, id: one.id }, buffer_m: NEAR_PLACE_M, label: one.title });
    else this.model.setArea({ geometry: { type: "Point", coordinates: [one.lon, one.lat] }, buffer_m: NEAR_PLACE_M, label: one.title });
  }

  private async upload(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    this.uploading = true;
    this.requestUpdate();
    try {
      const told = await api.upload(file);
      // Nothing lies on a line or a point: what lies near it is asked.
      const thin = !told.geometry.type.endsWith("Polygon");
      this.model.setArea({ geometry: told.geometry, label: tell("uploaded", { name: file.name }), ...(thin ? { buffer_m: NEAR_LINE_M } : {}) });
      const simpler = told.simplified ? `, ${tell("simplified", { n: number(told.vertices_read, 0) })}` : "";
      this.model.say(`${tell("uploadedTold", { n: told.features, crs: told.crs_read })}${simpler}${thin ? `, ${tell("widened", { m: distance(NEAR_LINE_M) })}` : ""}.`, "good");
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
    input.value = "";
    this.uploading = false;
    this.requestUpdate();
  }

  private when(): TemplateResult {
    const { model } = this;
    const { period } = model.question.value;
    const same = (one: Period) => JSON.stringify(one) === JSON.stringify(period);
    const custom = this.customTime || (period !== null && "start" in period);
    const choose = (one: Period) => {
      this.customTime = false;
      model.change({ period: one });
    };
    return html`<section class="part"><h2>${tell("when")}</h2>
      <div class="presets" role="group" aria-label=${tell("when")}>${PRESETS.map(([word, one]) => html`<button type="button" aria-pressed=${String(!custom && same(one))} @click=${() => choose(one)}>${tell(word)}</button>`)}
        <button type="button" aria-pressed=${String(custom)} @click=${() => { this.customTime = !custom; this.requestUpdate(); }}>${tell("custom")}</button></div>
      ${custom ? this.custom(period) : nothing}
      ${model.timed(model.question.value.layer) ? nothing : html`<p class="hint">${tell("noTime")}</p>`}</section>`;
  }

  private custom(period: Period): TemplateResult {
    const held = period && "start" in period ? period : { start: "", end: "" };
    const put = (name: "start" | "end", value: string) => {
      const next = { ...held, [name]: value };
      if (next.start && next.end && next.start <= next.end) this.model.change({ period: next });
    };
    return html`<div class="pair"><label>${tell("from")}<input type="date" .value=${held.start.slice(0, 10)} @change=${(event: Event) => put("start", (event.target as HTMLInputElement).value)}></label>
      <label>${tell("to")}<input type="date" .value=${held.end.slice(0, 10)} @change=${(event: Event) => put("end", (event.target as HTMLInputElement).value)}></label></div>
      ${held.start.length > 10 ? html`<p class="hint">${day(held.start)} – ${day(held.end)}</p>` : nothing}`;
  }

  private spans(): TemplateResult {
    const { comparing } = this.model;
    const spans = comparing.spans.value ?? [{ start: "", end: "" }, { start: "", end: "" }];
    const put = (at: 0 | 1, name: "start" | "end", value: string) => {
      const next = spans.map((span, n) => (n === at ? { ...span, [name]: value } : span)) as typeof spans;
      if (value && next[at]!.start <= next[at]!.end) comparing.spans.value = next as [typeof next[0] & object, typeof next[1] & object];
    };
    const side = (at: 0 | 1, word: Said) => html`<fieldset class="span-${at}"><legend>${tell(word)}</legend>
      <input type="date" aria-label="${tell(word)}: ${tell("from")}" .value=${spans[at]!.start} @change=${(event: Event) => put(at, "start", (event.target as HTMLInputElement).value)}>
      <input type="date" aria-label="${tell(word)}: ${tell("to")}" .value=${spans[at]!.end} @change=${(event: Event) => put(at, "end", (event.target as HTMLInputElement).value)}></fieldset>`;
    return html`<section class="part"><h2>${tell("when")}</h2><div class="spans">${side(0, "first")}${side(1, "second")}</div>
      <div class="presets">${[7, 28, 90].map((n) => html`<button type="button" @click=${() => comparing.preset(n)}>${tell("compareLast", { n })}</button>`)}</div></section>`;
  }
}

customElements.define("ioc-plan-builder", Builder);
