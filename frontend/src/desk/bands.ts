import { html, nothing, svg, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { number, toDate } from "../i18n/format";
import type { Band, Clock, Item } from "./contract";
import { tell } from "./words";

/** Each band has a colour, a shape and a word, so that none of them is needed to tell it. */
export const LOOKS: Record<Band, { color: string; shape: string; hollow: boolean }> = {
  within: { color: "#3fb68b", shape: "circle", hollow: false },
  warning: { color: "#f39c12", shape: "triangle", hollow: false },
  breached: { color: "#e4572e", shape: "diamond", hollow: false },
  paused: { color: "#7b8aa3", shape: "square", hollow: true },
  none: { color: "#7b8aa3", shape: "circle", hollow: false },
};

const MARKS: Record<Band, TemplateResult> = {
  within: svg`<circle cx="6" cy="6" r="3.6"></circle>`,
  warning: svg`<path d="M6 1.4 11.2 10.6H.8Z"></path>`,
  breached: svg`<path d="M6 .4 11.6 6 6 11.6.4 6Z"></path>`,
  paused: svg`<path d="M2.6 1.8h2.3v8.4H2.6ZM7.1 1.8h2.3v8.4H7.1Z"></path>`,
  none: svg`<path d="M2 5.2h8v1.6H2Z"></path>`,
};

export function bandMark(band: Band): TemplateResult {
  return html`<svg class="band-mark band-${band}" viewBox="0 0 12 12" aria-hidden="true">${MARKS[band]}</svg>`;
}

const MINUTE_MS = 60_000;

/** `40 phút`, `3 giờ`, `2 ngày`: a stretch of the wall clock, as one would say it. */
export function stretch(ms: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / MINUTE_MS));
  if (minutes < 60) return tell("minutes", { n: minutes });
  if (minutes < 48 * 60) return tell("hours", { n: Math.round(minutes / 60) });
  return tell("days", { n: Math.round(minutes / 1440) });
}

/** `3 giờ làm việc`, `40 phút làm việc`; round the clock for emergencies. */
export function workingHours(hours: number, emergency: boolean): string {
  const h = Math.abs(hours);
  if (h < 1) {
    const n = Math.max(1, Math.round(h * 60));
    return tell(emergency ? "minutes" : "workMinutes", { n });
  }
  return tell(emergency ? "hours" : "workHours", { n: number(h, h < 10 ? 1 : 0) });
}

/** "còn 3 giờ làm việc", "quá hạn 2 ngày", "tạm dừng". */
export function dueWords(item: Item): string {
  if (item.band === "paused") return tell("paused");
  const due = toDate(item.due_at)?.getTime();
  if (item.band === "none" || due === undefined) return tell(item.state.open === false ? "closed" : "noClock");
  const left = due - serverNow();
  if (left < 0) return tell("overdueBy", { n: stretch(left) });
  const hours = item.left_h;
  return tell("left", {
    n: typeof hours === "number" ? workingHours(hours, item.emergency) : stretch(left),
  });
}

/** The share used as a thin bar; over the whole it is full and hatched. */
export function shareBar(band: Band, used: number | null, label: string, warnAt = 0.8): TemplateResult {
  const share = Math.max(0, Math.min(1, used || 0));
  return html`<span class="share band-${band}" role="img" aria-label=${label}>
    <i style="width:${band === "none" ? 0 : Math.max(share * 100, 2)}%"></i>
    ${band === "none" ? nothing : html`<b style="left:${warnAt * 100}%"></b>`}</span>`;
}

export function clockWords(clock: Clock, emergency: boolean): string {
  if (clock.state === "stopped") {
    return clock.band === "breached" ? tell("clockLate") : tell("clockKept");
  }
  if (clock.state === "paused") return tell("paused");
  const left = clock.budget_h * (1 - clock.used);
  return left < 0 ? tell("overdueBy", { n: workingHours(left, emergency) })
    : tell("left", { n: workingHours(left, emergency) });
}
