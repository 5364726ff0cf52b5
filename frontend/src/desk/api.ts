import { getJson, send } from "../common/http";
import type {
  Case, Fields, Home, MoveAnswer, MoveResult, Photo, Query, Queue, SavedFilter,
} from "./contract";

const BASE = "/api/v1/reports/desk";
const caseUrl = (code: string): string => `${BASE}/cases/${encodeURIComponent(code)}`;

export function loadHome(signal?: AbortSignal): Promise<Home> {
  return getJson<Home>(`${BASE}/home`, signal);
}

export function loadQueue(
  query: Query, more: { bbox?: string; cursor?: string; limit?: number }, signal?: AbortSignal,
): Promise<Queue> {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...more })) {
    if (value !== "" && value !== undefined) asked.set(name, String(value));
  }
  return getJson<Queue>(`${BASE}/queue?${asked}`, signal);
}

export function loadCase(code: string, signal?: AbortSignal): Promise<Case> {
  return getJson<Case>(caseUrl(code), signal);
}

export interface Target {
  code: string;
  version: number;
}

/** The same `key` again is the same move: a second sending changes nothing. */
export function makeMove(
  move: string, items: Target[], fields: Fields, key: string,
): Promise<MoveAnswer> {
  return send<MoveAnswer>(`${BASE}/moves`, { move, key, items, fields });
}

export function undoMove(key: string): Promise<{ results: MoveResult[] }> {
  return send<{ results: MoveResult[] }>(`${BASE}/undo`, { key });
}

/** Result photos wait on the server until a move names them. */
export function addPhotos(code: string, files: Blob[]): Promise<Photo[]> {
  const form = new FormData();
  files.forEach((file, i) => form.append("photo", file, `photo-${i + 1}.jpg`));
  return send<Photo[]>(`${caseUrl(code)}/photos`, form);
}

/** A rectangle of a photo, its numbers as shares of width and height. */
export type Box = [x: number, y: number, width: number, height: number];

export function blurPhoto(
  code: string, name: string, boxes: Box[], reason: string, version: number,
): Promise<unknown> {
  const url = `${caseUrl(code)}/photos/${encodeURIComponent(name)}/blur`;
  return send(url, { boxes, reason, version });
}

export function markSeen(code: string): Promise<unknown> {
  return send(`${BASE}/seen`, { code });
}

export function saveFilter(name: string, query: Record<string, string>): Promise<SavedFilter[]> {
  return send<SavedFilter[]>(`${BASE}/filters`, { name, query });
}

export function dropFilter(id: number): Promise<unknown> {
  return send(`${BASE}/filters/${id}`, {}, "DELETE");
}

export function dossierUrl(code: string, language: string): string {
  return `${caseUrl(code)}/dossier.pdf?lang=${language}`;
}
