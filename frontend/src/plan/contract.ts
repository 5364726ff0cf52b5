import type { Text } from "../common/contract";

/** A condition as the server reads it: `{op, …}`, nested. */
export interface Term { op: string; [key: string]: unknown }

export interface Area {
  geometry?: GeoJSON.Geometry;
  wards?: number[];
  feature?: { layer: string; id: string };
  buffer_m?: number;
  /** What the screen calls it; the server names wards and features itself. */
  label?: string;
}

export type Period = { last: { amount: number; unit: "hours" | "days" } } | { start: string; end: string } | null;
export type Relation = "intersects" | "inside" | "disjoint" | "nearest" | "reach";

export interface Count { value: number; kind: "exact" | "estimated" | "at least"; margin?: number }
export interface ChoiceCount { value: string | null; title: Text | null; color: string; count: number }
export interface By { field: string; title: Text; values: ChoiceCount[]; rest: number }
export interface Times { start: string | null; step_s: number; counts: number[]; without: number }
export type Found = GeoJSON.Feature<GeoJSON.Geometry | null, Record<string, unknown>>;

export interface LayerAnswer {
  layer: string;
  title: Text;
  in_words: Text;
  error?: { code: string; message: string };
  count?: Count;
  density_per_km2?: number | null;
  by?: By[];
  time?: Times | null;
  features?: Found[];
  next?: string | null;
}

export interface Answer {
  area: { name: string; km2: number; bbox: [number, number, number, number]; vertices: number };
  partial: boolean;
  layers: LayerAnswer[];
  took_ms: number;
}

export interface QuestionAnswer {
  layer: string;
  in_words: Text;
  expected_rows: number;
  count: Count;
  features: Found[];
  next: string | null;
}

export interface Upload {
  geometry: GeoJSON.Geometry;
  km2: number;
  bbox: [number, number, number, number];
  features: number;
  vertices: number;
  vertices_read: number;
  simplified: boolean;
  crs_read: string;
}

export interface Parameter {
  name: string;
  kind: "integer" | "number" | "choice" | "flag" | "numbers";
  title: Text;
  explanation: Text;
  default: unknown;
  required: boolean;
  low: number | null;
  high: number | null;
  unit: string;
  options: Record<string, Text>;
}

export interface Method {
  slug: string;
  title: Text;
  explanation: Text;
  inputs: { name: string; title: Text; explanation: Text; optional: boolean }[];
  parameters: Parameter[];
  references: string[];
  caveats: Text[];
  asks: string[];
  /** What kind of layer it looks at. */
  layer_kind: "point" | "grid";
}

export type RunState = "queued" | "running" | "done" | "failed" | "cancelled";
export interface Run {
  id: string;
  analysis: string;
  method: string;
  asked: Record<string, any>;
  parameters: Record<string, unknown>;
  state: RunState;
  progress: number;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  data_at: string | null;
  code_version: string;
  synthetic: boolean;
  figures: Record<string, any>;
  problem: Text | null;
  mine: boolean;
}

export interface Analysis {
  id: string;
  name: string;
  method: { slug: string; title: Text };
  asked: Record<string, any>;
  parameters: Record<string, unknown>;
  every: "" | "hour" | "day" | "week";
  shared: boolean;
  on_wall: boolean;
  next_run_at: string | null;
  owner: string;
  mine: boolean;
  version: number;
  updated_at: string;
  latest: Run | null;
}

export interface ResultProps {
  rank: number;
  kind: string;
  title: string;
  value: number | null;
  z: number | null;
  q: number | null;
  facts: Record<string, any>;
}
export type Result = GeoJSON.Feature<GeoJSON.Geometry, ResultProps> & { id: number };

/** What a person asks: kept in the address, in the history and with an analysis. */
export interface Question {
  layer: string;
  area: Area | null;
  relation: Relation;
  nearest: number;
  period: Period;
  /** Conditions on each layer, all of which must hold. */
  terms: Record<string, Term[]>;
}
export type Mode = "ask" | "analyse" | "compare";
export interface Span { start: string; end: string }
