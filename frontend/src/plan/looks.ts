import { classOf, kindColor, manyOf, sequential } from "./colors";
import type { Result } from "./contract";
import type { Runs } from "./runs";
import { distance, number } from "../i18n/format";
import { say } from "../i18n";
import { wordOf } from "./words";

export const NO_VALUE = "#7b8aa3";
const manies = new WeakMap<readonly Result[], number>();

/** How many classes, bands or rings the present results have. Of two values at once so many each way, also where no place
 * lies in the highest ones. */
export function many(runs: Runs): number {
  const table: unknown = runs.run.value?.figures.table;
  if (Array.isArray(table)) return table.length;
  const results = runs.results.value;
  let found = manies.get(results);
  if (found === undefined) manies.set(results, (found = manyOf(results)));
  return found;
}

/** The colour of a result under the present scale, the same in map, table and chart. */
export function colorOf(runs: Runs, result: Result): string {
  const { by, limits } = runs.scale.value;
  const { kind, rank, value } = result.properties;
  if (by === "kind") return kindColor(kind, rank, many(runs));
  if (value === null) return NO_VALUE;
  return sequential(limits.length + 1)[classOf(value, limits)] ?? NO_VALUE;
}

/** A result's name: a ward's own, else what it is and its place in the order. */
export function nameOf(result: Result): string {
  const { title, kind, rank, facts, value } = result.properties;
  if (kind === "ring" && value !== null) return `≤ ${distance(value)}`;
  if (facts?.title) return wordOf(kind);
  if (kind === "cluster" || kind === "site") return `${wordOf(kind)} ${title || rank}`;
  return title || `${wordOf(kind)}`;
}

/** A kind in words: a class or a band with its limits, where the run tells them. */
export function kindWords(runs: Runs, kind: string): string {
  const [word, step] = [kind.split("-")[0]!, Number(kind.split("-")[1])];
  const limits = (runs.run.value?.figures.limits ?? []) as number[];
  if ((word !== "class" && word !== "band") || !limits.length) return wordOf(kind);
  const edges = word === "band" ? limits : [null, ...limits];
  const low = edges[step - 1] ?? null;
  const high = edges[step] ?? null;
  const digits = (limits.at(-1)! < 10) ? 2 : 1;
  const said = String(runs.run.value?.figures.unit ?? "");
  const unit = said === "1/km²" ? " /km²" : said === "m" ? " m" : "";
  if (low === null) return `≤ ${number(high!, digits)}${unit}`;
  return high === null ? `> ${number(low, digits)}${unit}` : `${number(low, digits)} – ${number(high, digits)}${unit}`;
}

/** What stands small beside a result's name: counts of two periods, what lies in zones, its ward. */
export function besideOf(runs: Runs, result: Result): string {
  const { kind, facts } = result.properties;
  if (facts.before !== undefined) return `${facts.before} → ${facts.after}`;
  if (facts.area_share !== undefined) return `${facts.count ? `/ ${facts.count} · ` : ""}${number(facts.km2, 2)} km²`;
  if (typeof facts.lowest === "number") return `${number(facts.lowest, 2)} – ${number(facts.highest, 2)}`;
  const ward = facts.ward ? say(facts.ward) : "";
  if (ward || kind === "cluster" || kind === "ring" || kind === "site") return ward;
  return kindWords(runs, kind) === nameOf(result) ? "" : kindWords(runs, kind);
}

export function valueOf(result: Result): string {
  const { value, z, kind, facts } = result.properties;
  if (kind === "ring" && typeof facts.share === "number") return `${number(facts.share * 100, 1)} %`;
  if (value !== null) return number(value, Math.abs(value) < 10 ? 3 : 1);
  return z !== null ? `z ${number(z, 2)}` : "–";
}
