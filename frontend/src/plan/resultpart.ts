import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { theme } from "../common/prefs";
import { say } from "../i18n";
import { dateTime, number } from "../i18n/format";
import { numbersOf } from "./analyseform";
import { bins, sequential, type Method } from "./colors";
import type { Result, Run } from "./contract";
import { Exports } from "./exports";
import { glyph } from "./icons";
import { besideOf, colorOf, kindWords, many, nameOf, valueOf } from "./looks";
import type { PlanModel } from "./model";
import type { Scale } from "./runs";
import type { PlanStage } from "./stage";
import { hasWord, tell, wordOf, type Said } from "./words";

const ROWS_SHOWN = 80;
const BINS = 28;
const METHODS: [Method, Said][] = [["quantile", "quantile"], ["natural", "natural"], ["custom", "customLimits"]];
const OWN_NAME = new Set(["cluster", "ring", "site"]);

/** What an analysis found: figures, legend, chart and table, all tied to the map; and how. */
export class ResultPart extends IocElement {
  private readonly exports: Exports;
  private shown = ROWS_SHOWN;

  constructor(private readonly model: PlanModel, stage: PlanStage, private readonly save: () => void) {
    super();
    this.exports = new Exports(model, stage);
    const { runs } = model;
    this.uses(runs.run, runs.results, runs.loading, runs.hovered, runs.chosen, runs.kind, runs.scale, runs.methods, runs.analyses, theme);
    runs.run.on(() => (this.shown = ROWS_SHOWN));
    runs.chosen.on((rank) => rank && void this.updateComplete.then(() => this.querySelector(".is-chosen")?.scrollIntoView({ block: "nearest" })));
  }

  protected override render(): TemplateResult {
    const { runs } = this.model;
    const run = runs.run.value;
    if (!run) return html``;
    const title = runs.analysis?.name || say(runs.methods.value.find((one) => one.slug === run.method)?.title) || run.method;
    return html`<header class="answer-head"><button type="button" class="icon-button" aria-label=${tell("backToAsk")} title=${tell("backToAsk")} @click=${() => runs.clear()}>${glyph("left")}</button>
        <h2 title=${title}>${title}</h2>
        ${run.state === "done" ? html`${run.mine ? html`<button type="button" class="button small primary" data-save @click=${this.save}>${glyph("save")}${tell("save")}</button>` : nothing}${this.exports}` : nothing}</header>
      <div class="answer-body">${run.figures.in_words ? html`<p class="sentence">${say(run.figures.in_words)}${run.synthetic ? html` <span class="tag dashed" title=${tell("syntheticHint")}>${tell("synthetic")}</span>` : nothing}</p>` : nothing}${this.state(run)}</div>`;
  }

  private state(run: Run): TemplateResult {
    const { runs } = this.model;
    if (run.state === "queued" || run.state === "running") {
      return html`<div class="progress" role="status"><p><b>${tell(run.state)}</b><span>${number(run.progress * 100, 0)} %</span></p>
        <progress max="1" .value=${run.progress} aria-label=${tell("running")}></progress><button type="button" class="button small" @click=${() => void runs.stop()}>${glyph("stop")}${tell("stop")}</button></div>`;
    }
    if (run.state !== "done") {
      return html`<div class="advice" role="alert">${glyph("warning")}<div><b>${tell(run.state === "failed" ? "failedRun" : "cancelled")}</b><p>${say(run.problem)}</p></div></div>${this.about(run)}`;
    }
    const results = runs.results.value;
    if (runs.loading.value && !results.length) return html`<p class="skeleton" aria-hidden="true"></p>`;
    return html`${this.numbers(run)}${results.length ? html`${this.legend(run)}${this.table(results)}${this.wards(run)}`
      : html`<div class="nothing"><b>${tell("nothingFound")}</b><p>${tell("nothingFoundWhy")}</p></div>`}${this.about(run)}`;
  }

  private numbers(run: Run): TemplateResult {
    const skip = new Set(["features", "rate", "proved"]);
    const said = Object.entries(run.figures).filter(([key, value]) => typeof value === "number" && !skip.has(key) && hasWord(key));
    return html`<dl class="numbers">${said.slice(0, 6).map(([key, value]) => html`<div><dd>${number(value, Math.abs(value as number) < 10 ? 2 : 0)}</dd><dt>${wordOf(key).toLowerCase()}</dt></div>`)}</dl>
      ${((run.figures.notes ?? []) as { vi: string; en: string }[]).map((note) => html`<p class="hint">${say(note)}</p>`)}`;
  }

  private legend(run: Run): TemplateResult {
    const { runs } = this.model;
    const scale = runs.scale.value;
    const values = runs.values();
    return html`<section class="block"><h3>${tell("legend")}</h3>
      ${values.length > 4 ? html`<div class="presets" role="group" aria-label=${tell("colorBy")}>${(["kind", "value"] as const).map((by) => html`<button type="button" data-by=${by} aria-pressed=${String(scale.by === by)}
        @click=${() => runs.rescale({ by })}>${tell(by === "kind" ? "byKind" : "byValue")}</button>`)}</div>` : nothing}
      ${scale.by === "kind" ? (run.method === "bivariate" ? this.square(run) : this.kinds()) : this.classes(scale, values, run)}</section>`;
  }

