import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import type { Catalogue, Text } from "../common/contract";
import { say } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import type { StateOf } from "./api";
import type { Category } from "./draft";
import { glyph, maki } from "./icons";
import { tell } from "./words";

const colors = new Map<string, string>();

/** The catalogue says how each state looks on the map; lists and pages look the same. */
export function learnStates(catalogue: Catalogue): void {
  for (const layer of catalogue.layers) {
    if (layer.style.kind !== "report") continue;
    for (const choice of layer.fields.find((each) => each.name === "state")?.choices ?? []) {
      if (choice.color) colors.set(choice.value, choice.color);
    }
  }
}

export const stateColor = (value: string): string => colors.get(value) ?? "var(--kind-report)";

export function stateMark(state: StateOf): TemplateResult {
  return html`<span class="state" style="--badge:${state.color ?? stateColor(state.value)}">${say(state.title)}</span>`;
}

/** Said in words and with a sign: lateness is the public's business. */
export function lateMark(overdue: boolean | undefined): TemplateResult | typeof nothing {
  return overdue ? html`<span class="late">${glyph("clock")}${tell("overdue")}</span>` : nothing;
}

export function meTooMark(n: number | undefined): TemplateResult | typeof nothing {
  return n ? html`<span class="me-too">${glyph("people")}${tell(n === 1 ? "meTooOne" : "meTooMany", { n })}</span>`
    : nothing;
}

export function categoryBadge(category: Partial<Category> | undefined, large = false): TemplateResult {
  return html`<span class="badge ${large ? "large" : ""}" style="--badge:${category?.color || "var(--kind-report)"}"
    >${maki(category?.icon ?? "marker")}</span>`;
}

/** The published picture, else the category's sign. */
export function picture(thumb: string | null | undefined, category: Partial<Category>): TemplateResult {
  return thumb ? html`<img class="thumb" src=${thumb} alt="" loading="lazy">` : categoryBadge(category);
}

export function since(at: string): TemplateResult {
  return html`<time datetime=${at} title=${dateTime(at)}>${ago(at, serverNow())}</time>`;
}

/** A bilingual text, or an object that carries one as its title. */
export function nameOf(value: Text | { title: Text } | string | null | undefined): string {
  if (!value || typeof value === "string") return value ?? "";
  return say("title" in value ? value.title : value);
}
