import { getJson, send } from "../common/http";
import type {
  AirNow, Comparison, Crossing, Exposure, Gauge, RiverNow, Series, Sheet, Station, Terrain, Value, Zone,
} from "./contract";

const STATIONS = "/api/v1/environment/stations";
const FLOOD = "/api/v1/flood";

function of(code: string, rest = ""): string {
  return `${STATIONS}/${encodeURIComponent(code)}${rest}`;
}

export const loadStation = (code: string, signal?: AbortSignal) => getJson<Station>(of(code), signal);

export function loadSeries(code: string, query: Record<string, string>, signal?: AbortSignal): Promise<Series> {
  return getJson<Series>(of(code, `/series?${new URLSearchParams(query)}`), signal);
}

export function loadValues(code: string, parameter: string, until: string): Promise<Value[]> {
  return getJson<Value[]>(of(code, `/values?${new URLSearchParams({ parameter, to: until, limit: "40" })}`));
}

export function overrule(code: string, word: { parameter: string; time: string; flag: number; reason: string }): Promise<unknown> {
  return send(of(code, "/overrule"), word);
}

export function undoOverrule(code: string, word: { parameter: string; time: string }): Promise<unknown> {
  return send(of(code, "/overrule/undo"), word);
}

export function loadCrossings(code: string): Promise<Crossing[]> {
  return getJson<Crossing[]>(`/api/v1/environment/alarms?${new URLSearchParams({ station: code, limit: "50" })}`);
}

export const loadRivers = () => getJson<RiverNow[]>("/api/v1/environment/rivers");

export async function loadAir(): Promise<AirNow[]> {
  return (await getJson<{ stations: AirNow[] }>("/api/v1/environment/air")).stations;
}

export function loadGauges(): Promise<{ gauges: Gauge[]; can: string[] }> {
  return getJson(`${FLOOD}/gauges`);
}

export async function loadTerrains(): Promise<Terrain[]> {
  return (await getJson<{ terrains: Terrain[] }>(`${FLOOD}/terrains`)).terrains;
}

function staged(gauge: string, stageCm: number): string {
  return `gauge=${encodeURIComponent(gauge)}&stage_cm=${stageCm}`;
}

export function loadZone(gauge: string, stageCm: number, signal?: AbortSignal): Promise<Zone> {
  return getJson<Zone>(`${FLOOD}/zone?${staged(gauge, stageCm)}`, signal);
}

export function loadExposure(gauge: string, stageCm: number, signal?: AbortSignal): Promise<Exposure> {
  return getJson<Exposure>(`${FLOOD}/exposure?${staged(gauge, stageCm)}`, signal);
}

export function loadComparison(gauge: string, aCm: number, bCm: number, signal?: AbortSignal): Promise<Comparison> {
  return getJson<Comparison>(`${FLOOD}/compare?gauge=${encodeURIComponent(gauge)}&a_cm=${aCm}&b_cm=${bCm}`, signal);
}

export function loadSheet(gauge: string, stageCm: number): Promise<Sheet> {
  return getJson<Sheet>(`${FLOOD}/print?${staged(gauge, stageCm)}`);
}

/** Where a zone comes from as a file: `gpkg`, `tif`, `geojson` or `png`. */
export function fileUrl(gauge: string, stageCm: number, ending: string): string {
  return `${FLOOD}/zone.${ending}?${staged(gauge, stageCm)}`;
}

export function showZone(zone: number, shown: boolean, published: boolean): Promise<unknown> {
  return send(`${FLOOD}/zones/${zone}/show`, { shown, published });
}
