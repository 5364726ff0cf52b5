import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { dateTime, number } from "../i18n/format";
import type { By, Found, LayerAnswer } from "./contract";
import { Exports } from "./exports";
import { Histogram } from "./histogram";
import { glyph } from "./icons";
import { countWords, type PlanModel } from "./model";
import type { PlanStage } from "./stage";
import { tell } from "./words";

const BY_SHOWN = 2;
const LIST_SHOWN = 60;

/** The answer that follows the hand: the figure, its choices, its days, a list, and every layer. */
export class AnswerPart extends IocElement {
  private readonly histogram: Histogram;
  private readonly exports: Exports;
  private shown = LIST_SHOWN;

  constructor(private readonly model: PlanModel, private readonly stage: PlanStage) {
    super();
    this.histogram = new Histogram(() => tell("overTime"), (start, end) => model.change({ period: { start, end } }));
    this.exports = new Exports(model, stage);
    this.uses(model.answer, model.detail, model.asking, model.problem, model.detailProblem, model.pointed, model.question);
    model.question.on(() => (this.shown = LIST_SHOWN));
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const told = model.focusAnswer;
    const problem = model.problem.value || told?.error?.message;
    return html`<header class="answer-head"><h2>${tell("answer")}</h2>
        <span class="asking ${model.asking.value ? "on" : ""}" role="status">${model.asking.value ? html`<span class="spinner small"></span>${tell("asking")}` : this.cost()}</span>${this.exports}</header>
      <div class="answer-body">
        <p class="sentence">${this.sentence(told)}</p>
        ${problem ? html`${this.advice(problem)}${this.layers()}` : told ? this.figures(told) : html`<p class="skeleton" aria-hidden="true"></p>`}</div>`;
  }

  /** The server's words of the settled question; while the hand draws, of the answer. */
  private sentence(told: LayerAnswer | null): string {
    const { model } = this;
    const detail = model.detail.value;
    if (detail?.layer === model.question.value.layer && !model.draft.value) return say(detail.in_words);
    return told ? say(told.in_words) : say(model.focus.title);
  }

  private cost(): TemplateResult {
    const { answer, detail } = this.model;
    if (!answer.value) return html``;
    const rows = detail.value && !this.model.draft.value ? tell("cost", { n: number(detail.value.expected_rows, 0) }) : "";
    return html`<span class="quiet" title=${rows}>${tell("tookMs", { n: number(answer.value.took_ms, 0) })}${rows ? ` · ${rows}` : ""}</span>`;
  }

  private advice(words: string): TemplateResult {
    return html`<div class="advice" role="alert">${glyph("warning")}<div><b>${tell("tooSlow")}</b><p>${words}</p>
      <button type="button" class="link" @click=${() => this.model.ask()}>${tell("retry")}</button></div></div>`;
  }

  private figures(told: LayerAnswer): TemplateResult {
    const { model } = this;
    const count = told.count!;
    const kind = count.kind === "estimated" ? tell("estimated", { n: number(count.margin ?? 0, 0) }) : count.kind === "exact" ? tell("exact") : tell("atLeast");
    const density = told.density_per_km2;
    return html`<div class="figure"><strong>${countWords(count)}</strong><span>${say(told.title)}<small>${kind}${density !== null && density !== undefined && model.asked.area && model.asked.relation === "intersects"
        ? html` · ${tell("density", { n: number(density, density < 10 ? 2 : 0) })}` : nothing}</small></span></div>
      ${count.value ? html`${this.time(told)}${this.layers()}${(told.by ?? []).filter((by) => by.values.length).slice(0, BY_SHOWN).map((by) => this.by(by, count.value))}${this.list()}`
        : html`<div class="nothing"><b>${tell("emptyHere")}</b><p>${tell("emptyWhy")}</p></div>${this.layers()}`}`;
  }

  private time(told: LayerAnswer): TemplateResult | typeof nothing {
    const { time } = told;
    if (!time?.start || time.counts.length < 2) return nothing;
    this.histogram.show({ times: time, color: this.model.focus.style.color, name: say(told.title) });
    return html`<section class="block"><h3>${tell("overTime")}<small><span class="screen-only">${tell("brushHint")}</span>${time.without ? ` ${tell("timeless", { n: time.without })}.` : ""}</small></h3>${this.histogram}</section>`;
  }

