import { getJson, send } from "../common/http";
import type {
  AirNow, AirSurface, Comparison, Crossing, Exposure, Gauge, RiverNow, Sea, Series, Sheet, Station, StationAir, Terrain, Value, Zone,
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

export const loadStationAir = (code: string) => getJson<StationAir>(of(code, "/air"));

export const loadAirSurface = () => getJson<AirSurface>("/api/v1/environment/air/surface");

export function loadGauges(): Promise<{ gauges: Gauge[]; can: string[]; sea: Sea | null }> {
  return getJson(`${FLOOD}/gauges`);
}

export async function loadTerrains(): Promise<Terrain[]> {
  return (await getJson<{ terrains: Terrain[] }>(`${FLOOD}/terrains`)).terrains;
}

/** What a zone is asked by; the sea null where it stands at rest. */
export interface Asked { gauge: string; stageCm: number; tideCm: number | null }

const sea = (tideCm: number | null) => (tideCm === null ? "" : `&tide_cm=${tideCm}`);

function staged({ gauge, stageCm, tideCm }: Asked): string {
  return `gauge=${encodeURIComponent(gauge)}&stage_cm=${stageCm}${sea(tideCm)}`;
}

export function loadZone(asked: Asked, signal?: AbortSignal): Promise<Zone> {
  return getJson<Zone>(`${FLOOD}/zone?${staged(asked)}`, signal);
}

export function loadExposure(asked: Asked, signal?: AbortSignal): Promise<Exposure> {
  return getJson<Exposure>(`${FLOOD}/exposure?${staged(asked)}`, signal);
}

export function loadComparison({ gauge, stageCm, tideCm }: Asked, bCm: number, signal?: AbortSignal): Promise<Comparison> {
  return getJson<Comparison>(`${FLOOD}/compare?gauge=${encodeURIComponent(gauge)}&a_cm=${stageCm}&b_cm=${bCm}${sea(tideCm)}`, signal);
}

export function loadSheet(asked: Asked): Promise<Sheet> {
  return getJson<Sheet>(`${FLOOD}/print?${staged(asked)}`);
}

/** Where a zone comes from as a file: `gpkg`, `tif`, `geojson` or `png`. */
export function fileUrl(asked: Asked, ending: string): string {
  return `${FLOOD}/zone.${ending}?${staged(asked)}`;
}

export function showZone(zone: number, shown: boolean, published: boolean): Promise<unknown> {
  return send(`${FLOOD}/zones/${zone}/show`, { shown, published });
}
