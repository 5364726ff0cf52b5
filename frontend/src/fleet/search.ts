import type { Order, Query, State, Vessel } from "./contract";

/** Letters as one types them in a hurry: no accents, no case. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

const bare = (text: string): string => text.replace(/[^a-z0-9]/g, "");

const keys = new WeakMap<Vessel, string>();

/** What a vessel is found by: name, plate with and without its dashes, MMSI. */
function keyOf(vessel: Vessel): string {
  let key = keys.get(vessel);
  if (key === undefined) {
    const folded = fold(`${vessel.name} ${vessel.plate} ${vessel.mmsi ?? ""}`);
    key = `${folded} ${bare(folded)}`;
    keys.set(vessel, key);
  }
  return key;
}

const ORDERS: Record<Order, (a: Vessel, b: Vessel) => number> = {
  need: (a, b) => rank(a) - rank(b) || byName(a, b),
  name: (a, b) => byName(a, b),
  length: (a, b) => (b.length_m ?? 0) - (a.length_m ?? 0) || byName(a, b),
};

function rank(vessel: Vessel): number {
  return vessel.need ? vessel.place ?? 0 : Number.MAX_SAFE_INTEGER;
}

function byName(a: Vessel, b: Vessel): number {
  const x = a.plate || a.name;
  const y = b.plate || b.name;
  return x < y ? -1 : x > y ? 1 : 0;
}

export interface Answer {
  shown: Vessel[];
  counts: Record<State | "total", number>;
}

/** The vessels that a query lists, in its order, and how many of each state match its words. */
export function ask(vessels: Iterable<Vessel>, query: Query, starred: ReadonlySet<string> = new Set()): Answer {
  const words = fold(query.q).split(/\s+/).filter(Boolean);
  const joined = bare(fold(query.q));
  const counts = { total: 0, danger: 0, over_line: 0, silent: 0, at_sea: 0, in_port: 0, unknown: 0 };
  const shown: Vessel[] = [];
  for (const vessel of vessels) {
    if (query.kind && vessel.kind !== query.kind) continue;
    if (query.zone && !vessel.zones?.includes(query.zone)) continue;
    if (query.starred && !starred.has(String(vessel.id))) continue;
    if (words.length) {
      const key = keyOf(vessel);
      if (!words.every((word) => key.includes(word)) && !(joined && key.includes(joined))) continue;
    }
    counts.total++;
    counts[vessel.state in counts ? vessel.state : "unknown"]++;
    if (!query.state || vessel.state === query.state) shown.push(vessel);
  }
  return { shown: shown.sort(ORDERS[query.order]), counts };
}
