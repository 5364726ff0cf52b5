import type { Text } from "../common/contract";

export interface Near {
  layer: string;
  metres: number;
}

/** What a rule asks; what is left out asks nothing. */
export interface Conditions {
  wards?: string[];
  area?: GeoJSON.Polygon | GeoJSON.MultiPolygon;
  near?: Near;
  categories?: string[];
  words?: string[];
  emergency?: boolean;
  hours?: [from: string, to: string];
  weekdays?: number[];
}

export interface Rule {
  id: number;
  name: string;
  order: number;
  conditions: Conditions;
  agency: string;
  note: string;
  live: boolean;
  version: string;
  changed_by: string | null;
  changed_at: string;
}

export interface Choice {
  key: string;
  name: Text;
}

/** What a category asks, as GeoReport v2 describes attributes. */
export interface Question {
  code: string;
  /** False: it is only said, not asked. */
  variable: boolean;
  datatype: "string" | "number" | "datetime" | "text" | "singlevaluelist" | "multivaluelist";
  required: boolean;
  description: Text;
  datatype_description: Text;
  values: Choice[];
}

export interface Category {
  code: string;
  name_vi: string;
  name_en: string;
  description_vi: string;
  description_en: string;
  icon: string;
  color: string;
  agency: string;
  order: number;
  active: boolean;
  keywords: string[];
  plan: string | null;
  needs_result_photo: boolean;
  attributes: Question[];
  version: string;
  open_reports: number;
  rules: string[];
}

export interface Escalation {
  clock: string;
  share: number;
  to: string;
}

export interface Plan {
  code: string;
  name_vi: string;
  name_en: string;
  calendar: string;
  acknowledge_h: number;
  resolve_h: number;
  dwell_h: number;
  emergency_acknowledge_h: number;
  emergency_resolve_h: number;
  warn_share: number;
  escalations: Escalation[];
  answer_days: number;
  reopen_days: number;
  active: boolean;
  version: string;
  used_by: number;
}

export type Span = [from: string, to: string];

export interface Day {
  day: string;
  working: boolean;
  hours: Span[] | null;
  name_vi: string;
  name_en: string;
  source: string;
  national: boolean;
}

export interface WorkCalendar {
  code: string;
  name_vi: string;
  name_en: string;
  time_zone: string;
  hours: Span[][];
  holidays: string;
  days: Day[];
  version: string;
}

export interface Titled {
  code: string;
  title: Text;
}

export interface Suggestion {
  trained_at: string | null;
  synthetic: boolean;
  facts: {
    examples: number;
    held_back: {
      examples: number;
      accuracy: number | null;
      by_category: Record<string, number | null>;
      calibration_error: number | null;
    };
    too_few?: Record<string, number>;
  };
}

export interface Setup {
  rules: Rule[];
  shadows: { rule: number; by: number; why: Text }[];
  broken: { rule: number; message: string }[];
  categories: Category[];
  plans: Plan[];
  calendars: WorkCalendar[];
  agencies: (Titled & { active: boolean })[];
  wards: Titled[];
  layers: { slug: string; title: Text }[];
  place_kinds: string[];
  suggestion: Suggestion | null;
  now: string;
}

export interface Tried {
  looked_at: number;
  matched: number;
  changed_count: number;
  complete: boolean;
  oldest_at: string | null;
  points: [lon: number, lat: number, changed: 0 | 1][];
  sample: {
    code: string;
    lon: number;
    lat: number;
    category: string;
    matched: boolean;
    was: string | null;
    would_be: string | null;
    words: string;
    at: string;
  }[];
}
