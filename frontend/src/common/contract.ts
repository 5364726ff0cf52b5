/** The shapes the server sends. One place, so that a change of the API is a change of one file. */

export interface Text {
  vi: string;
  en: string;
}

export type Severity = "minor" | "moderate" | "severe" | "extreme";
export type Props = Record<string, unknown>;
export type Bounds = [west: number, south: number, east: number, north: number];

export interface Choice {
  value: string;
  title: Text;
  color: string;
  shape: string;
}

export interface Field {
  name: string;
  title: Text;
  type: "text" | "number" | "time" | "choice" | "bool" | "day";
  unit: string;
  filter: boolean;
  card: boolean;
  choices: Choice[];
}

export type StyleKind =
  | "report" | "camera" | "vessel" | "sensor" | "billboard"
  | "incident" | "district" | "event" | "line" | "fill";

export interface LayerStyle {
  kind: StyleKind;
  color: string;
  by: string | null;
  course: string | null;
  speed: string | null;
  value: string | null;
  label: string | null;
  bearing: string | null;
  fov: string | null;
  range_m: string | null;
  icon: string | null;
}

export interface LayerInfo {
  slug: string;
  title: Text;
  geometry: "point" | "line" | "polygon";
  audience: "full" | "public";
  live: boolean;
  order: number;
  default_visible: boolean;
  raw_zoom: number;
  snapshot_limit: number;
  count: number;
  newest_at: string | null;
  stale_after_s: number | null;
  has_synthetic: boolean;
  attribution: string;
  /** Whether analyses find figures on a grid in it. */
  holds_figures?: boolean;
  /** The layer that has the ground each feature reaches, under the same keys. */
  reach?: string;
  title_field: string;
  time_field: string;
  fields: Field[];
  style: LayerStyle;
  urls: { tiles: string; snapshot: string; features: string; feature: string; export: string; raster?: string | null };
}

export interface BasemapInfo {
  url: string;
  min_zoom: number;
  max_zoom: number;
  attribution: string;
}

export interface CityInfo {
  slug: string;
  name: Text;
  bounds: Bounds;
  center: [lon: number, lat: number];
  time_zone: string;
  languages: string[];
  attributions: string[];
  schematic: boolean;
  basemap: BasemapInfo | null;
}

export interface Catalogue {
  city: CityInfo;
  viewer: { name: string | null; role: string | null };
  now: string;
  seq: number;
  synthetic: boolean;
  layers: LayerInfo[];
}

export interface Snapshot {
  seq: number;
  layer: string;
  at: string;
  ids: string[];
  lon: number[];
  lat: number[];
  t: number[];
  props: Props[];
}

/** One change of one feature, from the live stream or from a replay. `t` in epoch seconds. */
export interface Change {
  l: string;
  id: string;
  op: "upsert" | "delete";
  t: number;
  p: [lon: number, lat: number] | null;
  a: Props;
}

export interface ReplayWindow {
  from: string;
  to: string;
  step_s: number;
  state: Change[];
  changes: Change[];
}

export interface LayerStatus {
  count: number;
  newest_at: string | null;
  by: Record<string, number>;
  stale: boolean;
}

export interface Status {
  now: string;
  seq: number;
  layers: Record<string, LayerStatus>;
}

export interface SearchResult {
  kind: "place" | "district" | "feature" | "coordinate";
  title: string;
  subtitle: string;
  lon: number;
  lat: number;
  bbox: Bounds | null;
  layer: string | null;
  id: string | null;
}

export interface Incident {
  id: string;
  state: string;
  severity: Severity;
  kind: string;
  title: Text;
  body: Text | null;
  layer: string;
  feature_id: string;
  lon: number | null;
  lat: number | null;
  first_at: string;
  last_at: string;
  repeats: number;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  synthetic: boolean;
}

export interface Tile {
  key: string;
  title: Text;
  value: number | null;
  unit: string;
  text: Text;
  trend: (number | null)[];
  state: string;
  layer: string;
  synthetic: boolean;
}

export interface Media {
  url: string;
  thumb?: string;
  alt?: string;
}

export interface CardLink {
  title: Text | string;
  layer?: string;
  id?: string;
  url?: string;
}

export interface SeriesInfo {
  title: Text;
  unit: string;
  url: string;
}

export interface CardAction {
  title: Text;
  method: string;
  url: string;
  confirm: Text | null;
}

export interface FeatureDetail {
  id: string | number;
  type: "Feature";
  geometry: GeoJSON.Geometry | null;
  properties: Props;
  title?: string;
  layer?: string;
  at?: string | null;
  synthetic?: boolean;
  card?: { media?: Media[]; links?: CardLink[]; series?: SeriesInfo[]; actions?: CardAction[] };
}

export interface FeaturePage {
  features: FeatureDetail[];
  next: string | null;
  count_in_view?: number;
}

/** A chart's data: either pairs or parallel arrays, times in ISO or epoch seconds. */
export interface SeriesData {
  t: (number | string)[];
  v: (number | null)[];
  thresholds?: { value: number; title: Text; color?: string }[];
}
