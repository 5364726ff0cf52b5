import type { Text } from "../common/contract";
import { csrfToken, getJson, HttpError, send } from "../common/http";
import { lang } from "../i18n";

/** What the reports' HTTP interface sends citizens, and how it is asked. One place for both. */
const BASE = "/api/v1/reports";
const KEY_HEADER = "X-Report-Key";
const PATIENCE_MS = 60_000;

/** One question of a category, as GeoReport v2 declares it. */
export interface Attribute {
  code: string;
  variable: boolean;
  datatype: "string" | "number" | "datetime" | "text" | "singlevaluelist" | "multivaluelist";
  required: boolean;
  description: Text | string;
  datatype_description?: Text | string;
  order?: number;
  values?: { key: string; name: Text | string }[];
}

export interface Category {
  code: string;
  title: Text;
  icon: string;
  color: string;
  description?: Text | string;
  attributes?: Attribute[];
}

export interface StateOf {
  value: string;
  title: Text;
  color?: string;
}

/** An agency or a ward. */
export interface Named {
  code: string;
  title: Text;
}

/** An open report near the pin, as anybody may know it. */
export interface Nearby {
  code: string;
  url: string;
  lon: number;
  lat: number;
  category: Category;
  state: StateOf;
  created_at: string;
  me_too?: number;
  thumb?: string | null;
  score?: number;
  words?: string | null;
}

export interface PublicReport extends Nearby {
  changed_at: string;
  overdue: boolean;
  district: Named | null;
  agency: Named | null;
}

export interface PhotoOf {
  url: string;
  thumb: string;
  width: number;
  height: number;
}

export interface StepOf {
  seq?: number;
  at: string;
  kind?: string;
  state: string;
  title: Text;
  words: string | null;
  by?: "reporter" | "agency" | "centre" | "system" | null;
  agency?: Named | null;
  photos?: PhotoOf[];
}

export type Verdict = "satisfied" | "accepts" | "not_satisfied";
export type Ability = "answer" | "rate" | "dispute" | "follow" | "unfollow";

/** A report as its own page shows it: to everybody, and more of it to its sender. */
export interface Followed {
  code: string;
  lon: number;
  lat: number;
  category: Category;
  state: StateOf;
  created_at: string;
  district: Named | null;
  steps: StepOf[];
  mine: boolean;
  synthetic: boolean;
  emergency: boolean | null;
  words: string | null;
  photos: PhotoOf[];
  overdue?: boolean;
  due_at?: string | null;
  agency?: Named | null;
  question?: { seq: number; words: string; at: string } | null;
  can?: Ability[];
  me_too?: number;
  duplicate_of?: string | null;
  parts?: { code: string; state: StateOf }[];
  satisfied?: Verdict | "";
  following?: boolean;
  rate_until?: string | null;
  held?: boolean;
}

export interface MineRow {
  code: string;
  url: string;
  category: Category;
  state: StateOf;
  created_at: string;
  following: boolean;
  question: boolean;
}

export type By = "ward" | "category" | "agency";

export interface StatisticsRow {
  /** None of its kind (outside the wards, with no agency yet) has no key and no rank. */
  key: string | null;
  title: Text;
  received: number;
  closed: number;
  open: number;
  in_time_share: number | null;
  median_h: number | null;
  satisfied_share: number | null;
  rated: number;
  rank: number | null;
}

export interface Statistics {
  by: By;
  from: string;
  to: string;
  min_count: number;
  as_of: string;
  totals: {
    received: number; closed: number; timed: number; in_time: number; rated: number; satisfied: number;
  };
  rows: StatisticsRow[];
}

const path = (code: string, verb = ""): string =>
  `${BASE}/by-code/${encodeURIComponent(code)}${verb ? `/${verb}` : ""}`;

export const categoriesNow = (): Promise<Category[]> => getJson(`${BASE}/categories`);

export function nearby(lon: number, lat: number, category: string): Promise<Nearby[]> {
  const query = new URLSearchParams({ lon: String(lon), lat: String(lat) });
  if (category) query.set("category", category);
  return getJson(`${BASE}/nearby?${query}`);
}

export function publicReports(
  query: URLSearchParams, signal?: AbortSignal,
): Promise<{ reports: PublicReport[]; next: string | null }> {
  return getJson(`${BASE}/public?${query}`, signal);
}

export function statistics(by: By, from: string, to: string, signal?: AbortSignal): Promise<Statistics> {
  return getJson(`${BASE}/statistics?${new URLSearchParams({ by, from, to })}`, signal);
}

/** Asks in the name of whoever holds a report's key: its sender, or one of its followers. */
async function ask<T>(url: string, key: string, init: RequestInit = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": lang.value };
  if (key) headers[KEY_HEADER] = key;
  if (init.method) headers["X-CSRFToken"] = csrfToken();
  if (typeof init.body === "string") headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url, { ...init, headers, credentials: "same-origin", signal })
    .catch((cause) => {
      throw new HttpError(0, "unreachable", String(cause));
    });
  const body = (await response.json().catch(() => ({}))) as T & { error?: { code: string; message: string } };
  if (!response.ok) throw new HttpError(response.status, body.error?.code ?? "http", body.error?.message ?? "");
  return body;
}

/** The report of a code; the key of its sender or of a follower opens more of it. */
export const byCode = (code: string, key = ""): Promise<Followed> => ask(path(code), key);

export function follow(code: string, key: string, email = ""): Promise<{ code: string; me_too: number }> {
  const body = { client_key: key, language: lang.value, ...(email ? { email } : {}) };
  return send(path(code, "follow"), body);
}

export const unfollow = (code: string, key: string): Promise<unknown> =>
  send(path(code, "unfollow"), { client_key: key });

/** Words and photos in answer to the agency's question; `once` makes a second try the same one. */
export function answer(code: string, key: string, once: string, words: string, photos: Blob[]): Promise<unknown> {
  const form = new FormData();
  form.append("key", once);
  form.append("words", words.trim());
  photos.forEach((photo, n) => form.append("photo", photo, `photo-${n + 1}.jpg`));
  return ask(path(code, "answer"), key, { method: "POST", body: form });
}

export interface Rating {
  verdict: Verdict;
  reason: string;
  words: string;
}

export function rate(code: string, key: string, once: string, rating: Rating): Promise<unknown> {
  const body = JSON.stringify({ key: once, ...rating, words: rating.words.trim() });
  return ask(path(code, "rate"), key, { method: "POST", body });
}

export const mineOnline = (): Promise<{ reports: MineRow[] }> => getJson(`${BASE}/mine`);
export const pushKey = (): Promise<{ public_key: string | null }> => getJson(`${BASE}/push/key`);
export const challenge = (): Promise<Record<string, unknown>> => getJson(`${BASE}/challenge`);

export function subscribe(code: string | null, key: string, subscription: PushSubscriptionJSON): Promise<unknown> {
  return send(`${BASE}/push`, { code, client_key: key || null, language: lang.value, subscription });
}

/** This browser hears no more of one report; how many other things it still hears of. */
export function unsubscribe(code: string | null, endpoint: string): Promise<{ left: number }> {
  return send(`${BASE}/push/end`, { code, endpoint });
}
