import type {
  FeatureDetail, FeaturePage, Incident, LayerInfo, SearchResult, SeriesData, Tile,
} from "./contract";
import { featureUrl } from "./catalogue";
import { getJson, send } from "./http";

export async function search(q: string, signal?: AbortSignal): Promise<SearchResult[]> {
  const url = `/api/v1/search?${new URLSearchParams({ q })}`;
  return (await getJson<{ results: SearchResult[] }>(url, signal)).results;
}

export async function openIncidents(signal?: AbortSignal): Promise<Incident[]> {
  const url = "/api/v1/incidents?state=live&limit=50";
  return (await getJson<{ incidents: Incident[] }>(url, signal)).incidents;
}

/** Raises HttpError 409 with who and when, where someone else was first. */
export function acknowledge(id: string): Promise<Incident> {
  return send<Incident>(`/api/v1/incidents/${encodeURIComponent(id)}/acknowledge`);
}

export async function loadTiles(signal?: AbortSignal): Promise<Tile[]> {
  return (await getJson<{ tiles: Tile[] }>("/api/v1/tiles-summary", signal)).tiles;
}

export function loadFeature(
  layer: LayerInfo, id: string, signal?: AbortSignal,
): Promise<FeatureDetail> {
  return getJson<FeatureDetail>(featureUrl(layer, id), signal);
}

export function loadFeatures(
  layer: LayerInfo, query: Record<string, string>, signal?: AbortSignal,
): Promise<FeaturePage> {
  return getJson<FeaturePage>(`${layer.urls.features}?${new URLSearchParams(query)}`, signal);
}

interface LooseSeries {
  t?: (number | string)[];
  v?: (number | null)[];
  times?: (number | string)[];
  values?: (number | null)[];
  points?: [number | string, number | null][];
  thresholds?: SeriesData["thresholds"];
}

/** A chart's data as parallel arrays, also where the server sends pairs. */
export async function loadSeries(url: string, signal?: AbortSignal): Promise<SeriesData> {
  const loose = await getJson<LooseSeries>(url, signal);
  const pairs = loose.points;
  return {
    t: pairs ? pairs.map((pair) => pair[0]) : (loose.t ?? loose.times ?? []),
    v: pairs ? pairs.map((pair) => pair[1]) : (loose.v ?? loose.values ?? []),
    thresholds: loose.thresholds ?? [],
  };
}
