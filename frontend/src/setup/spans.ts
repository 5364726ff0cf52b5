import { html, nothing, type TemplateResult } from "lit";
import type { Span } from "./contract";
import { glyph } from "./icons";
import { tell } from "./words";

export const OFFICE: readonly Span[] = [["07:30", "11:30"], ["13:30", "17:00"]];

/** A time as people write it here, 07:30, whatever the browser's own habit; 730 and 7.30 are read. */
export function timeBox(value: string, name: string, put: (value: string) => void, wrong = false): TemplateResult {
  return html`<input class="time" type="text" inputmode="numeric" maxlength="5" placeholder="--:--" aria-label=${name}
    .value=${value} aria-invalid=${wrong ? "true" : nothing} @change=${(event: Event) => {
      const box = event.target as HTMLInputElement;
      box.value = asTime(box.value);
      put(box.value);
    }}>`;
}

export function asTime(text: string): string {
  const [, hours, minutes] = /^\s*(\d{1,2}?)\D?(\d{2})?\s*$/.exec(text) ?? [];
  return hours ? `${hours.padStart(2, "0")}:${minutes ?? "00"}` : text;
}

/** Spans of a day as pairs of times, with a way to add and take one. */
export function spanInputs(spans: readonly Span[], put: (spans: Span[]) => void, of: string): TemplateResult {
  const change = (place: number, edge: 0 | 1, value: string) =>
    put(spans.map((span, each) => (each === place ? (edge ? [span[0], value] : [value, span[1]]) : span)));
  return html`<span class="spans">${spans.map((span, place) => html`<span class="span">
      ${timeBox(span[0], `${of}: ${tell("from")}`, (value) => change(place, 0, value))}<i>–</i>${timeBox(span[1], `${of}: ${tell("to")}`, (value) => change(place, 1, value))}
      <button type="button" class="icon-button tiny" aria-label="${tell("removeSpan")}: ${of} ${span.join("–")}" @click=${() => put(spans.filter((_, each) => each !== place))}>${glyph("x")}</button></span>`)}
    ${spans.length ? nothing : html`<em>${tell("dayOff")}</em>`}
    <button type="button" class="icon-button tiny" aria-label="${tell("addSpan")}: ${of}" title=${tell("addSpan")}
      @click=${() => put([...spans, spans.length ? ["18:00", "20:00"] : OFFICE[0]!])}>${glyph("plus")}</button></span>`;
}
