import { getJson, send } from "../common/http";
import type { Alert, AlertFile, Evidence, Fleet, ListPage, Track, Vessel, VesselFile, Visitor } from "./contract";

const ROOT = "/api/v1/vessels";
const PAGE = 1_000;
const IDS_A_CALL = 20;

export function loadFleet(): Promise<Fleet> {
  return getJson<Fleet>(`${ROOT}/fleet`);
}

/** Every vessel, page by page; `onPage` gets each page as it comes. */
export async function loadAll(onPage: (vessels: Vessel[]) => void, signal?: AbortSignal): Promise<void> {
  let cursor = "";
  do {
    const query = new URLSearchParams({ order: "need", limit: String(PAGE), ...(cursor && { cursor }) });
    const page = await getJson<ListPage>(`${ROOT}/fleet/list?${query}`, signal);
    onPage(page.vessels);
    cursor = page.next ?? "";
  } while (cursor);
}

/** Providers that are down: their vessels' alerts are held back. */
export async function loadOutages(): Promise<Alert[]> {
  return (await getJson<{ alerts: Alert[] }>(`${ROOT}/alerts?kind=provider_outage&stage=open&limit=20`)).alerts;
}

export function loadFile(id: string, signal?: AbortSignal): Promise<VesselFile> {
  return getJson<VesselFile>(`${ROOT}/${encodeURIComponent(id)}/file`, signal);
}

/** Tracks of these vessels between two moments in epoch seconds, thinned to about `stepS`. */
export async function loadTracks(
  ids: string[], fromS: number, toS: number, stepS: number, signal?: AbortSignal,
): Promise<Track[]> {
  const found: Track[] = [];
  for (let i = 0; i < ids.length; i += IDS_A_CALL) {
    const query = new URLSearchParams({
      ids: ids.slice(i, i + IDS_A_CALL).join(","), from: iso(fromS), to: iso(toS), step_s: String(stepS),
    });
    found.push(...(await getJson<{ tracks: Track[] }>(`${ROOT}/tracks?${query}`, signal)).tracks);
  }
  return found;
}

export async function whoWasThere(
  polygon: GeoJSON.Polygon, fromS: number, toS: number, signal?: AbortSignal,
): Promise<Visitor[]> {
  const body = { polygon, from: iso(fromS), to: iso(toS) };
  return (await send<{ vessels: Visitor[] }>(`${ROOT}/who-was-there`, body, "POST", signal)).vessels;
}

export function loadAlert(id: string, signal?: AbortSignal): Promise<AlertFile> {
  return getJson<AlertFile>(`${ROOT}/alerts/${encodeURIComponent(id)}`, signal);
}

/** Raises HttpError 409 where somebody else acted first. */
export function moveAlert(
  id: string, body: { stage: string; words: string; cause?: string; version: number; key: string },
): Promise<Alert> {
  return send<Alert>(`${ROOT}/alerts/${encodeURIComponent(id)}/stage`, body);
}

export function loadEvidence(id: string): Promise<Evidence> {
  return getJson<Evidence>(`${ROOT}/alerts/${encodeURIComponent(id)}/evidence`);
}

/** Raises HttpError; the same key again records nothing twice. */
export function declare(body: {
  vessel: number; kind: string; port: string; at: string; crew: number | null; note: string; key: string;
}): Promise<unknown> {
  return send(`${ROOT}/declarations`, body);
}

export function addNote(id: string, words: string): Promise<unknown> {
  return send(`${ROOT}/${encodeURIComponent(id)}/notes`, { words });
}

function iso(s: number): string {
  return new Date(s * 1000).toISOString();
}
