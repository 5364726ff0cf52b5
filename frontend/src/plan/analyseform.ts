import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { lang, say } from "../i18n";
import { dateTime, number } from "../i18n/format";
import type { Found, Parameter } from "./contract";
import { glyph } from "./icons";
import type { PlanModel } from "./model";
import { tell, type Said } from "./words";

/** Edge lengths of H3 hexagons. Source: h3geo.org, table of cell statistics. */
const CELLS: [number, number, string][] = [[7, 1.4, "km"], [8, 0.53, "km"], [9, 0.2, "km"], [10, 76, "m"]];
const SLICES = ["day", "week", "month"] as const;
const SHOWN_AT_ONCE = 3;
const DAY_S = 86_400;
/** What a city's planner often begins with, where a method has no value of its own. */
const EXAMPLES: Record<string, number> = { bandwidth_m: 500, cell_m: 100, eps_m: 300, eps_s: 7 * DAY_S };

/** Which method, with its parameters as a form; what is missing is asked for, the rest has a value. */
export class AnalyseForm extends IocElement {
  constructor(private readonly model: PlanModel) {
    super();
    const { runs } = model;
    this.uses(runs.methods, runs.method, runs.parameters, runs.extra, runs.refused, runs.loading, runs.run, runs.holders, model.question);
  }

  protected override render(): TemplateResult {
    const { runs } = this.model;
    const method = runs.chosenMethod;
    if (!method) return html`<p class="hint" role="status">${tell("loading")}</p>`;
    const suits = method.layer_kind === "grid" ? this.model.focus.holds_figures : this.model.focus.geometry === "point";
    const missing = method.parameters.some((one) => one.required && runs.parameters.value[one.name] === undefined) || this.lacks();
    const busy = runs.run.value?.state === "queued" || runs.run.value?.state === "running" || runs.loading.value;
    const needed = method.parameters.filter((one) => one.required);
    const others = method.parameters.filter((one) => !one.required);
    const first = others.slice(0, Math.max(0, SHOWN_AT_ONCE - needed.length));
    const rest = others.slice(first.length);
    return html`<section class="part analyse"><h2>${tell("method")}</h2>
      <select class="method-choice" aria-label=${tell("method")} @change=${(event: Event) => runs.choose((event.target as HTMLSelectElement).value)}>
        ${runs.methods.value.map((one) => html`<option value=${one.slug} ?selected=${one === method}>${say(one.title)}</option>`)}</select>
      <p class="method-words" title=${say(method.explanation)}>${say(method.explanation)}</p>
      <form @submit=${(event: Event) => { event.preventDefault(); void runs.start(); }}>
        ${this.asks(method.asks)}${[...needed, ...first].map((one) => this.parameter(one))}
        ${rest.length ? html`<details><summary>${tell("advanced")} (${rest.length})</summary>${rest.map((one) => this.parameter(one))}</details>` : nothing}
        ${suits ? nothing : this.unsuited(method.layer_kind)}
        ${runs.refused.value ? html`<p class="refused" role="alert">${glyph("warning")}${runs.refused.value}</p>` : nothing}
        <button type="submit" class="button primary run-button" ?disabled=${!suits || missing || busy}>${glyph("play")}${tell("run")}</button></form></section>`;
  }

  /** Which layers the method could look at instead; pressing one asks about it. */
  private unsuited(kind: "point" | "grid"): TemplateResult {
    const { model } = this;
    if (kind === "point") return html`<p class="refused" role="alert">${glyph("warning")}${tell("needsPoints")}</p>`;
    const fit = model.catalogue.layers.filter((layer) => layer.holds_figures);
    return html`<p class="refused" role="alert">${glyph("warning")}${tell("needsGrid", { layers: fit.map((layer) => say(layer.title)).join(", ") || "–" })}</p>
      <div class="presets">${fit.map((layer) => html`<button type="button" @click=${() => model.change({ layer: layer.slug })}>${say(layer.title)}</button>`)}</div>`;
  }

  private lacks(): boolean {
    const { runs } = this.model;
    return (runs.chosenMethod?.asks ?? []).some((ask) => ["against", "zones", "before", "after"].includes(ask) && !runs.extra.value[ask]);
  }

  private asks(asks: string[]): TemplateResult[] {
    const { runs } = this.model;
    const { extra } = runs;
    return asks.map((ask) => {
      const name = ask.replace("?", "");
      if (name === "resolution") return html`<label class="row-field"><span>${tell("resolution")}</span><select data-ask="resolution" @change=${(event: Event) => runs.more("resolution", Number((event.target as HTMLSelectElement).value))}>
        ${CELLS.map(([res, edge, unit]) => html`<option value=${res} ?selected=${res === (extra.value.resolution ?? 8)}>${number(edge, 2)} ${unit}</option>`)}</select></label>`;
      if (name === "slice") return html`<label class="row-field"><span>${tell("slice")}</span><select data-ask="slice" @change=${(event: Event) => runs.more("slice", (event.target as HTMLSelectElement).value)}>
        ${SLICES.map((one) => html`<option value=${one} ?selected=${one === (extra.value.slice ?? "week")}>${tell(`slice_${one}` as Said)}</option>`)}</select></label>`;
      if (name === "against" || name === "denominator" || name === "candidates" || name === "zones") return this.layerAsk(name, ask.endsWith("?"));
      if (name === "feature") return this.holderAsk();
      if (name === "before" || name === "after") return this.spanAsk(name);
      return html``;
    });
  }

