import { classOf, kindColor, manyOf, sequential } from "./colors";
import type { Result } from "./contract";
import type { Runs } from "./runs";
import { distance, number } from "../i18n/format";
import { wordOf } from "./words";

export const NO_VALUE = "#7b8aa3";
const manies = new WeakMap<readonly Result[], number>();

/** How many classes, bands or rings the present results have. */
export function many(runs: Runs): number {
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

export function valueOf(result: Result): string {
  const { value, z, kind, facts } = result.properties;
  if (kind === "ring" && typeof facts.share === "number") return `${number(facts.share * 100, 1)} %`;
  if (value !== null) return number(value, Math.abs(value) < 10 ? 3 : 1);
  return z !== null ? `z ${number(z, 2)}` : "–";
}
