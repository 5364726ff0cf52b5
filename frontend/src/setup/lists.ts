import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import { glyph, maki } from "./icons";
import { NEW, type SetupModel, type Tab } from "./model";
import { tell, type Said } from "./words";

/** The head of a list: its name, what it is for, and the way to add to it. */
export function listHead(tab: Tab, add: Said): TemplateResult {
  return html`<header class="list-head"><div><h2 id="list-title">${tell(tab)}</h2><p>${tell(`${tab}Why`)}</p></div>
    <a class="button" href="#/${tab}/${NEW}">${glyph("plus")}${tell(add)}</a></header>`;
}

function current(model: SetupModel, key: string): "true" | typeof nothing {
  return model.route.value.key === key ? "true" : nothing;
}

export function categoryList(model: SetupModel): TemplateResult {
  const rows = model.data.value!.categories;
  return html`${listHead("categories", "categoryAdd")}
    ${rows.length ? nothing : html`<p class="empty">${tell("categoriesEmpty")}</p>`}
    <ul class="cards">${rows.map((one) => html`<li><a class="card ${one.active ? "" : "off"}" href="#/categories/${one.code}" aria-current=${current(model, one.code)}>
      <span class="badge" style="--badge:${one.color}">${maki(one.icon)}</span>
      <span class="card-words"><b>${say({ vi: one.name_vi, en: one.name_en })}</b>
        <small>${one.agency ? model.agency(one.agency) : tell("centreDecides")}</small></span>
      <span class="card-side">${one.active ? html`<small>${tell("openReports", { n: number(one.open_reports, 0) })}</small>`
        : html`<span class="tag">${tell("retired")}</span>`}</span></a></li>`)}</ul>
    ${suggestionCard(model)}`;
}

/** How far the suggested category can be trusted, said plainly. */
function suggestionCard(model: SetupModel): TemplateResult | typeof nothing {
  const known = model.data.value!.suggestion;
  if (!known) return nothing;
  const { held_back: held, examples } = known.facts;
  const percent = (share: number | null | undefined) => (share === null || share === undefined ? "–" : `${number(share * 100, 0)} %`);
  return html`<section class="suggestion" aria-labelledby="suggestion-title">
    <h3 id="suggestion-title">${glyph("sparkles")}${tell("suggestion")}
      ${known.synthetic ? html`<span class="tag dashed">${tell("synthetic")}</span>` : nothing}</h3>
    <p><b>${percent(held.accuracy)}</b> ${tell("suggestionRight", { n: number(held.examples, 0) })}</p>
    <p class="small">${tell(known.synthetic ? "suggestionSeed" : "suggestionOwn", { n: number(examples, 0) })}
      ${tell("suggestionOff", { n: number((held.calibration_error ?? 0) * 100, 0) })}</p>
    <details><summary>${tell("byCategory")}</summary><ul class="shares">${Object.entries(held.by_category).map(([code, share]) => html`
      <li><span>${model.category(code)}</span><i style="--share:${share ?? 0}"></i><b>${percent(share)}</b></li>`)}</ul>
      ${Object.entries(known.facts.too_few ?? {}).map(([code, n]) => html`<p class="small">${tell("tooFew", { name: model.category(code), n })}</p>`)}</details>
  </section>`;
}

export function planList(model: SetupModel): TemplateResult {
  const rows = model.data.value!.plans;
  return html`${listHead("plans", "planAdd")}
    ${rows.length ? nothing : html`<p class="empty">${tell("plansEmpty")}</p>`}
    <ul class="cards">${rows.map((one) => html`<li><a class="card ${one.active ? "" : "off"}" href="#/plans/${one.code}" aria-current=${current(model, one.code)}>
      <span class="badge plain">${glyph("timer")}</span>
      <span class="card-words"><b>${say({ vi: one.name_vi, en: one.name_en })}</b>
        <small>${tell("planLine", { ack: number(one.acknowledge_h), done: number(one.resolve_h) })}</small></span>
      <span class="card-side">${one.active ? html`<small>${tell("usedBy", { n: one.used_by })}</small>`
        : html`<span class="tag">${tell("retired")}</span>`}</span></a></li>`)}</ul>`;
}

export function calendarList(model: SetupModel): TemplateResult {
  const { calendars, plans } = model.data.value!;
  return html`${listHead("calendars", "calendarAdd")}
    ${calendars.length ? nothing : html`<p class="empty">${tell("calendarsEmpty")}</p>`}
    <ul class="cards">${calendars.map((one) => html`<li><a class="card" href="#/calendars/${one.code}" aria-current=${current(model, one.code)}>
      <span class="badge plain">${glyph("calendar")}</span>
      <span class="card-words"><b>${say({ vi: one.name_vi, en: one.name_en })}</b><small>${one.time_zone}</small></span>
      <span class="card-side"><small>${tell("usedByPlans", { n: plans.filter((plan) => plan.calendar === one.code).length })}</small></span></a></li>`)}</ul>`;
}
