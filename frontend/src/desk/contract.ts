/** The shapes of `/api/v1/reports/desk/…`: the one file that a change of that API changes. */
import type { Text } from "../common/contract";

export type Band = "within" | "warning" | "breached" | "paused" | "none";
export const BANDS: readonly Band[] = ["breached", "warning", "within", "paused", "none"];
export type ClockName = "acknowledge" | "resolve" | "dwell";

export interface Titled {
  code: string;
  title: Text;
}

export interface Choice {
  value: string;
  title: Text;
}

export type NeedType =
  | "text" | "words" | "note" | "agency" | "officer" | "category"
  | "reason" | "date" | "code" | "photos" | "bool" | "parts";

export interface Need {
  name: string;
  type: NeedType;
  required: boolean;
  title: Text;
}

export interface MoveSpec {
  title: Text;
  /** What is said once it is made. */
  done: Text;
  tone: string;
  /** In which parts it may be made: "agency", "centre". */
  by: string[];
  bulk: boolean;
  undoable: boolean;
  needs: Need[];
}

export interface StateInfo extends Choice {
  color: string;
  open?: boolean;
}

export interface CategoryInfo extends Titled {
  icon: string;
  color: string;
}

export interface View {
  key: string;
  title: Text;
  count: number;
}

export interface SavedFilter {
  id: number;
  name: string;
  query: Record<string, string | boolean | null>;
}

export interface Home {
  me: {
    name: string;
    role: string;
    agency: Titled | null;
    centre: boolean;
    may: { act: boolean; moderate: boolean; set_up: boolean };
  };
  states: StateInfo[];
  moves: Record<string, MoveSpec>;
  /** By move: what may be named as its reason. */
  reasons: Record<string, Titled[]>;
  categories: CategoryInfo[];
  agencies: Titled[];
  districts: Titled[];
  views: View[];
  filters: SavedFilter[];
}

export interface Item {
  code: string;
  lon: number;
  lat: number;
  category: CategoryInfo;
  state: StateInfo;
  emergency: boolean;
  words: string;
  thumb: string | null;
  district: Titled | null;
  agency: Titled | null;
  officer: string | null;
  received_at: string;
  changed_at: string;
  due_at: string | null;
  clock: ClockName | null;
  band: Band;
  /** Share of the clock's time that is used; over 1 once it is breached. */
  used: number | null;
  /** Hours left on that clock by the case's own calendar, where the server tells them. */
  left_h?: number | null;
  unread: boolean;
  me_too: number;
  reopened: number;
  moderation: "clear" | "held" | "hidden";
  overdue: boolean;
  synthetic: boolean;
  version: number;
}

export interface Queue {
  items: Item[];
  next: string | null;
  bands: Record<Band, number>;
  total: number;
  total_capped: boolean;
}

export interface Photo {
  name: string;
  url: string;
  thumb: string;
  width?: number;
  height?: number;
  kind?: "evidence" | "result";
  published?: boolean;
}

export interface Step {
  seq: number;
  at: string;
  kind: string;
  title: Text;
  /** To whom, why, until when: what the step set, in words. */
  about: Text;
  state: string;
  public_words: string;
  private_words: string;
  reporter_words: string | null;
  by: { name: string; agency: Titled | null } | null;
  by_kind: "reporter" | "agency" | "centre" | "system";
  photos: Photo[];
  public: boolean;
  undone: boolean;
}

export interface Clock {
  clock: ClockName;
  state: "running" | "paused" | "stopped";
  band: Band;
  started_at: string | null;
  due_at: string | null;
  warn_at: string | null;
  stopped_at: string | null;
  used: number;
  budget_h: number;
}

export interface Duplicate {
  code: string;
  words: string;
  thumb: string | null;
  state: StateInfo | string;
  received_at: string;
  score: number;
  why: Text | string;
  distance_m: number;
}

export interface Part {
  code: string;
  state: StateInfo | string;
  agency: Titled | null;
}

export interface Case extends Item {
  words_public: string;
  /** The reporter's own words before redaction, for moderators alone. */
  words_original?: string | null;
  language: string;
  accuracy_m: number | null;
  device_at: string | null;
  clock_off_s: number | null;
  reporter: { kind: "anonymous" | "account"; reachable: boolean };
  photos: Photo[];
  timeline: Step[];
  clocks: Clock[];
  can: string[];
  /** The signs for which it is held back, in words. */
  held_why: Text[];
  routed: { agency: Titled | null; rule: { id: number; name: string } | null; reason: Text } | null;
  suggested: {
    category: string;
    title: Text;
    differs: boolean;
    confidence: number;
    why: string[];
    synthetic: boolean;
  } | null;
  duplicates: Duplicate[];
  parts: Part[];
  parent: string | null;
  duplicate_of: string | null;
  followers: number;
  joined?: string[];
  question?: { seq: number; words: string; at: string } | null;
  satisfied?: "" | "satisfied" | "accepts" | "not_satisfied";
  planned_for?: string | null;
  waiting_until?: string | null;
  /** What the sender answered to the category’s own questions. */
  answers: { code: string; question: Text; answer: Text }[];
  officers: { id: number; name: string }[];
}

export interface MoveResult {
  code: string;
  ok: boolean;
  version?: number;
  state?: string;
  error?: {
    code: string;
    message: string;
    fields?: Record<string, string>;
    by?: string | null;
    who?: string | null;
    at?: string | null;
    what?: Text | null;
  };
}

export interface MoveAnswer {
  results: MoveResult[];
  undo: { key: string; until: string } | null;
}

/** What a move carries besides which cases: by the names its `needs` give. */
export type Fields = Record<string, unknown>;

/** What of the queue is asked for; every value as it stands in the address. */
export interface Query {
  view: string;
  band: string;
  state: string;
  category: string;
  agency: string;
  district: string;
  emergency: string;
  q: string;
  order: string;
}

export const NO_QUERY: Query = {
  view: "", band: "", state: "", category: "", agency: "", district: "", emergency: "", q: "",
  order: "",
};
