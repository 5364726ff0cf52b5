import { html, nothing, type TemplateResult } from "lit";
import type { Span } from "./contract";
import { glyph } from "./icons";
import { tell } from "./words";

export const OFFICE: readonly Span[] = [["07:30", "11:30"], ["13:30", "17:00"]];

/** Spans of a day as pairs of times, with a way to add and take one. */
export function spanInputs(spans: readonly Span[], put: (spans: Span[]) => void, of: string): TemplateResult {
  const change = (place: number, edge: 0 | 1, value: string) =>
    put(spans.map((span, each) => (each === place ? (edge ? [span[0], value] : [value, span[1]]) : span)));
  return html`<span class="spans">${spans.map((span, place) => html`<span class="span">
      <input type="time" aria-label="${of}: ${tell("from")}" .value=${span[0]} @change=${(event: Event) => change(place, 0, (event.target as HTMLInputElement).value)}>
      <i>–</i><input type="time" aria-label="${of}: ${tell("to")}" .value=${span[1]} @change=${(event: Event) => change(place, 1, (event.target as HTMLInputElement).value)}>
      <button type="button" class="icon-button tiny" aria-label="${tell("removeSpan")}: ${of} ${span.join("–")}" @click=${() => put(spans.filter((_, each) => each !== place))}>${glyph("x")}</button></span>`)}
    ${spans.length ? nothing : html`<em>${tell("dayOff")}</em>`}
    <button type="button" class="icon-button tiny" aria-label="${tell("addSpan")}: ${of}" title=${tell("addSpan")}
      @click=${() => put([...spans, spans.length ? ["18:00", "20:00"] : OFFICE[0]!])}>${glyph("plus")}</button></span>`;
}
