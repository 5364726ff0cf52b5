import { STATES, type Order, type Query, type State } from "./contract";

/** What the address says: what is listed, open, picked, when, where. */
export interface Place {
  query: Query;
  vessel: string;
  alert: string;
  picks: string[];
  span: { from: number; to: number } | null;
  at: number | null;
  area: [number, number][] | null;
  view: { lat: number; lon: number; zoom: number } | null;
}

const ORDERS: Order[] = ["need", "name", "length"];

export function read(hash: string): Place {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const state = said.get("state") as State;
  const order = said.get("order") as Order;
  const [from, to] = numbers(said.get("span"));
  const [zoom, lat, lon] = numbers(said.get("map"), "/");
  const area = (said.get("area") ?? "").split(";").map((pair) => numbers(pair)).filter((pair) => pair.length === 2);
  const at = Number(said.get("at"));
  return {
    query: {
      state: STATES.includes(state) ? state : "", q: said.get("q") ?? "",
      order: ORDERS.includes(order) ? order : "need",
      kind: said.get("kind") ?? "", zone: said.get("zone") ?? "", starred: said.has("starred"),
    },
    vessel: said.get("vessel") ?? "",
    alert: said.get("alert") ?? "",
    picks: (said.get("pick") ?? "").split(",").filter(Boolean),
    span: to !== undefined && to > from! ? { from: from!, to } : null,
    at: said.has("at") && Number.isFinite(at) ? at : null,
    area: area.length > 2 ? (area as [number, number][]) : null,
    view: lon !== undefined ? { lat: lat!, lon, zoom: zoom! } : null,
  };
}

export function write(place: Place): string {
  const said = new URLSearchParams();
  const { query, view, span } = place;
  if (query.state) said.set("state", query.state);
  if (query.q) said.set("q", query.q);
  if (query.order !== "need") said.set("order", query.order);
  if (query.kind) said.set("kind", query.kind);
  if (query.zone) said.set("zone", query.zone);
  if (query.starred) said.set("starred", "1");
  if (place.vessel) said.set("vessel", place.vessel);
  if (place.alert) said.set("alert", place.alert);
  if (place.picks.length) said.set("pick", place.picks.join(","));
  if (span) said.set("span", `${span.from},${span.to}`);
  if (place.at !== null) said.set("at", String(Math.round(place.at)));
  if (place.area) said.set("area", place.area.map((pair) => pair.map((n) => n.toFixed(4)).join(",")).join(";"));
  if (view) said.set("map", `${view.zoom}/${view.lat.toFixed(4)}/${view.lon.toFixed(4)}`);
  return `#${said.toString().replace(/%2C/g, ",").replace(/%3B/g, ";").replace(/%2F/g, "/")}`;
}

function numbers(text: string | null, by = ","): number[] {
  const all = (text ?? "").split(by).map(Number);
  return text && all.every(Number.isFinite) ? all : [];
}
