import type { Area, Mode, Period, Question, Relation, Span, Term } from "./contract";

/** What the address says: the question, what is done with it, and where the map stands. */
export interface Place {
  question: Question;
  mode: Mode;
  method: string;
  parameters: Record<string, unknown>;
  extra: Record<string, any>;
  run: string;
  spans: [Span, Span] | null;
  view: { lat: number; lon: number; zoom: number } | null;
}

const RELATIONS: Relation[] = ["intersects", "inside", "disjoint", "nearest", "reach"];
const MODES: Mode[] = ["ask", "analyse", "compare"];

function parsed<T>(text: string | null, fallback: T): T {
  try {
    return text ? (JSON.parse(text) as T) : fallback;
  } catch {
    return fallback;
  }
}

export function read(hash: string): Place {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const map = (said.get("map") ?? "").split("/").map(Number);
  const relation = said.get("relation") as Relation;
  const mode = said.get("mode") as Mode;
  const nearest = Number(said.get("k"));
  return {
    question: {
      layer: said.get("layer") ?? "",
      area: parsed<Area | null>(said.get("area"), null),
      relation: RELATIONS.includes(relation) ? relation : "intersects",
      nearest: nearest > 0 ? nearest : 10,
      period: parsed<Period>(said.get("when"), null),
      terms: parsed<Record<string, Term[]>>(said.get("with"), {}),
    },
    mode: MODES.includes(mode) ? mode : "ask",
    method: said.get("method") ?? "",
    parameters: parsed(said.get("set"), {}),
    extra: parsed(said.get("more"), {}),
    run: said.get("run") ?? "",
    spans: parsed(said.get("spans"), null),
    view: map.length === 3 && map.every(Number.isFinite) ? { zoom: map[0]!, lat: map[1]!, lon: map[2]! } : null,
  };
}

export function write(place: Place): string {
  const said = new URLSearchParams();
  const { question, view } = place;
  const put = (key: string, value: unknown): void => {
    const empty = !value || (typeof value === "object" && !Object.keys(value).length);
    if (!empty) said.set(key, typeof value === "string" ? value : JSON.stringify(value));
  };
  put("layer", question.layer);
  put("area", question.area && rounded(question.area));
  if (question.relation !== "intersects") put("relation", question.relation);
  if (question.relation === "nearest") said.set("k", String(question.nearest));
  put("when", question.period);
  put("with", Object.fromEntries(Object.entries(question.terms).filter(([, terms]) => terms.length)));
  if (place.mode !== "ask") put("mode", place.mode);
  if (place.mode === "analyse") {
    put("method", place.method);
    put("set", place.parameters);
    put("more", place.extra);
  }
  put("run", place.run);
  if (place.mode === "compare") put("spans", place.spans);
  if (view) said.set("map", `${view.zoom}/${view.lat.toFixed(4)}/${view.lon.toFixed(4)}`);
  return `#${said.toString().replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%5B/g, "[").replace(/%5D/g, "]")}`;
}

/** Six decimals: a hand's width, and half the address. */
function rounded(area: Area): Area {
  return JSON.parse(JSON.stringify(area, (_, value) => (typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value)));
}
