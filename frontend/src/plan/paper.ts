import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { dateTime, number } from "../i18n/format";
import { legendOf } from "./legend";
import type { PlanModel } from "./model";
import { sentenceOf, titleOf } from "./picture";
import { tell } from "./words";

/** The head of the printed page: what was asked, of which city, by whom, at which scale. */
export function paperHead(model: PlanModel): TemplateResult {
  const { city, viewer, synthetic } = model.catalogue;
  const scale = model.paper.value;
  return html`<header class="print-head" aria-hidden="true"><h1>${titleOf(model)}</h1><p>${sentenceOf(model)}</p>
    <small>${[say(city.name), tell("printed", { at: dateTime(Date.now() / 1000) }), viewer.name, scale ? tell("paperScale", { n: number(round(scale), 0) }) : "", synthetic ? tell("synthetic") : ""].filter(Boolean).join(" · ")}</small></header>`;
}

/** Under the printed map: what its colours mean, how it was counted, and whose data it is. */
export function paperLegend(model: PlanModel): TemplateResult {
  const entries = legendOf(model);
  const { city } = model.catalogue;
  const sources = [...new Set([...city.attributions, ...(city.basemap?.attribution ?? "").split(" · "), model.focus.attribution].filter(Boolean))];
  const ask = model.mode.value === "ask";
  return html`<footer class="print-legend" aria-hidden="true">
    <ul>${entries.map((one) => html`<li><em style="--tint:${one.color}"></em>${one.name}${one.count === undefined ? nothing : html` <b>${number(one.count, 0)}</b>`}</li>`)}</ul>
    ${ask ? html`<p><b>${tell("method")}.</b> ${tell("methodAsk")}</p>` : nothing}
    <p><b>${tell("sources")}.</b> ${sources.join(" · ")}</p></footer>`;
}

/** A scale of two figures that count: paper is not more exact. */
function round(scale: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(scale)) - 1);
  return Math.round(scale / step) * step;
}
