import { NO_QUERY, type Query } from "./contract";

/** What the address says: which queue, how it is filtered, what is open, what the map limits. */
export interface Place {
  query: Query;
  code: string;
  area: string;
}

const AREA = /^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$/;

export function read(hash: string): Place {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const query = { ...NO_QUERY };
  for (const name of Object.keys(query) as (keyof Query)[]) query[name] = said.get(name) ?? "";
  const area = said.get("area") ?? "";
  return { query, code: said.get("case") ?? "", area: AREA.test(area) ? area : "" };
}

export function write(place: Place): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(place.query)) if (value) said.set(name, value);
  if (place.area) said.set("area", place.area);
  if (place.code) said.set("case", place.code);
  return `#${said.toString().replace(/%2C/g, ",")}`;
}

/** The conditions of a query, without its queue and order: what a saved filter keeps. */
export function conditions(query: Query): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter(([name, value]) => value && name !== "order"),
  );
}

/** How many conditions narrow the queue. */
export function narrowed(query: Query): number {
  return Object.entries(query).filter(([name, value]) => value && name !== "order" && name !== "view").length;
}