  /** Counts by choice; pressing one asks for it alone. */
  private by(by: By, total: number): TemplateResult {
    const most = Math.max(...by.values.map((one) => one.count), 1);
    const bar = (title: string, count: number, color: string, act: (() => void) | null) => html`<li><button type="button" ?disabled=${!act} title=${act ? tell("filterBy", { what: title }) : title} @click=${act ?? nothing}>
      <span>${title}</span><i style="--share:${(count / most) * 100}%;--tint:${color || "var(--accent)"}"></i><b>${number(count, 0)}</b><small>${number((count / total) * 100, 0)}%</small></button></li>`;
    return html`<section class="block"><h3>${say(by.title)}</h3><ul class="bars">${by.values.slice(0, 8).map((one) =>
      bar(one.title ? say(one.title) : one.value === "true" ? tell("yes") : one.value === "false" ? tell("no") : (one.value ?? "–"), one.count, one.color, one.value === null ? null : () => this.only(by.field, one.value!)))}
      ${by.rest ? bar(tell("rest"), by.rest, "var(--line-strong)", null) : nothing}</ul></section>`;
  }

  private only(field: string, value: string): void {
    const { model } = this;
    const bool = model.focus.fields.find((one) => one.name === field)?.type === "bool";
    const others = model.terms().filter((term) => term.field !== field);
    model.setTerms([...others, { op: "=", field, value: bool ? value === "true" : value }]);
  }

  private list(): TemplateResult {
    const { model } = this;
    if (model.detailProblem.value) return this.advice(model.detailProblem.value);
    const { listed } = model;
    const next = model.draft.value ? null : model.detail.value?.next;
    const some = listed.slice(0, this.shown);
    return html`<section class="block screen-only"><h3>${tell("list")}<small>${next ? tell("listed", { n: number(listed.length, 0) }) : number(listed.length, 0)}</small></h3>
      <ul class="found">${some.map((one) => this.row(one))}</ul>
      ${some.length < listed.length || next ? html`<button type="button" class="link" @click=${() => this.more()}>${tell("more")}</button>` : nothing}</section>`;
  }

  private more(): void {
    this.shown += LIST_SHOWN;
    if (this.shown > (this.model.detail.value?.features.length ?? 0)) void this.model.more();
    this.requestUpdate();
  }

  private row(one: Found): TemplateResult {
    const { model } = this;
    const layer = model.focus;
    const props = one.properties ?? {};
    const by = layer.fields.find((field) => field.name === layer.style.by);
    const choice = by?.choices.find((each) => each.value === props[by.name]);
    const at = props[layer.time_field];
    const id = String(one.id);
    const go = () => {
      model.pointed.value = id;
      if (one.geometry?.type === "Point") {
        this.stage.bring(one.geometry.coordinates[0]!, one.geometry.coordinates[1]!);
        model.page.value = "map";
      }
    };
    return html`<li class=${model.pointed.value === id ? "is-pointed" : ""} @mouseenter=${() => (model.pointed.value = id)} @mouseleave=${() => (model.pointed.value = "")}>
      <button type="button" @click=${go}><i style="--tint:${choice?.color || layer.style.color}"></i><span>${String(props[layer.title_field] ?? id)}</span>
      <small>${choice ? say(choice.title) : ""}</small><time>${at ? dateTime(at) : ""}</time></button></li>`;
  }

  /** Every layer in the same area; pressing one asks about it. */
  private layers(): TemplateResult {
    const { model } = this;
    const told = model.answer.value?.layers ?? [];
    return html`<section class="block every"><h3>${tell("everyLayer")}</h3><ul>${told.map((one) => html`<li class=${one.count?.value === 0 ? "is-none" : ""}><button type="button" aria-pressed=${String(one.layer === model.question.value.layer)}
      @click=${() => model.change({ layer: one.layer })}><i style="--tint:${model.layer(one.layer)?.style.color}"></i><span>${say(one.title)}</span>
      ${one.error ? html`<small class="bad" title=${one.error.message}>${glyph("warning")}</small>` : html`${this.spark(one)}<b>${countWords(one.count!)}</b>`}</button></li>`)}</ul></section>`;
  }

  private spark(one: LayerAnswer): TemplateResult {
    const counts = one.time?.counts ?? [];
    if (counts.length < 3) return html`<svg class="spark" aria-hidden="true"></svg>`;
    const most = Math.max(...counts, 1);
    const points = counts.map((n, at) => `${((at / (counts.length - 1)) * 60).toFixed(1)},${(15 - (n / most) * 14).toFixed(1)}`).join(" ");
    return html`<svg class="spark" viewBox="0 0 60 16" preserveAspectRatio="none" aria-hidden="true"><polyline points=${points}></polyline></svg>`;
  }
}

customElements.define("ioc-plan-answer", AnswerPart);
