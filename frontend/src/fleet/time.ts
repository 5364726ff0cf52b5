import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { dateTime, toDate } from "../i18n/format";
import type { Clock } from "./contract";
import { tell } from "./words";

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
const SOON_SHARE = 0.8;

/** `2 ngày 4 giờ`, `3 giờ 12 phút`, `8 phút`: the two largest units of a stretch in seconds. */
export function stretch(s: number): string {
  const all = Math.max(0, Math.round(Math.abs(s) / MINUTE_S)) * MINUTE_S;
  const d = Math.floor(all / DAY_S);
  const h = Math.floor((all % DAY_S) / HOUR_S);
  const m = Math.floor((all % HOUR_S) / MINUTE_S);
  if (d) return h ? `${tell("days", { n: d })} ${tell("hours", { n: h })}` : tell("days", { n: d });
  if (h) return m ? `${tell("hours", { n: h })} ${tell("minutes", { n: m })}` : tell("hours", { n: h });
  return tell("minutes", { n: Math.max(1, m) });
}

export type Band = "within" | "soon" | "over";

export function bandOf(clock: Clock): Band {
  const due = toDate(clock.due_at)?.getTime();
  if (due === undefined) return "within";
  const now = serverNow();
  if (now >= due) return "over";
  return shareOf(clock) >= SOON_SHARE ? "soon" : "within";
}

function shareOf(clock: Clock): number {
  const due = toDate(clock.due_at)?.getTime() ?? 0;
  const since = toDate(clock.since)?.getTime() ?? due - DAY_S * 1000;
  return due > since ? Math.max(0, Math.min(1, (serverNow() - since) / (due - since))) : 1;
}

/** "còn 2 giờ 14 phút", "quá hạn 1 ngày". */
export function countdown(clock: Clock): string {
  const due = toDate(clock.due_at)?.getTime();
  if (due === undefined) return "";
  const left = (due - serverNow()) / 1000;
  return tell(left < 0 ? "overdue" : "left", { n: stretch(left) });
}

/** The legal clock on one line: what must happen, a thin bar, how long is left. */
export function clockLine(clock: Clock): TemplateResult | typeof nothing {
  if (!clock.due_at) return nothing;
  const band = bandOf(clock);
  return html`<span class="clock-line clock-${band}" title="${say(clock.title)} · ${tell("due", { at: dateTime(clock.due_at) })} · ${say(clock.source)}">
    <span class="bar" aria-hidden="true"><i style="width:${Math.max(3, shareOf(clock) * 100)}%"></i></span>
    <span class="clock-left">${countdown(clock)}</span></span>`;
}
