import type { Severity, Text } from "../common/contract";

/** The shapes of /api/v1/vessels, as this screen reads them. Times are ISO text unless said. */

export const STATES = ["danger", "over_line", "silent", "at_sea", "in_port", "unknown"] as const;
export type State = (typeof STATES)[number];
export type Words = Text | string;

export interface Clock {
  title: Words;
  due_at: string | null;
  since: string | null;
  source: Words;
}

export interface Need {
  rank: number;
  reason: Words;
  severity: Severity;
  clock: Clock | null;
  alert_id: number | string | null;
}

export interface Vessel {
  id: number | string;
  name: string;
  plate: string;
  mmsi: number | string | null;
  kind: string;
  length_m: number | null;
  waters_class: string;
  state: State;
  lon: number | null;
  lat: number | null;
  speed_kn: number | null;
  course_deg: number | null;
  observed_at: string | null;
  source: string | null;
  need: Need | null;
  synthetic: boolean;
  /** Codes of the waters it is in. */
  zones?: string[];
  /** Its place in the server's order of need; set as the pages come. */
  place?: number;
}

export interface Fleet {
  now: string;
  counts: Partial<Record<State | "total", number>>;
  thresholds_as_of: string | null;
}

export interface ListPage {
  vessels: Vessel[];
  next: string | null;
}

export interface Person {
  name: string;
  phone: string;
}

export interface Port {
  name: Words;
}

export interface Alert {
  id: number | string;
  /** None where it is not about one vessel: a provider's outage. */
  vessel: { id: number | string; name: string; plate: string } | null;
  kind: string;
  title: Words;
  severity: Severity;
  stage: string;
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
  lon: number | null;
  lat: number | null;
  clock: Clock | null;
  evidence: Record<string, unknown>;
  held_back: { reason: Words } | null;
  synthetic: boolean;
  version: number;
  can: string[];
}

export interface AlertFile extends Alert {
  timeline: { at: string; stage: string; by: string | null; words: string; cause?: { code: string; title: Words } | null }[];
  phones: Person[];
  causes: { code: string; title: Words }[];
}

export interface VesselFile {
  identity: Record<string, unknown>;
  history: { at: string; field: string; was: unknown; is: unknown; source: string }[];
  owner: Person | null;
  permits: Record<string, unknown>[];
  devices: { kind: string; provider: string; ident: string; counted: boolean; last_at: string | null }[];
  port_calls: { port: Words | Port; arrived_at?: string | null; left_at?: string | null; start?: string | null; end?: string | null }[];
  alerts: Alert[];
  notes: { at: string; by: string | null; words: string }[];
  declarations: { kind: string; port: Words | Port; at: string; crew: number | null; note: string }[];
}

/** A point is lon, lat, epoch seconds, knots. */
export type TrackPoint = [lon: number, lat: number, t: number, speed: number | null];

export interface Track {
  id: number | string;
  segments: { start: string | number; end: string | number; points: TrackPoint[]; gap_before_s: number | null }[];
}

export interface Visitor {
  id: number | string;
  name: string;
  plate: string;
  first_at: string;
  last_at: string;
  inside_s: number;
  positions: number;
}

export interface Evidence {
  figures: { title: Words; value: unknown; unit: string; how: Words }[];
  positions: ({ t?: number; at?: string; lon: number; lat: number; speed_kn?: number | null; source?: string } | TrackPoint)[];
  rules: { title: Words; value: unknown; unit?: string; source: Words; in_force_from: string }[];
  computed_at: string;
  code_version: string;
}

export type Order = "need" | "name" | "length";

/** What of the fleet is listed, as it stands in the address. */
export interface Query {
  state: State | "";
  q: string;
  order: Order;
  kind: string;
  zone: string;
  /** Only what this officer marked. */
  starred: boolean;
}
