import { theme } from "../common/prefs";
import type { Result } from "./contract";

/** Scales that people with colour blindness can read. Source: ColorBrewer 2.0 (Brewer & Harrower). */
const SEQUENTIAL: Record<number, string[]> = {
  1: ["#41b6c4"],
  2: ["#a1dab4", "#225ea8"],
  3: ["#edf8b1", "#7fcdbb", "#2c7fb8"],
  4: ["#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"],
  5: ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"],
  6: ["#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"],
  7: ["#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"],
  8: ["#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"],
};
const HEAT = ["#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026"];
/** Source: Okabe & Ito, Color Universal Design. */
export const GROUPS = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442"];
/** RdBu and its like: warm is more, cool is less. */
const KINDS: Record<string, string> = {
  hot: "#d6604d", cold: "#4393c3", "high-high": "#b2182b", "low-low": "#2166ac", "high-low": "#f4a582", "low-high": "#92c5de",
  rose: "#d6604d", fell: "#4393c3", same: "#a9b3c1", "too-few": "#7b8aa3", empty: "#7b8aa3", spared: "#a9b3c1", site: "#2ec4b6",
};
/** Apart in lightness, so that they are told apart without hue: the graver, the farther from the ground. */
const EMERGING: Record<"light" | "dark", Record<string, [hot: string, cold: string]>> = {
  light: {
    new: ["#c51b8a", "#6a51a3"], consecutive: ["#fc8d59", "#6baed6"], intensifying: ["#67000d", "#08306b"], persistent: ["#cb181d", "#2171b5"],
    diminishing: ["#fdbf86", "#b3cde3"], sporadic: ["#f3d98b", "#cfe3ef"], oscillating: ["#b08a3c", "#5e8a8f"], historical: ["#c9bba6", "#a8b6c4"],
  },
  dark: {
    new: ["#f472c4", "#b39dfa"], consecutive: ["#f98e52", "#5aa5d6"], intensifying: ["#ffe3d6", "#d6ecff"], persistent: ["#ff5a4d", "#3f8fd0"],
    diminishing: ["#b9805a", "#4f7ea3"], sporadic: ["#8d7440", "#46667f"], oscillating: ["#7c8a3c", "#4e8a7e"], historical: ["#6f665c", "#5c6a78"],
  },
};
const CORNERS = [[232, 232, 232], [90, 200, 200], [190, 100, 172], [59, 73, 148]] as const;

/** `count` colours from few to many; at night the many are the bright ones, the darkest is left out. */
export function sequential(count: number): string[] {
  const n = Math.max(1, Math.min(7, count));
  return theme.value === "dark" ? SEQUENTIAL[n + 1]!.slice(0, n).reverse() : SEQUENTIAL[n]!;
}

function pair(kind: string, side: number): string {
  const [, a, b] = kind.split("-").map(Number);
  const x = side > 1 ? ((a ?? 1) - 1) / (side - 1) : 0;
  const y = side > 1 ? ((b ?? 1) - 1) / (side - 1) : 0;
  const mix = (n: 0 | 1 | 2) => Math.round(
    CORNERS[0][n] * (1 - x) * (1 - y) + CORNERS[1][n] * (1 - x) * y + CORNERS[2][n] * x * (1 - y) + CORNERS[3][n] * x * y);
  return `#${[mix(0), mix(1), mix(2)].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of a result by its kind. `many`: how many classes, bands or rings there are. */
export function kindColor(kind: string, rank: number, many: number): string {
  if (KINDS[kind]) return KINDS[kind]!;
  const [word, n] = [kind.split("-")[0]!, Number(kind.split("-")[1])];
  if (word === "class") return sequential(many)[n - 1] ?? "#7b8aa3";
  if (word === "band") return HEAT[n - 1] ?? HEAT.at(-1)!;
  if (word === "pair") return pair(kind, many);
  if (kind === "ring") return sequential(Math.max(3, many))[many - rank] ?? "#41b6c4";
  if (kind === "cluster") return GROUPS[(rank - 1) % GROUPS.length]!;
  const emerging = EMERGING[theme.value][word];
  if (emerging) return emerging[kind.endsWith("cold") ? 1 : 0];
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
