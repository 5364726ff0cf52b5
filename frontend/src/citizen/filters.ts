import { html, type TemplateResult } from "lit";
import { say } from "../i18n";
import type { Text } from "../common/contract";
import { arrows } from "./arrows";
import type { Category } from "./draft";
import { glyph } from "./icons";
import { dayBefore } from "./stats";
import { tell, type Said } from "./words";

/** What of the public's reports is asked for; empty means all. It stands in the address. */
export interface Filters {
  open: "" | "1" | "0" | "late";
  category: string;
  state: string;
  district: string;
  days: "" | "7" | "30" | "90" | "365";
  here: "" | "0";
}

const NAMES = ["open", "category", "state", "district", "days", "here"] as const;
const STATES = [
  "submitted", "triaged", "assigned", "in_progress", "waiting_for_reporter",
  "waiting_for_third_party", "planned", "resolved", "rejected", "duplicate", "reopened",
] as const;

export function readFilters(query: string): Filters {
  const asked = new URLSearchParams(query);
  return Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""])) as unknown as Filters;
}

export function writeFilters(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) query.set(name, filters[name]);
  return query.toString();
}

/** The question as the server takes it. */
export function queryOf(filters: Filters, bbox: string): URLSearchParams {
  const query = new URLSearchParams();
  if (filters.open === "late") query.set("overdue", "true");
  else if (filters.open) query.set("open", filters.open === "1" ? "true" : "false");
  for (const name of ["category", "state", "district"] as const) {
    if (filters[name]) query.set(name, filters[name]);
  }
  if (filters.days) query.set("since", dayBefore(Number(filters.days)));
  if (filters.here !== "0" && bbox) query.set("bbox", bbox);
  return query;
}

interface Choices {
  categories: Category[];
  wards: { key: string | null; title: Text }[];
  states: Map<string, Text>;
}

export function filterBar(
  filters: Filters, choices: Choices, change: (changes: Partial<Filters>) => void,
): TemplateResult {
  const quick = (value: Filters["open"], title: Said) => html`<button class="quick" role="radio"
    aria-checked=${filters.open === value} @click=${() => change({ open: value })}>${tell(title)}</button>`;
  const select = (name: keyof Filters, title: Said, options: [string, string][]) => html`
    <label class="pick ${filters[name] ? "on" : ""}"><span class="visually-hidden">${tell(title)}</span>
      <select name=${name} aria-label=${tell(title)} @change=${(event: Event) =>
        change({ [name]: (event.target as HTMLSelectElement).value })}>
        ${options.map(([value, words]) => html`<option value=${value} ?selected=${filters[name] === value}>${words}</option>`)}
      </select></label>`;
  return html`<div class="filters">
    <div class="quicks" role="radiogroup" @keydown=${arrows} aria-label=${tell("filterOpen")}>
      ${quick("", "filterAll")}${quick("1", "filterIsOpen")}${quick("late", "filterLate")}${quick("0", "filterClosed")}</div>
    <div class="picks">
      ${select("category", "filterCategory", [["", tell("filterCategory")],
        ...choices.categories.map((one): [string, string] => [one.code, say(one.title)])])}
      ${select("district", "filterWard", [["", tell("filterWard")],
        ...choices.wards.map((one): [string, string] => [one.key ?? "", say(one.title)])])}
      ${select("state", "filterState", [["", tell("filterState")],
        ...STATES.map((value): [string, string] => [value, say(choices.states.get(value)) || value])])}
      ${select("days", "filterSince", [["", tell("filterSince")], ["7", tell("since7")],
        ["30", tell("since30")], ["90", tell("since90")], ["365", tell("since365")]])}
      <button class="pick flat ${filters.here === "0" ? "" : "on"}" aria-pressed=${filters.here !== "0"}
        @click=${() => change({ here: filters.here === "0" ? "" : "0" })}>${glyph("locate")}${tell("filterHere")}</button>
    </div></div>`;
}
