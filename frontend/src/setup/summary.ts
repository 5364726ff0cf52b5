import { number } from "../i18n/format";
import type { Conditions } from "./contract";
import type { SetupModel } from "./model";
import { tell } from "./words";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const NAMED = 3;

function some(all: readonly string[], name: (one: string) => string): string {
  const named = all.slice(0, NAMED).map(name).join(", ");
  return all.length > NAMED ? `${named} +${all.length - NAMED}` : named;
}

/** What a rule asks, in one line. */
export function summary(model: SetupModel, asked: Conditions): string {
  const parts: string[] = [];
  if (asked.emergency !== undefined) parts.push(tell(asked.emergency ? "onlyEmergency" : "noEmergency"));
  if (asked.categories?.length) parts.push(some(asked.categories, (code) => model.category(code)));
  if (asked.wards?.length) parts.push(some(asked.wards, (code) => model.ward(code)));
  if (asked.area) parts.push(tell("inArea"));
  if (asked.near) parts.push(tell("nearLine", { metres: number(asked.near.metres, 0), what: model.source(asked.near.layer) }));
  if (asked.words?.length) parts.push(some(asked.words, (word) => `“${word}”`));
  if (asked.weekdays?.length) parts.push(asked.weekdays.map((day) => tell(WEEKDAYS[day]!)).join(" "));
  if (asked.hours) parts.push(asked.hours.join("–"));
  return parts.length ? parts.join(" · ") : tell("asksNothing");
}