  private layerAsk(name: "against" | "denominator" | "candidates" | "zones", optional: boolean): TemplateResult {
    const { runs } = this.model;
    const chosen = runs.extra.value[name]?.layer ?? "";
    const choices = name === "zones" ? this.model.catalogue.layers.filter((layer) => layer.geometry === "polygon" && !layer.urls.raster) : this.model.points;
    const empty = name === "candidates" ? tell("cells") : optional ? tell("none") : "–";
    return html`<label class="row-field"><span>${tell(name)}${optional ? nothing : html` <em>${tell("required")}</em>`}</span><select data-ask=${name}
      @change=${(event: Event) => { const layer = (event.target as HTMLSelectElement).value; runs.more(name, layer ? { layer } : null); }}>
      <option value="">${empty}</option>${choices.map((layer) => html`<option value=${layer.slug} ?selected=${layer.slug === chosen}>${say(layer.title)}</option>`)}</select></label>`;
  }

  /** Which feature's figures: of flood zones the one that was computed last, or another. */
  private holderAsk(): TemplateResult {
    const { runs, focus } = this.model;
    if (!focus.holds_figures) return html``;
    queueMicrotask(() => void runs.loadHolders(focus.slug));
    const { found } = runs.holders.value;
    if (found.length < 2) return html``;
    const named = (one: Found): string => {
      const { properties } = one;
      const own = properties[focus.title_field.replace(/_vi$/, `_${lang.value}`)] ?? properties[focus.title_field] ?? one.id;
      const at = properties[focus.time_field];
      return typeof at === "string" ? `${own} · ${dateTime(at)}` : String(own);
    };
    return html`<label class="row-field"><span>${tell("holder")}</span><select data-ask="feature" @change=${(event: Event) => runs.more("feature", Number((event.target as HTMLSelectElement).value) || null)}>
      <option value="">${tell("newest")}</option>${found.map((one) => html`<option value=${one.id} ?selected=${Number(one.id) === runs.extra.value.feature}>${named(one)}</option>`)}</select></label>`;
  }

  private spanAsk(name: "before" | "after"): TemplateResult {
    const { runs } = this.model;
    const held = runs.extra.value[name] ?? { start: "", end: "" };
    const put = (part: "start" | "end", value: string) => {
      const next = { ...held, [part]: value };
      runs.more(name, next.start || next.end ? next : null);
    };
    return html`<fieldset class="span-ask"><legend>${tell(name)}</legend><input type="date" required aria-label="${tell(name)}: ${tell("from")}" .value=${held.start} @change=${(event: Event) => put("start", (event.target as HTMLInputElement).value)}>
      <input type="date" required aria-label="${tell(name)}: ${tell("to")}" .value=${held.end} @change=${(event: Event) => put("end", (event.target as HTMLInputElement).value)}></fieldset>`;
  }

  private parameter(one: Parameter): TemplateResult {
    const { runs } = this.model;
    const held = runs.parameters.value[one.name];
    const label = html`<span>${say(one.title)}${one.unit ? ` (${one.unit})` : ""}${one.required ? html` <em>${tell("required")}</em>` : nothing}</span>`;
    const why = say(one.explanation);
    if (one.kind === "choice") {
      return html`<label class="row-field" title=${why}>${label}<select data-parameter=${one.name} @change=${(event: Event) => runs.set(one.name, (event.target as HTMLSelectElement).value)}>
        ${Object.entries(one.options).map(([key, text]) => html`<option value=${key} ?selected=${key === (held ?? one.default)}>${say(text)}</option>`)}</select></label><p class="why">${why}</p>`;
    }
    if (one.kind === "flag") {
      return html`<label class="row-field tick" title=${why}><input type="checkbox" .checked=${Boolean(held ?? one.default)} @change=${(event: Event) => runs.set(one.name, (event.target as HTMLInputElement).checked)}>${label}</label>`;
    }
    if (one.kind === "numbers") {
      const shown = ((held ?? one.default ?? []) as number[]).join("; ");
      return html`<label class="row-field">${label}<input data-parameter=${one.name} inputmode="decimal" .value=${shown} @change=${(event: Event) => runs.set(one.name, numbersOf((event.target as HTMLInputElement).value))}></label><p class="why">${why}</p>`;
    }
    return html`<label class="row-field">${label}<input type="number" data-parameter=${one.name} step=${one.kind === "integer" ? "1" : "any"} min=${one.low ?? nothing} max=${one.high ?? nothing} ?required=${one.required} placeholder=${one.required && EXAMPLES[one.name] ? tell("example", { n: number(EXAMPLES[one.name]!, 0) }) : nothing}
      .value=${held === undefined ? (one.default === null ? "" : String(one.default)) : String(held)}
      @change=${(event: Event) => { const { value } = event.target as HTMLInputElement; runs.set(one.name, value === "" ? null : Number(value)); }}></label><p class="why">${why}${one.unit === "s" && Number(held) >= DAY_S ? html` <b>${tell("inDays", { n: number(Number(held) / DAY_S, 1) })}</b>` : nothing}</p>`;
  }
}

/** Numbers parted by semicolons or spaces, a decimal comma allowed. */
export function numbersOf(text: string): number[] {
  return text.split(/[;\s]+/).filter(Boolean).map((part) => Number(part.replace(",", "."))).filter(Number.isFinite).sort((a, b) => a - b);
}

customElements.define("ioc-plan-analyse", AnalyseForm);
