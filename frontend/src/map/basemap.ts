import L from "leaflet";
import type { CityInfo } from "../common/contract";
import type { Lang } from "../i18n";
import type { LabelRule, PaintRule } from "protomaps-leaflet";
import { palette, type Palette } from "./palette";

type Protomaps = typeof import("protomaps-leaflet");

/** What the paint and label rules are given of a tile's feature. */
interface Drawn {
  props: Record<string, unknown>;
  geomType: number;
}

const POLYGON = 3;
const LINE = 2;
const GREEN = new Set(["park", "forest", "grass", "farmland", "cemetery", "wetland", "pitch"]);

const of = (...kinds: string[]) => (_: number, f: Drawn) => kinds.includes(String(f.props.kind));

function paintRules(pm: Protomaps, c: Palette): PaintRule[] {
  const area = (fill: string) => new pm.PolygonSymbolizer({ fill });
  const line = (color: string, stops: number[][]) =>
    new pm.LineSymbolizer({ color, width: pm.exp(1.5, stops), lineCap: "round", lineJoin: "round" });
  const road = (kinds: string[], minzoom: number, color: string, stops: number[][]) =>
    ({ dataLayer: "roads", minzoom, filter: of(...kinds), symbolizer: line(color, stops) });
  return [
    { dataLayer: "earth", symbolizer: area(c.land) },
    { dataLayer: "landuse", symbolizer: area(c.green), filter: (_, f) => GREEN.has(String(f.props.kind)) },
    {
      dataLayer: "landuse", symbolizer: area(c.built),
      filter: of("residential", "industrial", "commercial", "school", "hospital", "military", "religious"),
    },
    { dataLayer: "water", symbolizer: area(c.water), filter: (_, f) => f.geomType === POLYGON },
    {
      dataLayer: "water", filter: (z, f) => f.geomType === LINE && of("river")(z, f),
      symbolizer: line(c.water, [[8, 1], [12, 2], [15, 4], [18, 14]]),
    },
    {
      dataLayer: "water", minzoom: 13, filter: (z, f) => f.geomType === LINE && !of("river")(z, f),
      symbolizer: line(c.water, [[13, 0.8], [18, 5]]),
    },
    { dataLayer: "buildings", minzoom: 15, symbolizer: area(c.building) },
    road(["path"], 15, c.road, [[14, 0.4], [18, 2.5]]),
    road(["rail"], 11, c.rail, [[11, 0.8], [18, 3]]),
    road(["minor_road"], 13, c.road, [[13, 0.5], [15, 1.8], [18, 12]]),
    road(["medium_road"], 11, c.road, [[11, 0.7], [14, 2], [18, 15]]),
    road(["major_road"], 8, c.roadMajor, [[8, 0.5], [11, 1.2], [14, 2.8], [18, 17]]),
    road(["highway"], 6, c.roadMajor, [[6, 0.6], [11, 1.6], [14, 3.4], [18, 20]]),
    {
      dataLayer: "boundaries", filter: of("city"),
      symbolizer: new pm.LineSymbolizer({ color: c.border, width: 1.2, opacity: 0.55 }),
    },
  ];
}

function labelRules(pm: Protomaps, c: Palette, lang: Lang, wardNames: boolean): LabelRule[] {
  const text = {
    labelProps: lang === "vi" ? ["name", "name_en"] : ["name_en", "name"],
    stroke: c.halo, width: 2.5, fontFamily: c.fontFamily, fontWeight: 500,
  };
  const along = (fill: string, fontSize: number, repeatDistance: number) =>
    new pm.LineLabelSymbolizer({ ...text, fill, fontSize, repeatDistance });
  const point = (fill: string, fontSize: number) =>
    new pm.CenteredTextSymbolizer({ ...text, fill, fontSize });
  return [
    ...(wardNames
      ? [{ dataLayer: "places", minzoom: 9, filter: of("city", "ward"), symbolizer: point(c.label, 12) }] : []),
    { dataLayer: "places", minzoom: 15, filter: of("water"), symbolizer: point(c.labelWater, 11) },
    { dataLayer: "places", minzoom: 14, filter: of("quarter", "village", "island"), symbolizer: point(c.label, 11) },
    { dataLayer: "water", minzoom: 12, filter: (_, f) => f.geomType === LINE, symbolizer: along(c.labelWater, 11, 900) },
    { dataLayer: "roads", minzoom: 14, filter: of("highway", "major_road", "medium_road"), symbolizer: along(c.label, 11, 700) },
    { dataLayer: "roads", minzoom: 16, filter: of("minor_road"), symbolizer: along(c.label, 10.5, 500) },
    { dataLayer: "pois", minzoom: 17, symbolizer: point(c.label, 10.5) },
  ];
}

/**
 * The city's own map from its PMTiles, in our colours. Loaded apart from the page, so that the
 * page stands before its largest part arrives. Null where the city has no basemap: a plain
 * ground with the ward borders on it has to do.
 */
export async function basemapLayer(city: CityInfo, lang: Lang, wardNames: boolean): Promise<L.Layer | null> {
  const info = city.basemap;
  if (!info) return null;
  // protomaps-leaflet reaches for Leaflet as a global.
  (window as unknown as { L: typeof L }).L = L;
  const pm = await import("protomaps-leaflet");
  const colors = palette();
  return pm.leafletLayer({
    url: new URL(info.url, location.href).href,
    maxDataZoom: info.max_zoom,
    paintRules: paintRules(pm, colors),
    labelRules: labelRules(pm, colors, lang, wardNames),
    backgroundColor: undefined,
    pane: "base",
    attribution: "",
    noWrap: true,
  } as Parameters<typeof pm.leafletLayer>[0]) as unknown as L.Layer;
}
