import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago } from "../i18n/format";
import * as api from "./api";
import type { Analysis } from "./contract";
import { glyph } from "./icons";
import { countWords, reasonOf, type PlanModel } from "./model";
import { tell, type Said } from "./words";

const STATE_MARK: Record<string, string> = { done: "is-done", failed: "is-bad", cancelled: "is-off", queued: "is-busy", running: "is-busy" };

/** What was asked before, along the bottom: kept analyses, runs, and questions of this browser. */
export class History extends IocElement {
  constructor(private readonly model: PlanModel) {
    super();
    const { runs } = model;
    this.uses(runs.analyses, runs.analysesFailed, runs.run, model.recent);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { runs } = model;
    const named = runs.analyses.value.filter((one) => one.name);
    const others = runs.analyses.value.filter((one) => !one.name).slice(0, 12);
    if (runs.analysesFailed.value && !named.length) {
      return html`<p class="history-note" role="alert">${glyph("warning")}${tell("historyFailed")}<button type="button" class="link" @click=${() => void runs.loadAnalyses()}>${tell("retry")}</button></p>`;
    }
    if (!named.length && !others.length && !model.recent.value.length) return html`<p class="history-note">${glyph("history")}${tell("historyEmpty")}</p>`;
    const group = (word: Said, cards: TemplateResult[]) => (cards.length ? html`<section aria-label=${tell(word)}><h3>${tell(word)}</h3><ul>${cards}</ul></section>` : nothing);
    return html`${group("savedOnes", named.map((one) => this.card(one)))}${group("recentRuns", others.map((one) => this.card(one)))}
      ${group("recentAsked", model.recent.value.map((one) => html`<li class="card"><button type="button" class="card-open" @click=${() => this.go(one.hash)}><b>${countWords(one.count)}</b><span>${say(one.words)}</span></button></li>`))}`;
  }

  private go(hash: string): void {
    this.model.go(hash);
    this.model.page.value = "answer";
  }

  private card(one: Analysis): TemplateResult {
    const { runs } = this.model;
    const state = one.latest?.state ?? "queued";
    const layer = this.model.layer(one.asked.layer);
    const name = one.name || say(one.method.title);
    return html`<li class="card ${one.id === runs.run.value?.analysis ? "is-open" : ""}">
      <button type="button" class="card-open" @click=${() => { runs.restore(one); this.model.page.value = "answer"; }}><b><i class=${STATE_MARK[state]}></i>${name}</b>
        <span>${one.name ? `${say(one.method.title)} · ` : ""}${layer ? say(layer.title) : one.asked.layer} · ${ago(one.latest?.queued_at ?? one.updated_at, serverNow())}</span>
        <small>${one.every ? html`<em>${tell(`every_${one.every}` as Said)}</em>` : nothing}${one.shared ? html`<em>${one.mine ? tell("sharedTag") : tell("byOwner", { name: one.owner })}</em>` : nothing}${one.on_wall ? html`<em>${tell("onWallTag")}</em>` : nothing}</small></button>
      ${one.mine ? html`<span class="card-acts"><button type="button" class="icon-button tiny" aria-label="${tell("againNow")}: ${name}" title=${tell("againNow")} @click=${() => void runs.again(one)}>${glyph("refresh")}</button>
        <button type="button" class="icon-button tiny" aria-label="${tell("deleteIt")}: ${name}" title=${tell("deleteIt")} @click=${() => void this.putAway(one, name)}>${glyph("trash")}</button></span>` : nothing}</li>`;
  }

  private async putAway(one: Analysis, name: string): Promise<void> {
    const { model } = this;
    try {
      await api.putAway(one.id);
      if (model.runs.run.value?.analysis === one.id) model.runs.clear();
      await model.runs.loadAnalyses();
      model.say(tell("deleted", { name }), "plain", () => void this.back(one));
    } catch (error) {
      model.say(reasonOf(error), "bad");
    }
  }

  private async back(one: Analysis): Promise<void> {
    const { model } = this;
    try {
      await api.bringBack(one.id);
      await model.runs.loadAnalyses();
      model.say(tell("broughtBack"), "good");
    } catch (error) {
      model.say(reasonOf(error), "bad");
    }
  }
}

customElements.define("ioc-plan-history", History);
