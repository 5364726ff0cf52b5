import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { ago, clock, dateTime, dayTime } from "../i18n/format";
import type { AlertFile } from "./contract";
import { STAGES } from "./handling";
import { glyph } from "./icons";
import { severityMark } from "./looks";
import type { FleetModel } from "./model";
import { EvidenceSheet } from "./sheet";
import { bareTitle } from "./titles";
import { bandOf, clockLine, countdown } from "./time";
import { tell, wordOf, type Said } from "./words";

const STAGE_WORDS: Record<string, { done: Said; act: Said }> = {
  seen: { done: "seen", act: "actSeen" }, called: { done: "called", act: "actCalled" }, warned: { done: "warned", act: "actWarned" },
  handed_over: { done: "handedOver", act: "actHandedOver" }, closed: { done: "closedStage", act: "actClosed" },
};
const MOST_WORDS = 1_000;
const TICK_MS = 10_000;

/** The alert that needs someone: why, how long the law leaves, what was done, and the next step. */
export class AlertPart extends IocElement {
  private readonly sheet: EvidenceSheet;

  constructor(private readonly model: FleetModel) {
    super();
    this.sheet = new EvidenceSheet(model);
    const { handling } = model;
    this.uses(handling.open, handling.alert, handling.state, handling.stage, handling.busy, handling.refusal);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const tick = setInterval(() => this.requestUpdate(), TICK_MS);
    this.until(() => clearInterval(tick));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { handling } = this.model;
    const alert = handling.alert.value;
    if (!alert) {
      return handling.state.value === "failed"
        ? html`<section class="alert" role="alert"><p>${tell("alertFailed")} <button type="button" class="link" @click=${() => void handling.load()}>${tell("retry")}</button></p></section>`
        : html`<section class="alert skeletons" role="status" aria-label=${tell("loading")}><i></i></section>`;
    }
    const closed = alert.stage === "closed" || alert.closed_at !== null;
    return html`<section class="alert sev-${alert.severity} ${closed ? "is-closed" : ""}" aria-label=${tell("alert")}>
      <header><span class="alert-mark sev-text-${alert.severity}">${severityMark(alert.severity)}</span><div><h3>${bareTitle(alert.title, alert.vessel)}</h3>
        <small title=${dateTime(alert.opened_at)}>${tell(`severity_${alert.severity}` as Said)} · ${tell("openedAgo", { ago: ago(alert.opened_at, serverNow()) })}${alert.synthetic ? ` · ${tell("synthetic")}` : ""}</small></div></header>
      ${alert.held_back ? html`<p class="held">${glyph("tower")}<span><b>${tell("heldBack")}</b> ${say(alert.held_back.reason)}</span></p>` : nothing}
      ${alert.clock && !closed ? this.clock(alert) : nothing}
      ${this.steps(alert)}
      ${closed ? nothing : this.moves(alert)}
      ${handling.stage.value ? this.form(alert) : nothing}
      ${handling.refusal.value && !handling.stage.value ? this.refused() : nothing}
      <footer><button type="button" class="link" @click=${() => void this.sheet.open()}>${glyph("file")}${tell("evidence")}</button>
        ${alert.lon !== null ? html`<span class="quiet">${wordOf(alert.kind)}</span>` : nothing}</footer>
      ${this.sheet}</section>`;
  }

  private clock(alert: AlertFile): TemplateResult {
    const due = alert.clock!;
    return html`<div class="law clock-${bandOf(due)}"><p><span>${say(due.title)}</span><b>${countdown(due)}</b></p>${clockLine(due)}
      <small>${due.due_at ? `${tell("due", { at: dateTime(due.due_at) })} · ` : ""}${say(due.source)}</small></div>`;
  }

