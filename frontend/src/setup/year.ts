import { html, nothing, type TemplateResult } from "lit";
import { lang, say } from "../i18n";
import { day as dayOf } from "../i18n/format";
import type { Day, WorkCalendar } from "./contract";
import { glyph } from "./icons";
import { WEEKDAYS } from "./summary";
import { tell } from "./words";

interface Does {
  turn: (year: number) => void;
  pick: (day: string) => void;
}

const two = (n: number): string => String(n).padStart(2, "0");

function monthName(month: number): string {
  return lang.value === "vi" ? `Tháng ${month + 1}`
    : new Date(Date.UTC(2026, month, 1)).toLocaleString("en-GB", { month: "long", timeZone: "UTC" });
}

/** The year at a glance: days off, holidays, make-up days and the city's own, each told apart by
 * colour and by shape, and below them by name. */
export function yearView(calendar: WorkCalendar, year: number, picked: string, does: Does): TemplateResult {
  const days = new Map(calendar.days.map((one) => [one.day, one]));
  const named = calendar.days.filter((one) => one.day.startsWith(`${year}-`));
  return html`<section class="year" aria-labelledby="year-title">
    <header><h2 id="year-title" class="part">${tell("yearTitle", { year })}</h2>
      <span class="turn"><button type="button" class="icon-button" aria-label=${String(year - 1)} @click=${() => does.turn(year - 1)}>${glyph("left")}</button>
        <button type="button" class="icon-button" aria-label=${String(year + 1)} @click=${() => does.turn(year + 1)}>${glyph("right")}</button></span>
      <span class="spacer"></span>
      <ul class="legend"><li class="work">${tell("workDay")}</li><li class="off">${tell("dayOff")}</li><li class="holiday">${tell("holiday")}</li>
        <li class="makeup">${tell("makeUp")}</li><li class="own">${tell("dayOwn")}</li></ul></header>
    <div class="months">${Array.from({ length: 12 }, (_, month) => monthView(calendar, days, year, month, picked, does))}</div>
    ${named.length ? html`<ul class="named">${named.map((one) => html`<li><button type="button" class=${kindOf(one)} @click=${() => does.pick(one.day)}>
      <i></i><b>${dayOf(`${one.day}T12:00Z`)}</b><span>${say({ vi: one.name_vi, en: one.name_en }) || tell(one.working ? "workDay" : "dayOff")}</span></button></li>`)}</ul>`
      : html`<p class="hint">${tell("noDays")}</p>`}</section>`;
}

function kindOf(one: Day): string {
  return `${one.working ? "makeup" : "holiday"} ${one.national ? "" : "own"}`;
}

function monthView(
  calendar: WorkCalendar, days: Map<string, Day>, year: number, month: number, picked: string, does: Does,
): TemplateResult {
  const first = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const today = new Date().toLocaleDateString("sv", { timeZone: calendar.time_zone || "UTC" });
  return html`<div class="month" role="group" aria-label="${monthName(month)} ${year}"><h3>${monthName(month)}</h3>
    <div class="grid-days">${WEEKDAYS.map((name) => html`<small aria-hidden="true">${tell(name).slice(0, 2)}</small>`)}
      ${Array.from({ length }, (_, at) => {
        const key = `${year}-${two(month + 1)}-${two(at + 1)}`;
        const known = days.get(key);
        const works = known ? known.working : (calendar.hours[(first + at) % 7]?.length ?? 0) > 0;
        const name = known ? say({ vi: known.name_vi, en: known.name_en }) : "";
        const kind = known ? kindOf(known) : works ? "work" : "off";
        return html`<button type="button" class="${kind} ${key === today ? "today" : ""}" style=${at ? "" : `grid-column:${first + 1}`}
          aria-pressed=${key === picked} title=${name || nothing}
          aria-label="${at + 1}/${month + 1}/${year}: ${name || tell(works ? "workDay" : "dayOff")}" @click=${() => does.pick(key)}>${at + 1}</button>`;
      })}</div></div>`;
}