  /** Bars of kinds: pointing at one shows it alone on the map and in the table. */
  private kinds(): TemplateResult {
    const { runs } = this.model;
    const groups = new Map<string, { name: string; color: string; count: number; key: string; rank: number }>();
    for (const one of runs.results.value) {
      const { kind, rank } = one.properties;
      const own = OWN_NAME.has(kind);
      const key = own ? `${kind}/${rank}` : kind;
      const held = groups.get(key);
      if (held) held.count++;
      else groups.set(key, { key: own ? "" : kind, name: own ? nameOf(one) : kindWords(runs, kind), color: colorOf(runs, one), count: own ? Number(one.properties.facts?.events ?? one.properties.facts?.share ?? 1) : 1, rank: own ? rank : 0 });
    }
    const listed = [...groups.values()].sort((a, b) => a.rank - b.rank || stepOf(b.key) - stepOf(a.key) || b.count - a.count).slice(0, 10);
    const most = Math.max(...listed.map((one) => one.count), 1);
    return html`<ul class="bars kinds">${listed.map((one) => html`<li class=${one.rank && (one.rank === runs.hovered.value || one.rank === runs.chosen.value) ? "is-lit" : ""}><button type="button" aria-pressed=${String(one.key !== "" && runs.kind.value === one.key)}
      @mouseenter=${() => one.rank && (runs.hovered.value = one.rank)} @mouseleave=${() => one.rank && (runs.hovered.value = 0)}
      @click=${() => (one.rank ? (runs.chosen.value = one.rank) : (runs.kind.value = runs.kind.value === one.key ? "" : one.key))}>
      <span><em style="--tint:${one.color}"></em>${one.name}</span><i style="--share:${(one.count / most) * 100}%;--tint:${one.color}"></i><b>${one.rank && one.count <= 1 ? (one.count < 1 ? `${number(one.count * 100, 0)} %` : "") : number(one.count, 0)}</b></button></li>`)}</ul>`;
  }

  /** Two values at once: across the first layer, upwards the second. */
  private square(run: Run): TemplateResult {
    const { runs } = this.model;
    const found = new Map(runs.results.value.map((one) => [one.properties.kind, colorOf(runs, one)]));
    const side = many(runs);
    const steps = Array.from({ length: side }, (_, n) => n + 1);
    return html`<div class="square" style="--side:${side}" aria-hidden="true">${[...steps].reverse().map((b) => steps.map((a) => html`<i style="--tint:${found.get(`pair-${a}-${b}`) ?? "var(--raised)"}"></i>`))}</div>
      <p class="square-words"><span>${this.layerName(run.asked.against?.layer)} ↖</span><span>↗ ${this.layerName(run.asked.layer)}</span></p>`;
  }

  private layerName(slug: string): string {
    return say(this.model.layer(slug)?.title) || slug;
  }

  private classes(scale: Scale, values: number[], run: Run): TemplateResult {
    const { runs } = this.model;
    const { edges, counts } = bins(values, BINS);
    const most = Math.max(...counts, 1);
    const low = edges[0]!;
    const span = edges.at(-1)! - low || 1;
    const colors = sequential(scale.limits.length + 1);
    const lit = runs.results.value.find((one) => one.properties.rank === (runs.hovered.value || runs.chosen.value))?.properties.value;
    const digits = span < 10 ? 2 : 0;
    const limits = [low, ...scale.limits, edges.at(-1)!];
    return html`<div class="pair"><label>${tell("classes")}<select data-scheme @change=${(event: Event) => runs.rescale({ method: (event.target as HTMLSelectElement).value as Method })}>
        ${METHODS.map(([one, word]) => html`<option value=${one} ?selected=${one === scale.method}>${tell(word)}</option>`)}</select></label>
      <label>${tell("howMany")}<select ?disabled=${scale.method === "custom"} @change=${(event: Event) => runs.rescale({ count: Number((event.target as HTMLSelectElement).value) })}>${[3, 4, 5, 6, 7].map((n) => html`<option ?selected=${n === scale.count}>${n}</option>`)}</select></label></div>
      ${scale.method === "custom" ? html`<label class="row-field"><span>${tell("limits")}</span><input data-limits .value=${scale.limits.map((one) => number(one, 2)).join("; ")} @change=${(event: Event) => runs.rescale({ limits: numbersOf((event.target as HTMLInputElement).value).slice(0, 6) })}></label>` : nothing}
      <svg class="spread" viewBox="0 0 ${BINS * 10} 70" preserveAspectRatio="none" role="img" aria-label=${tell("histogram")}>
        ${counts.map((n, at) => { const middle = (edges[at]! + edges[at + 1]!) / 2; const of = scale.limits.filter((one) => middle >= one).length;
          return svgBar(at, (n / most) * 62, colors[of]!, lit !== undefined && lit !== null && lit >= edges[at]! && lit <= edges[at + 1]!); })}
        ${scale.limits.map((one) => svgLine(((one - low) / span) * BINS * 10))}</svg>
      <ul class="class-list">${colors.map((color, n) => html`<li><em style="--tint:${color}"></em>${number(limits[n], digits)} – ${number(limits[n + 1], digits)}${run.figures.unit ? html` <small>${run.figures.unit}</small>` : nothing}</li>`)}</ul>`;
  }

