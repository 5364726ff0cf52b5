import { theme } from "../common/prefs";
import type { Result } from "./contract";
import palettes from "./palettes.json";

/** Colours that stay apart as they are drawn over the ground of either theme, also for people with protanopia, deuteranopia
 * and tritanopia; a test simulates these. Groups: Okabe & Ito, Color Universal Design. */
const { sequential: SEQUENTIAL, heat: HEAT, corners: CORNERS, emerging, kinds } = palettes;
const KINDS: Record<string, string> = kinds;
const EMERGING: Record<"light" | "dark", Record<string, string[]>> = emerging;
export const GROUPS = palettes.groups;
export const OPACITY = palettes.opacity;

type Parts = [number, number, number];
const partsOf = (color: string): Parts => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as Parts;

function blend(weighted: readonly (readonly [string, number])[]): string {
  const sum = [0, 0, 0];
  for (const [color, weight] of weighted) partsOf(color).forEach((part, n) => (sum[n]! += part * weight));
  return `#${sum.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** `count` colours from few to many: by night the many are the bright ones, by day the dark ones. */
export function sequential(count: number): string[] {
  const n = Math.max(1, Math.min(7, count));
  const scale = SEQUENTIAL[theme.value];
  const last = scale.length - 1;
  return Array.from({ length: n }, (_, step) => scale[n > 1 ? Math.round((step / (n - 1)) * last) : last >> 1]!);
}

/** Between four corners: neither, the second, the first, both. */
function pair(kind: string, side: number): string {
  const [, a, b] = kind.split("-").map(Number);
  const x = side > 1 ? ((a ?? 1) - 1) / (side - 1) : 0;
  const y = side > 1 ? ((b ?? 1) - 1) / (side - 1) : 0;
  const shares = [(1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y];
  return blend(CORNERS[theme.value].map((corner, n) => [corner, shares[n]!] as const));
}

/** The colour of a result by its kind. `many`: how many classes, bands or rings there are. */
export function kindColor(kind: string, rank: number, many: number): string {
  if (KINDS[kind]) return KINDS[kind]!;
  const [word, n] = [kind.split("-")[0]!, Number(kind.split("-")[1])];
  if (word === "class") return sequential(many)[n - 1] ?? "#7b8aa3";
  if (word === "band") return HEAT[theme.value][n - 1] ?? HEAT[theme.value].at(-1)!;
  if (word === "pair") return pair(kind, many);
  if (kind === "ring") return sequential(Math.max(3, many))[many - rank] ?? "#41b6c4";
  if (kind === "cluster") return GROUPS[(rank - 1) % GROUPS.length]!;
  const sides = EMERGING[theme.value][word];
  if (sides) return sides[kind.endsWith("cold") ? 1 : 0]!;
  return "#2ec4b6";
}

/** How many classes the kinds of these results count up to. */
export function manyOf(results: readonly Result[]): number {
  if (results[0]?.properties.kind === "ring") return results.length;
  return results.reduce((most, one) => Math.max(most, Number(one.properties.kind.split("-")[1]) || 0), 1);
}

export type Method = "quantile" | "natural" | "custom";

/** Upper limits of classes, the last left out: `count` − 1 rising numbers. */
export function limitsOf(values: readonly number[], method: Method, count: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const found = method === "natural" ? natural(thinned(sorted, 600), count)
    : Array.from({ length: count - 1 }, (_, n) => quantile(sorted, (n + 1) / count));
  return [...new Set(found)].filter((limit) => limit > sorted[0]! && limit <= sorted.at(-1)!);
}

export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low]! + ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!) * (at - low);
}

function thinned(sorted: readonly number[], most: number): number[] {
  if (sorted.length <= most) return [...sorted];
  return Array.from({ length: most }, (_, n) => sorted[Math.round((n * (sorted.length - 1)) / (most - 1))]!);
}

/** Classes with the least spread inside each, exactly. Source: Fisher 1958, as Jenks used it. */
function natural(sorted: readonly number[], count: number): number[] {
  const n = sorted.length;
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  sorted.forEach((value, i) => {
    sums[i + 1] = sums[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
  });
  const spread = (from: number, to: number): number => {
    const sum = sums[to]! - sums[from]!;
    return squares[to]! - squares[from]! - (sum * sum) / (to - from);
  };
  let best = Float64Array.from({ length: n + 1 }, (_, to) => (to ? spread(0, to) : 0));
  const cuts: Int32Array[] = [];
  for (let k = 1; k < Math.min(count, n); k++) {
    const next = new Float64Array(n + 1).fill(Infinity);
    const cut = new Int32Array(n + 1);
    for (let to = k + 1; to <= n; to++) {
      for (let from = k; from < to; from++) {
        const cost = best[from]! + spread(from, to);
        if (cost < next[to]!) [next[to], cut[to]] = [cost, from];
      }
    }
    best = next;
    cuts.push(cut);
  }
  const limits: number[] = [];
  for (let k = cuts.length - 1, to = n; k >= 0; k--) {
    to = cuts[k]![to]!;
    limits.unshift(sorted[to]!);
  }
  return limits;
}

/** The number of the class that a value falls in. */
export function classOf(value: number, limits: readonly number[]): number {
  let at = 0;
  while (at < limits.length && value >= limits[at]!) at++;
  return at;
}

/** Counts of values in equal bins, with the edges. */
export function bins(values: readonly number[], count: number): { edges: number[]; counts: number[] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const width = (high - low) / count || 1;
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[Math.min(count - 1, Math.floor((value - low) / width))]!++;
  return { edges: Array.from({ length: count + 1 }, (_, n) => low + n * width), counts };
}