  /** The stages as a line of dots: what is done says who and when. */
  private steps(alert: AlertFile): TemplateResult {
    const done = new Map(alert.timeline.map((step) => [step.stage, step]));
    return html`<ol class="steps">${STAGES.map((stage) => {
      const step = done.get(stage);
      return html`<li class=${step ? "done" : ""}><i aria-hidden="true">${step ? glyph("check") : nothing}</i><span>${tell(STAGE_WORDS[stage]!.done)}</span>
        ${step ? html`<small title=${dateTime(step.at)}>${clock(step.at)}</small>` : nothing}</li>`;
    })}</ol>
      ${alert.timeline.some((step) => step.words || step.cause) ? html`<ul class="said">${alert.timeline.filter((step) => step.words || step.cause).map((step) => html`<li>${step.cause ? html`<p><b>${say(step.cause.title)}</b></p>` : nothing}<p>${step.words}</p>
        <small>${step.by ?? tell("system")} · ${wordOf(step.stage)} · ${dayTime(step.at)}</small></li>`)}</ul>` : nothing}`;
  }

  private moves(alert: AlertFile): TemplateResult {
    const { handling } = this.model;
    if (!alert.can.length) return html`<p class="quiet">${tell("mayNot")}</p>`;
    const order = STAGES.filter((stage) => alert.can.includes(stage));
    return html`<div class="moves" role="group" aria-label=${tell("next")}>${order.map((stage, i) => html`<button type="button"
      class="button small ${i === 0 && !handling.stage.value ? "primary" : ""}" data-stage=${stage} aria-expanded=${handling.stage.value === stage}
      @click=${() => this.start(stage)}>${tell(STAGE_WORDS[stage]!.act)}</button>`)}</div>`;
  }

  private start(stage: string): void {
    const { handling } = this.model;
    handling.choose(handling.stage.value === stage ? "" : stage);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".stage-form :is(input, textarea)")?.focus());
  }

  private form(alert: AlertFile): TemplateResult {
    const { handling } = this.model;
    const stage = handling.stage.value;
    return html`<form class="stage-form" @submit=${(event: Event) => { event.preventDefault(); void handling.send(); }}>
      ${stage === "called" && alert.phones.length ? html`<ul class="phones">${alert.phones.map((person) => html`<li><a class="button" href="tel:${person.phone.replace(/[^+\d]/g, "")}">
        ${glyph("phone")}<span><b>${person.phone}</b><small>${person.name}</small></span></a></li>`)}</ul>` : nothing}
      ${stage === "closed" ? html`<fieldset class="causes"><legend>${tell("cause")}</legend>${alert.causes.map((cause) => html`<label>
        <input type="radio" name="cause" value=${cause.code} .checked=${handling.cause === cause.code} @change=${() => { handling.cause = cause.code; handling.refusal.value = null; }}>${say(cause.title)}</label>`)}</fieldset>` : nothing}
      <label class="field"><span>${tell(stage === "called" ? "wordsCalled" : stage === "handed_over" ? "wordsHanded" : "words")}</span>
        <textarea rows="3" maxlength=${MOST_WORDS} .value=${handling.words} @input=${(event: Event) => (handling.words = (event.target as HTMLTextAreaElement).value)}></textarea></label>
      ${handling.refusal.value ? this.refused() : nothing}
      <div class="form-foot"><button type="submit" class="button primary" ?disabled=${handling.busy.value}>${handling.busy.value ? tell("sending") : tell("record")}</button>
        <button type="button" class="button" @click=${() => handling.choose("")}>${tell("cancel")}</button><span class="quiet">${tell("recordHint")}</span></div></form>`;
  }

  private refused(): TemplateResult {
    const refusal = this.model.handling.refusal.value!;
    return html`<p class="refused" role="alert">${glyph("warning")}<span>${refusal.stale ? html`<b>${tell("stale")}</b> ` : nothing}${refusal.text}
      ${refusal.stale ? tell("staleHint") : nothing}</span></p>`;
  }

  /** True where the evidence was open and is closed now. */
  shutSheet(): boolean {
    return this.sheet.shut();
  }
}

customElements.define("ioc-alert-part", AlertPart);