  private table(results: Result[]): TemplateResult {
    const { runs } = this.model;
    const listed = runs.kind.value ? results.filter((one) => one.properties.kind === runs.kind.value) : results;
    const tested = listed.some((one) => one.properties.q !== null);
    return html`<section class="block"><h3>${tell("tableOf")}<small>${number(listed.length, 0)}</small></h3><div class="table-box"><table><thead><tr><th class="num">${tell("rank")}</th><th>${tell("name")}</th><th class="num">${tell("valueCol")}</th>${tested ? html`<th class="num">q</th>` : nothing}</tr></thead>
      <tbody @mouseleave=${() => (runs.hovered.value = 0)}>${listed.slice(0, this.shown).map((one) => this.row(one, tested))}</tbody></table></div>
      ${listed.length > this.shown ? html`<button type="button" class="link" @click=${() => { this.shown += ROWS_SHOWN; this.requestUpdate(); }}>${tell("more")}</button>` : nothing}</section>`;
  }

  /** Coverage also tells each ward's median distance, the farthest first. */
  private wards(run: Run): TemplateResult | typeof nothing {
    const rows = run.figures.wards as { ward: string; places: number; median_m: number }[] | undefined;
    if (!rows?.length) return nothing;
    return html`<section class="block"><h3>${tell("byWard")}</h3><div class="table-box"><table><thead><tr><th>${tell("name")}</th><th class="num">${wordOf("places")}</th><th class="num">${wordOf("median_m")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><td>${row.ward}</td><td class="num">${number(row.places, 0)}</td><td class="num">${number(row.median_m, 0)}</td></tr>`)}</tbody></table></div></section>`;
  }

  private row(one: Result, tested: boolean): TemplateResult {
    const { runs } = this.model;
    const { rank, q } = one.properties;
    const beside = besideOf(runs, one);
    return html`<tr class="${rank === runs.hovered.value ? "is-lit" : ""} ${rank === runs.chosen.value ? "is-chosen" : ""}" @mouseenter=${() => (runs.hovered.value = rank)}>
      <td class="num">${rank}</td><td><button type="button" @focus=${() => (runs.hovered.value = rank)} @click=${() => (runs.chosen.value = rank)}><em style="--tint:${colorOf(runs, one)}"></em>${nameOf(one)}</button>${beside ? html`<small>${beside}</small>` : nothing}</td>
      <td class="num">${valueOf(one)}</td>${tested ? html`<td class="num">${q === null ? "–" : q < 0.001 ? `< ${number(0.001, 3)}` : number(q, 3)}</td>` : nothing}</tr>`;
  }

  /** How it was made: one click away, and on paper. */
  private about(run: Run): TemplateResult {
    const method = this.model.runs.methods.value.find((one) => one.slug === run.method);
    if (!method) return html``;
    const value = (name: string, held: unknown) => {
      const options = method.parameters.find((one) => one.name === name)?.options ?? {};
      return typeof held === "string" && options[held] ? say(options[held]) : Array.isArray(held) ? held.join("; ") : typeof held === "number" ? number(held, 4) : String(held ?? "–");
    };
    return html`<details class="about"><summary>${glyph("book")}${tell("about")}</summary><p>${say(method.explanation)}</p>
      <dl>${method.parameters.map((one) => html`<div><dt>${say(one.title)}</dt><dd>${value(one.name, run.parameters[one.name] ?? one.default)} ${one.unit}</dd></div>`)}</dl>
      ${method.caveats.length ? html`<h4>${tell("caveats")}</h4><ul>${method.caveats.map((one) => html`<li>${say(one)}</li>`)}</ul>` : nothing}
      ${method.references.length ? html`<h4>${tell("references")}</h4><ul class="references">${method.references.map((one) => html`<li>${one}</li>`)}</ul>` : nothing}
      <p class="hint">${run.data_at ? `${tell("dataAt", { at: dateTime(run.data_at) })} · ` : ""}${run.ended_at ? tell("computedAt", { at: dateTime(run.ended_at) }) : ""}${run.code_version ? ` · ${tell("code", { v: run.code_version })}` : ""}</p></details>`;
  }
}

/** The number in the name of a class or a band. */
function stepOf(kind: string): number {
  return Number(/^(?:class|band)-(\d+)$/.exec(kind)?.[1] ?? 0);
}

function svgBar(at: number, high: number, color: string, lit: boolean): SVGTemplateResult {
  return svg`<rect class=${lit ? "is-lit" : ""} x=${at * 10 + 0.6} y=${68 - high} width="8.8" height=${high} fill=${color}></rect>`;
}

function svgLine(x: number): SVGTemplateResult {
  return svg`<line x1=${x} x2=${x} y1="0" y2="70"></line>`;
}

customElements.define("ioc-plan-result", ResultPart);
