import type { Text } from "../common/contract";

export interface Titled { code: string; title: string }
export interface EventKind { code: string; title: Text; color: string; shape: string }

export interface Home {
  me: { name: string; role: string; may: Record<May, boolean> };
  kinds: EventKind[];
  states: Titled[];
  reviews: Titled[];
  classes: string[];
  causes: { code: string; title: Text }[];
  detectors: string[];
  picture_days: number;
  plates: boolean;
  discovery: boolean;
  clip_mb: number;
}
export type May = "set_up" | "review" | "clear" | "discover" | "search_plate" | "plate_text" | "audit";

export interface Camera {
  id: number;
  code: string;
  name: Text;
  lon: number;
  lat: number;
  bearing_deg: number | null;
  fov_deg: number;
  range_m: number;
  owner: string;
  road: string;
  enabled: boolean;
  streaming: boolean;
  state: string;
  state_title: string;
  state_note: string;
  last_frame_at: string | null;
  frames: number;
  frames_dropped: number;
  frames_per_s: number | null;
  inference_ms: number | null;
  calibrated: boolean;
  rules: number;
  synthetic: boolean;
  version: number;
  picture: string;
}

export type Spot = [x: number, y: number];
export interface ControlPoint { x: number; y: number; lon: number; lat: number }
export type RuleData = Record<string, unknown> & { kind: string; name: string; off?: boolean };

export interface CameraWhole extends Camera {
  name_vi: string;
  name_en: string;
  detector: string;
  frames_per_s_asked: number | null;
  declared: RuleData[];
  control_points: ControlPoint[];
  masks: Spot[][];
  keep_days: number | null;
  clear_days: number;
  loops: boolean;
  source: string;
  has_login: boolean;
  view: [number, number][] | null;
  address?: string;
  billboards?: { title: Text; layer?: string; id?: string }[];
}

export interface Health {
  camera: Camera;
  age_s: number | null;
  minutes: {
    at: string; state: string; frames: number; dropped: number;
    frames_per_s: number | null; inference_ms: number | null; age_s: number | null;
  }[];
  troubles: { kind: string; words: string; started_at: string; ended_at: string | null }[];
}

export interface Fit {
  error_m: number;
  error_90_m: number;
  points: { error_m: number }[];
  worst: number | null;
  corners: Spot[];
  footprint: [lon: number, lat: number][];
  grid: [x: number, y: number, error_m: number][];
}

export interface Asked {
  name: string;
  type: "line" | "zone" | "number" | "integer" | "text" | "choice" | "classes" | "boolean";
  title: Text;
  help: Text;
  unit: string;
  required: boolean;
  default: unknown;
  min: number | null;
  max: number | null;
  choices: { value: string; title: Text }[];
}

export interface RuleKind {
  kind: string;
  title: Text;
  help: Text;
  lasting: boolean;
  needs_per_s: number;
  needs_control_points: boolean;
  experimental: boolean;
  fields: Asked[];
}

export interface Problem { index: number | null; rule: string; field: string; words: string }
export interface Checked { ok: boolean; problems: Problem[]; needs_per_s: number }

export interface Job<T> {
  id: number;
  kind: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  camera: number | null;
  progress: number;
  note: string;
  result: T;
  picture: string | null;
  created_at: string;
  ended_at: string | null;
  by: string;
  asked: { rules?: RuleData[]; recording?: string; clip_name?: string; seconds?: number };
}

export interface Probed {
  width: number; height: number; codec: string; frames_per_s: number | null;
  hidden_by: string; took_ms: number; at: string; pictures: number;
}

export interface Finding {
  at_s: number; rule: string; kind: string; direction: string; object_class: string; box: number[];
  confidence: number; lon: number; lat: number; error_m: number; notable: boolean; picture: number | null;
}

export interface Tried {
  seconds: number;
  frames: number;
  counts: { rule: string; kind: string; direction: string; object_class: string; count: number }[];
  minutes: { minute: number; rule: string; direction: string; count: number }[];
  found: number;
  raised: number;
  findings: Finding[];
}

export type Review = "pending" | "accepted" | "rejected" | "wrong_class";

export interface CameraEvent {
  id: number;
  camera: { id: number; name: string };
  kind: string;
  kind_title: Text;
  rule: string;
  direction: string;
  object_class: string;
  confidence: number;
  lon: number;
  lat: number;
  error_m: number;
  value: number | null;
  value_error: number | null;
  box: number[] | null;
  started_at: string;
  ended_at: string;
  going_on: boolean;
  sightings: number;
  same_as: number | null;
  notable: boolean;
  picture: string | null;
  clip: string | null;
  clear: boolean;
  model_hash: string;
  review: Review;
  right_class: string;
  reason: string;
  reviewed_by: string | null;
  reviewed_at: string | null;
  version: number;
  synthetic: boolean;
}

export interface EventWhole extends CameraEvent {
  log: { seq: number; review: Review; right_class: string; reason: string; by: string; at: string; undo: boolean }[];
  plates: number | null;
  classes: string[];
}

export interface Outcome {
  id: number; ok: boolean; version: number | null; review: Review | null;
  error?: { code: string; message: string };
}

export interface Precise {
  camera: { id: number; code: string; name: string };
  rule: string;
  kind: string;
  accepted: number;
  rejected: number;
  wrong_class: number;
  pending: number;
  reviewed: number;
  precision: { share: number; low: number; high: number } | null;
  few: boolean;
}

export interface Counted {
  at: string; camera_id: number; rule: string; direction: string; object_class: string; count: number;
}

/** A stretch of time in which a camera looked. */
export interface Watched { camera_id: number; from: string; to: string }

export interface Reading {
  id: number; kind: string; color: string; lines: number; confidence: number; event: CameraEvent;
}

/** One trial of a camera, in short. `clip` is a token that may be tried again, while it is kept. */
export interface TrialLine {
  id: number; state: Job<Tried>["state"]; progress: number; note: string; by: string; mine: boolean;
  created_at: string; ended_at: string | null; rules: number; clip: string; clip_name: string; recording: string;
  found: number | null; raised: number | null; seconds: number | null;
}

export interface Brought { clip: string; container: string; bytes: number; most_s: number }

export interface Trouble {
  id: number; camera: { id: number; code: string; name: Text }; kind: string; words: string;
  started_at: string; ended_at: string | null;
}

export interface Training {
  pictures: number; boxes: number; not_there: number; by_class: { object_class: string; count: number }[];
}

export interface AuditLine {
  id: number; at: string; act: string; act_title: string; by_name: string; camera_code: string;
  camera: { id: number; name: string } | null; event_id: number | null; reason: string; detail: Record<string, unknown>;
}

export interface ToldStream { name: string; encoding: string; width: number; height: number; address: string }
export interface Discovered {
  ip: string; name: string; model: string; location: string; services: string[];
  known: { id: number; name: string } | null;
}
