import type { Text } from "../common/contract";

/** What `/api/v1/environment` and `/api/v1/flood` send. Times are ISO, in series seconds of 1970. */
export interface Threshold { level: number; value: number; title: Text; color: string }

export interface Points { t: number[]; v: (number | null)[]; flags: (number | null)[]; thinned: boolean }

export interface Neighbour extends Points { station: string; name: Text; km: number }

export interface Forecast {
  t: number[]; v: number[]; low: number[]; high: number[]; trials: number; coverage: number; method: Text; hours: number;
  lead: { station: string; lag_h: number; correlation: number; error_m: number; error_alone_m: number } | null;
}

export interface Series extends Points {
  station: string; name: Text; parameter: string; title: Text; unit: string; from: string; to: string;
  thresholds: Threshold[]; synthetic: boolean; neighbours?: Neighbour[]; forecast?: Forecast | null;
}

export interface River {
  level: number; thresholds: Threshold[]; trend: { word: string; per_h: number } | null;
  next: { level: number; value: number } | null; text: Text; outlook: Text | null;
  arrival: { hours: number; first_h: number; last_h: number | null } | null;
}

export interface Measured { parameter: string; title: Text; unit: string; value: number | null; time: string | null }

export interface Reservoir {
  code: string; name: Text; state: string;
  latest: Record<string, { value: number; unit: string; time: string }>;
}

export interface Station {
  code: string; name: Text; kind: string; state: string; parameter: string; value: number | null; unit: string;
  observed_at: string | null; datum: string; position_source: string; lon: number; lat: number; synthetic: boolean;
  properties: Measured[]; river?: River; reservoirs?: Reservoir[]; can: string[];
}

/** A value as received, with what was thought of it. */
export interface Value {
  time: string; value: number | null; raw: string | number | null; raw_unit: string; flag: number; note: string;
  overruled: { by: string; at: string; reason: string } | null;
}

export interface RiverNow extends River {
  code: string; state: string; value: number; observed_at: string | null; synthetic: boolean; name: Text;
}

export interface AirNow {
  code: string; name: Text; lon: number; lat: number; hour: string | null; silent: boolean; synthetic: boolean;
  aqi: { index: number; state: string; color: string; category: Text; text: Text; advice: Text } | null;
}

/** Why there is, or is not, a surface of air quality between stations. */
export interface AirSurface {
  known: boolean; stations: number; least_stations: number; why?: Text; method?: Text; reach_km?: number; at: string | null;
}

/** A station's index of the hour with what it means for people. */
export interface StationAir { hour: { time: string; aqi: AirNow["aqi"] } }

export interface Crossing { station: string; at: string; before: number; level: number; value: number }

export interface Gauge {
  code: string; name: Text; lon: number; lat: number; datum: string; stage_cm: number | null;
  min_cm: number; max_cm: number; step_cm: number; levels: { level: number; stage_cm: number }[];
  way_to_river_m: number; terrain: number;
}

/** The sea at the coast of the terrain in use, in the terrain's heights, and tide gauges as context. */
export interface Sea {
  rest_cm: number; min_cm: number; max_cm: number; step_cm: number;
  stations: { code: string; name: Text; datum: string; value_cm: number; observed_at: string | null; synthetic: boolean }[];
}

export interface Terrain {
  id: number; name: string; state: "waiting" | "building" | "ready" | "failed" | "cancelled"; progress: number;
  message: string; active: boolean; synthetic: boolean;
}

export interface Zone extends GeoJSON.FeatureCollection {
  zone: number; stage_cm: number; tide_cm: number | null; area_km2: number; deepest_m: number; confidence: number; synthetic: boolean;
}

export interface Ward {
  code: string; name: Text; area_km2: number; share: number | null; by_depth_km2: number[];
  people: number | null; people_by_depth: number[] | null; confidence: number;
}

export interface Asset { count: number; by_depth: number[]; names: Text[]; km?: number; km_by_depth?: number[] }

export interface InLayer { title: Text; count: number; by_depth: number[]; names: string[]; ids: string[] }

export interface Exposure {
  zone: number; gauge: string; stage_cm: number; tide_cm: number | null; area_km2: number; deepest_m: number;
  confidence: number; method: Text; synthetic: boolean; depths_m: number[]; wards: Ward[]; people: number | null;
  assets: Record<"building" | "road" | "school" | "clinic", Asset>; features: Record<string, InLayer>;
  inputs: {
    gauges: { code: string; stage_m: number; zero_m: number; datum: string; way_to_river_m: number }[];
    tide_m: number | null; walls: boolean; terrain: { id: number; name: string; digest: string };
  };
  shown?: boolean; published?: boolean;
}

export interface Comparison {
  a: Exposure; b: Exposure;
  difference: { area_km2: number; from_cm: number; to_cm: number; geojson: GeoJSON.Feature };
}

export interface Sheet extends Exposure {
  title: Text; printed_at: string; picture: string; legend: { from_m: number; color: string }[];
}
