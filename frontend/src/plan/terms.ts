import type { Bounds } from "../common/contract";
import type { Area, Period, Question, Term } from "./contract";

/** An area as the server takes it: without the screen's own name for it. */
export function placeOf(area: Area): Record<string, unknown> {
  const { label: _, ...place } = area;
  return place;
}

/** Degrees beyond the city that "everything" still means: its sea, and what strays. */
const BEYOND_DEG = 6;

function aroundOf([w, s, e, n]: Bounds): Area {
  const [west, south, east, north] = [w - BEYOND_DEG, s - BEYOND_DEG, e + BEYOND_DEG, n + BEYOND_DEG];
  return { geometry: { type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] } };
}

function timeTerm(period: Period): Term | null {
  if (!period) return null;
  return "last" in period ? { op: "last", ...period.last } : { op: "during", ...period };
}

/** The place of a question as a condition; none where it is the whole city. `reaches`: features of
 * the layer reach ground (cameras see it); others lie in the area that these reach. */
export function placeTerm(question: Question, reaches: boolean): Term | null {
  const { area, relation } = question;
  if (!area) return null;
  if (relation === "reach") {
    const place: Term = { op: "intersects", ...placeOf(area) };
    return reaches ? { op: "reach", term: place } : place;
  }
  if (relation === "nearest") return { op: "nearest", k: question.nearest, ...placeOf(area) };
  return { op: relation, ...placeOf(area) };
}

/** All that a question asks of its layer, as one condition. `timed`: the layer has times. */
export function whereOf(question: Question, timed: boolean, reaches: boolean): Term | null {
  const terms = [placeTerm(question, reaches), timed ? timeTerm(question.period) : null, ...(question.terms[question.layer] ?? [])]
    .filter((term) => term !== null);
  return joined(terms);
}

/** The conditions alone, without place and time. */
export function conditionsOf(question: Question, layer = question.layer): Term | null {
  return joined(question.terms[layer] ?? []);
}

function joined(terms: Term[]): Term | null {
  if (terms.length < 2) return terms[0] ?? null;
  return { op: "and", terms };
}

/** The body that asks every layer at once. */
export function answerBody(question: Question, layers: string[], city: Bounds, limit: number, reaches: (slug: string) => boolean): object {
  const filters: Record<string, Term> = {};
  const inside = question.relation === "intersects" && question.area;
  for (const slug of layers) {
    const place = inside ? null : placeTerm(question, reaches(slug));
    const term = joined([...(place ? [place] : []), ...(question.terms[slug] ?? [])]);
    if (term) filters[slug] = term;
  }
  const area = inside ? placeOf(question.area!) : aroundOf(city);
  return {
    area, layers, limit,
    ...(Object.keys(filters).length && { filters }),
    ...(question.period && { period: question.period }),
  };
}
