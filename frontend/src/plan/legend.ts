import { say } from "../i18n";
import { day, number } from "../i18n/format";
import { sequential } from "./colors";
import { colorOf, kindWords, nameOf } from "./looks";
import type { PlanModel } from "./model";
import { COLORS as PERIODS } from "./swipelayer";
import { tell } from "./words";

const MOST = 10;
const OWN_NAME = new Set(["cluster", "ring", "site"]);

/** One colour of the map in words; how many there are of it where that is known. */
export interface Entry { name: string; color: string; count?: number }

/** What the colours of the present map mean: on paper and in the picture as on screen. */
export function legendOf(model: PlanModel): Entry[] {
  const { mode, runs } = model;
  if (mode.value === "compare") return periods(model);
  if (mode.value !== "analyse" || !runs.run.value) return choices(model);
  return runs.scale.value.by === "value" ? classes(model) : kinds(model);
}

function choices({ focus, focusAnswer }: PlanModel): Entry[] {
  const by = focusAnswer?.by?.find((one) => one.field === focus.style.by);
  const found = (by?.values ?? []).filter((one) => one.count && one.color).map((one) => ({ name: one.title ? say(one.title) : (one.value ?? "–"), color: one.color, count: one.count }));
  return found.length ? found.slice(0, MOST) : [{ name: say(focus.title), color: focus.style.color, count: focusAnswer?.count?.value }];
}

function periods({ comparing }: PlanModel): Entry[] {
  const spans = comparing.spans.value;
  return (["first", "second"] as const).map((word, at) => ({
    name: spans ? `${tell(word)}: ${day(spans[at]!.start)} – ${day(spans[at]!.end)}` : tell(word), color: PERIODS[at]!,
    count: comparing.sides.value?.[at]!.answer?.count?.value,
  }));
}

function classes({ runs }: PlanModel): Entry[] {
  const values = runs.values();
  if (!values.length) return [];
  const { limits } = runs.scale.value;
  const edges = [Math.min(...values), ...limits, Math.max(...values)];
  const digits = edges.at(-1)! - edges[0]! < 10 ? 2 : 0;
  const unit = runs.run.value?.figures.unit ?? "";
  return sequential(limits.length + 1).map((color, n) => ({ color, name: `${number(edges[n]!, digits)} – ${number(edges[n + 1]!, digits)} ${unit}`.trim() }));
}

function kinds({ runs }: PlanModel): Entry[] {
  const found = new Map<string, Entry>();
  for (const one of runs.results.value) {
    const { kind } = one.properties;
    const name = OWN_NAME.has(kind) ? nameOf(one) : kindWords(runs, kind);
    const held = found.get(name);
    if (held) held.count!++;
    else found.set(name, { name, color: colorOf(runs, one), count: 1 });
  }
  return [...found.values()].slice(0, MOST);
}
