import { recall, remember } from "../common/prefs";
import type { Followed } from "./api";

/** A report as this phone last saw it, and when by the phone's own clock. */
export interface Seen {
  atMs: number;
  report: Followed;
}

const MOST = 30;
const LIST = "seen";

function list(): string[] {
  try {
    const kept: unknown = JSON.parse(recall(LIST) ?? "[]");
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

/** Keeps a report for when there is no net. What only being signed in opened is left out: the next
 * person at this browser may be another; what this phone's own key opens is on the phone anyway. */
export function keepSeen(report: Followed, hasKey: boolean): void {
  const kept: Followed = { ...report, photos: [], question: null, can: [] };
  kept.steps = report.steps.map((step) => ({ ...step, photos: [] }));
  if (!hasKey) {
    Object.assign(kept, { words: null, mine: false, emergency: null, held: false });
    for (const step of kept.steps) if (report.mine && step.by === "reporter") step.words = null;
  }
  const codes = [report.code, ...list().filter((code) => code !== report.code)];
  for (const code of codes.splice(MOST)) remember(`${LIST}.${code}`, null);
  remember(LIST, JSON.stringify(codes));
  remember(`${LIST}.${report.code}`, JSON.stringify({ atMs: Date.now(), report: kept }));
}

/** What this phone saw of a report before; null where it never did. */
export function lastSeen(code: string): Seen | null {
  try {
    const kept = JSON.parse(recall(`${LIST}.${code}`) ?? "null") as Seen | null;
    return kept?.report?.code === code && Array.isArray(kept.report.steps) ? kept : null;
  } catch {
    return null;
  }
}

/** The report is gone or hidden: what was kept of it goes too. */
export function forgetSeen(code: string): void {
  remember(`${LIST}.${code}`, null);
  remember(LIST, JSON.stringify(list().filter((one) => one !== code)));
}
