import { html, nothing, type TemplateResult } from "lit";
import { day as dayOf } from "../i18n/format";
import type { Span } from "./contract";
import { spanInputs } from "./spans";
import { glyph } from "./icons";
import { tell } from "./words";

export interface DayDraft {
  day: string;
  working: boolean;
  hours: Span[] | null;
  name_vi: string;
  name_en: string;
  source: string;
  kind: "usual" | "national" | "own";
}

interface Does {
  put: (changes: Partial<DayDraft>) => void;
  save: () => void;
  remove: () => void;
  close: () => void;
}

/** One day of the year: whether it works, how long, and what it is called. */
export function dayForm(picked: DayDraft, faults: Record<string, string>, does: Does): TemplateResult {
  const fault = Object.values(faults)[0];
  const name = (key: "name_vi" | "name_en", label: string) => html`<label>${label}<input type="text" maxlength="120" .value=${picked[key]}
    @input=${(event: Event) => does.put({ [key]: (event.target as HTMLInputElement).value })}></label>`;
  return html`<section class="day-form" aria-label=${tell("dayTitle", { day: dayOf(`${picked.day}T12:00Z`) })}>
    <header><h3>${dayOf(`${picked.day}T12:00Z`)}</h3>
      <span class="tag ${picked.kind === "own" ? "" : "dashed"}">${tell(picked.kind === "own" ? "dayOwn" : picked.kind === "national" ? "dayNational" : "dayUsual")}</span>
      ${picked.source ? html`<small class="quiet">${picked.source}</small>` : nothing}<span class="spacer"></span>
      <button type="button" class="icon-button tiny" aria-label=${tell("close")} @click=${does.close}>${glyph("x")}</button></header>
    <label class="switch-row"><input type="checkbox" role="switch" class="switch" .checked=${picked.working}
      @change=${(event: Event) => does.put({ working: (event.target as HTMLInputElement).checked, hours: null })}><span><b>${tell("dayWorks")}</b></span></label>
    ${picked.working ? html`<div class="day-hours"><span>${tell("hours")}</span>${picked.hours
      ? html`${spanInputs(picked.hours, (hours) => does.put({ hours }), tell("hours"))}
        <button type="button" class="button small plain" @click=${() => does.put({ hours: null })}>${tell("asTheWeek")}</button>`
      : html`<em>${tell("asTheWeek")}</em><button type="button" class="button small" @click=${() => does.put({ hours: [["07:30", "11:30"]] })}>${tell("ownHours")}</button>`}</div>` : nothing}
    <div class="day-names">${name("name_vi", tell("nameVi"))}${name("name_en", tell("nameEn"))}</div>
    ${fault ? html`<p class="fault">${glyph("alert")}${fault}</p>` : nothing}
    <p class="row"><button type="button" class="button primary small" @click=${does.save}>${glyph("check")}${tell("saveDay")}</button>
      ${picked.kind === "own" ? html`<button type="button" class="button small plain danger-text" @click=${does.remove}>${glyph("trash")}${tell("removeDay")}</button>` : nothing}</p>
  </section>`;
}
