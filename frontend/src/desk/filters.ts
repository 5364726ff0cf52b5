import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import type { Text } from "../common/contract";
import * as api from "./api";
import type { Query, SavedFilter, View } from "./contract";
import { NO_QUERY } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type DeskModel } from "./model";
import { conditions, narrowed } from "./permalink";
import { tell } from "./words";

interface Option {
  value: string;
  title: Text;
}

function chooser(model: DeskModel, name: keyof Query, label: string, options: Option[]): TemplateResult {
  const now = model.query.value[name];
  return html`<label class="filter"><span>${label}</span>
    <select data-filter=${name} @change=${(event: Event) => model.ask({ [name]: (event.target as HTMLSelectElement).value })}>
      <option value="" ?selected=${!now}>${tell("any")}</option>
      ${options.map((one) => html`<option value=${one.value} ?selected=${one.value === now}>${say(one.title)}</option>`)}
    </select></label>`;
}

const byCode = (all: { code: string; title: Text }[]): Option[] =>
  all.map((one) => ({ value: one.code, title: one.title }));

export function clearFilters(model: DeskModel): void {
  model.ask({ band: "", state: "", category: "", agency: "", district: "", emergency: "", q: "" });
}

/** What narrows the queue, and the way to keep it under a name. */
export function filterPanel(model: DeskModel): TemplateResult {
  const home = model.home.value;
  if (!home) return html``;
  const n = narrowed(model.query.value);
  return html`<div class="filter-panel">
    ${chooser(model, "state", tell("byState"), home.states)}
    ${chooser(model, "category", tell("byCategory"), byCode(home.categories))}
    ${chooser(model, "district", tell("byDistrict"), byCode(home.districts))}
    ${home.agencies.length > 1 ? chooser(model, "agency", tell("byAgency"), byCode(home.agencies)) : nothing}
    <label class="check"><input type="checkbox" data-filter="emergency" .checked=${model.query.value.emergency === "true"}
      @change=${(event: Event) => model.ask({ emergency: (event.target as HTMLInputElement).checked ? "true" : "" })}>
      ${tell("emergencyOnly")}</label>
    <form class="keep" @submit=${(event: Event) => { event.preventDefault(); void keep(model, event.target as HTMLFormElement); }}>
      <input name="name" required maxlength="60" placeholder=${tell("filterName")} aria-label=${tell("filterName")}>
      <button type="submit" class="button small" title=${tell("saveFilter")}>${glyph("bookmark-plus")}${tell("save")}</button>
      ${n ? html`<button type="button" class="button small plain" @click=${() => clearFilters(model)}>${tell("clear")}</button>` : nothing}
    </form></div>`;
}

async function keep(model: DeskModel, form: HTMLFormElement): Promise<void> {
  const name = String(new FormData(form).get("name") ?? "").trim();
  if (!name) return;
  try {
    await api.saveFilter(name, conditions(model.query.value));
    form.reset();
    await model.loadCounts();
  } catch (error) {
    model.say(reasonOf(error), "bad");
  }
}

async function drop(model: DeskModel, filter: SavedFilter): Promise<void> {
  try {
    await api.dropFilter(filter.id);
    await model.loadCounts();
  } catch (error) {
    model.say(reasonOf(error), "bad");
  }
}

/** A saved filter as a query; what it does not name is left open. */
function asked(filter: SavedFilter, view: string): Query {
  const query = { ...NO_QUERY, view };
  for (const name of Object.keys(query) as (keyof Query)[]) {
    const value = filter.query[name];
    if (value !== undefined && value !== null && value !== false) query[name] = String(value);
  }
  return query;
}

const VIEW_ICONS: Record<string, string> = {
  mine: "user", team: "users", all: "inbox", triage: "triage", moderation: "shield", escalated: "flag",
};

function viewButton(model: DeskModel, view: View): TemplateResult {
  const now = model.query.value.view === view.key;
  return html`<button type="button" class="view" data-view=${view.key} title=${say(view.title)} aria-current=${now ? "true" : nothing}
    @click=${() => model.ask({ ...NO_QUERY, order: model.query.value.order, view: view.key })}>
    ${glyph(VIEW_ICONS[view.key] ?? "inbox")}<span>${say(view.title)}</span><b>${view.count}</b></button>`;
}

/** The queues and what this person saved, down the left side. */
export function viewNav(model: DeskModel): TemplateResult {
  const home = model.home.value!;
  const now = JSON.stringify(conditions(model.query.value));
  const [before, after] = tell("savedEmpty").split("|");
  return html`<nav class="views" aria-label=${tell("views")}>
    <div class="view-list">${home.views.map((view) => viewButton(model, view))}</div>
    <h2>${tell("saved")}</h2>
    ${home.filters.length ? html`<div class="view-list saved">${home.filters.map((filter) => html`<div class="saved-row">
        <button type="button" class="view" aria-current=${JSON.stringify(conditions(asked(filter, ""))) === now ? "true" : nothing}
          @click=${() => model.ask(asked(filter, model.query.value.view))}>
          ${glyph("bookmark")}<span>${filter.name}</span></button>
        <button type="button" class="icon-button tiny" aria-label=${tell("dropFilter", { name: filter.name })}
          title=${tell("dropFilter", { name: filter.name })} @click=${() => void drop(model, filter)}>${glyph("x")}</button></div>`)}</div>`
      : html`<p class="quiet small-words">${before}${after === undefined ? nothing : html`${glyph("bookmark-plus")}${after}`}</p>`}
  </nav>`;
}
