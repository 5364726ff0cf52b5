import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { day, number } from "../i18n/format";
import type { Span, Times } from "./contract";
import { Exports } from "./exports";
import { Histogram } from "./histogram";
import { glyph } from "./icons";
import { countWords, type PlanModel } from "./model";
import type { PlanStage } from "./stage";
import { COLORS } from "./swipelayer";
import { tell } from "./words";

const DAY_MS = 86_400_000;
/** Below so many in both periods a change says nothing. */
const LEAST_EVENTS = 10;

/** One question in two periods: the counts, what changed, the days of each. */
export class ComparePart extends IocElement {
  private readonly charts = [new Histogram(() => tell("first"), null), new Histogram(() => tell("second"), null)] as const;
  private readonly exports: Exports;

  constructor(private readonly model: PlanModel, stage: PlanStage) {
    super();
    this.exports = new Exports(model, stage);
    const { comparing } = model;
    this.uses(comparing.sides, comparing.asking, comparing.problem, comparing.spans, model.question);
  }

  protected override render(): TemplateResult {
    const { comparing } = this.model;
    return html`<header class="answer-head"><h2>${tell("modeCompare")}</h2><span class="asking ${comparing.asking.value ? "on" : ""}" role="status">${comparing.asking.value ? html`<span class="spinner small"></span>${tell("asking")}` : nothing}</span>${this.exports}</header>
      <div class="answer-body">${comparing.problem.value ? html`<div class="advice" role="alert">${glyph("warning")}<div><b>${tell("tooSlow")}</b><p>${comparing.problem.value}</p></div></div>` : this.sides()}</div>`;
  }

  private sides(): TemplateResult {
    const { comparing, focus } = this.model;
    const sides = comparing.sides.value;
    const spans = comparing.spans.value;
    if (!sides || !spans) return html`<p class="skeleton" aria-hidden="true"></p>`;
    const counts = sides.map((side) => side.answer?.count?.value ?? 0) as [number, number];
    const rates = counts.map((count, at) => count / days(spans[at]!)) as [number, number];
    const few = counts[0] + counts[1] < LEAST_EVENTS;
    const change = few ? null : rates[0] ? (rates[1] / rates[0] - 1) * 100 : null;
    return html`<p class="sentence">${say(focus.title)} · ${this.model.areaName()}</p>
      <div class="versus">${sides.map((side, at) => html`<div class="side-${at}"><h3><em style="--tint:${COLORS[at]}"></em>${tell(at ? "second" : "first")}</h3><strong>${side.answer?.count ? countWords(side.answer.count) : "–"}</strong>
        <small>${day(spans[at]!.start)} – ${day(dayBefore(spans[at]!.end))}</small><small>${tell("perDay", { n: number(rates[at], 2) })}</small></div>`)}</div>
      <p class="change ${change === null ? "" : change > 0 ? "is-up" : "is-down"}"><b>${change === null ? "–" : `${change > 0 ? "+" : change < 0 ? "−" : ""}${number(Math.abs(change), 1)} %`}</b> ${tell("change")}, ${tell("perDay", { n: "" }).trim()}</p>
      <p class="hint">${few ? tell("tooFewToCompare", { n: LEAST_EVENTS }) : tell("notCause")}</p>
      ${this.charts.map((chart, at) => this.chart(chart, at, sides[at]!.answer?.time ?? null))}
      <p class="hint">${tell("compareHint")} ${sides.some((side) => side.more) ? tell("moreThan", { n: number(2000, 0) }) : ""}</p>`;
  }

  private chart(chart: Histogram, at: number, times: Times | null): TemplateResult | typeof nothing {
    if (!times?.start || times.counts.length < 2) return nothing;
    chart.show({ times, color: COLORS[at]!, name: "" });
    return html`<section class="block"><h3><em style="--tint:${COLORS[at]}"></em>${tell(at ? "second" : "first")}</h3>${chart}</section>`;
  }
}

function days(span: Span): number {
  return Math.max(1, Math.round((Date.parse(span.end) - Date.parse(span.start)) / DAY_MS));
}

/** A period ends as its last day does: that is the day to name. */
function dayBefore(end: string): string {
  return new Date(Date.parse(end) - DAY_MS).toISOString().slice(0, 10);
}

customElements.define("ioc-plan-compare", ComparePart);
