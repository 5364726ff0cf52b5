import { csrfToken, getJson, HttpError, send } from "../common/http";
import { lang } from "../i18n";
import type {
  Analysis, Answer, Method, QuestionAnswer, Result, Run, Term, Upload,
} from "./contract";

const ROOT = "/api/v1/plan";
const PAGE = 5_000;
const MOST = 20_000;

export function answer(body: object, signal?: AbortSignal): Promise<Answer> {
  return send<Answer>(`${ROOT}/answer`, body, "POST", signal);
}

export function question(
  body: { layer: string; where: Term | null; limit?: number; cursor?: string | null }, signal?: AbortSignal,
): Promise<QuestionAnswer> {
  return send<QuestionAnswer>(`${ROOT}/question`, plain(body), "POST", signal);
}

export function upload(file: File): Promise<Upload> {
  const form = new FormData();
  form.append("file", file);
  return send<Upload>(`${ROOT}/area`, form);
}

/** The file of a question's rows. Raises HttpError. */
export async function exported(body: { layer: string; where: Term | null }, format: string): Promise<Blob> {
  const response = await fetch(`${ROOT}/export?format=${format}`, {
    method: "POST", credentials: "same-origin", body: JSON.stringify(plain(body)),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "Accept-Language": lang.value },
  });
  if (response.ok) return response.blob();
  const details = await response.json().then((told) => told?.error ?? {}, () => ({}));
  throw new HttpError(response.status, String(details.code ?? "http"), String(details.message ?? `HTTP ${response.status}`));
}

/** Nothing asked is no `where` at all. */
function plain<T extends { where: Term | null }>(body: T): object {
  const { where, ...rest } = body;
  return where ? { ...rest, where } : rest;
}

export async function methods(): Promise<Method[]> {
  return (await getJson<{ methods: Method[] }>(`${ROOT}/methods`)).methods;
}

export function ask(body: { method: string; asked: object; parameters: object; key: string }): Promise<Run> {
  return send<Run>(`${ROOT}/analyses`, body);
}

export async function analyses(signal?: AbortSignal): Promise<Analysis[]> {
  return (await getJson<{ analyses: Analysis[] }>(`${ROOT}/analyses?limit=40`, signal)).analyses;
}

export function analysis(id: string): Promise<Analysis> {
  return getJson<Analysis>(`${ROOT}/analyses/${id}`);
}

/** Raises HttpError 409 where somebody changed it meanwhile. */
export function change(one: Analysis, fields: Partial<Pick<Analysis, "name" | "every" | "shared" | "on_wall">>): Promise<Analysis> {
  return send<Analysis>(`${ROOT}/analyses/${one.id}`, { version: one.version, ...fields }, "PATCH");
}

export function putAway(id: string): Promise<unknown> {
  return send(`${ROOT}/analyses/${id}`, {}, "DELETE");
}

export function bringBack(id: string): Promise<unknown> {
  return send(`${ROOT}/analyses/${id}/back`);
}

export function again(id: string, key: string): Promise<Run> {
  return send<Run>(`${ROOT}/analyses/${id}/runs`, { key });
}

export function run(id: string, signal?: AbortSignal): Promise<Run> {
  return getJson<Run>(`${ROOT}/runs/${id}`, signal);
}

export function stop(id: string): Promise<Run> {
  return send<Run>(`${ROOT}/runs/${id}/stop`);
}

export function reportUrl(id: string): string {
  return `${ROOT}/runs/${id}/report.pdf?language=${lang.value}`;
}

/** What a run found as a file: geojson, csv, gpkg, parquet. */
export function fileUrl(id: string, format: string): string {
  return `${ROOT}/runs/${id}/file?format=${format}`;
}

/** Everything that a run found, by rank. */
export async function results(id: string, signal?: AbortSignal): Promise<Result[]> {
  const found: Result[] = [];
  let after: number | null = 0;
  while (after !== null && found.length < MOST) {
    const page: { features: Result[]; next: number | null } = await getJson(
      `${ROOT}/runs/${id}/features?after=${after}&limit=${PAGE}`, signal);
    found.push(...page.features);
    after = page.next;
  }
  return found;
}
