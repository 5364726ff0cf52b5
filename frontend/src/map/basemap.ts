import L from "leaflet";
import type { CityInfo } from "../common/contract";
import type { Lang } from "../i18n";
import { palette, type Palette } from "./palette";

type Protomaps = typeof import("protomaps-leaflet");
type Feature = { props: Record<string, unknown> };

const MAJOR = new Set([
  "motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link", "highway", "major_road",
]);
const MEDIUM = new Set(["secondary", "tertiary", "secondary_link", "tertiary_link", "medium_road"]);

function roadClass(feature: Feature): string {
  const p = feature.props;
  return String(p.highway ?? p.kind ?? p.class ?? "");
}

/** Text field in the reader's language, else the local name. */
function nameFields(lang: Lang): string[] {
  return lang === "vi" ? ["name:vi", "name_vi", "name"] : ["name:en", "name_en", "name"];
}

function paintRules(pm: Protomaps, c: Palette): import("protomaps-leaflet").PaintRule[] {
  const area = (fill: string) => new pm.PolygonSymbolizer({ fill });
  const line = (color: string, width: (z: number) => number) => new pm.LineSymbolizer({ color, width });
  const wide = pm.exp;
  const major = (_: number, f: Feature) => MAJOR.has(roadClass(f));
  const medium = (_: number, f: Feature) => MEDIUM.has(roadClass(f));
  const minor = (z: number, f: Feature) => !major(z, f) && !medium(z, f);
  return [
    { dataLayer: "earth", symbolizer: area(c.land) },
    { dataLayer: "land", symbolizer: area(c.land) },
    { dataLayer: "landuse", symbolizer: area(c.green) },
    { dataLayer: "landcover", symbolizer: area(c.green) },
    { dataLayer: "green", symbolizer: area(c.green) },
    { dataLayer: "sea", symbolizer: area(c.water) },
    { dataLayer: "water", symbolizer: area(c.water), filter: (_, f) => f.geomType === 3 },
    {
      dataLayer: "water", filter: (_, f) => f.geomType === 2,
      symbolizer: line(c.water, wide(1.4, [[9, 0.8], [14, 2.5], [17, 7]])),
    },
    ...["rivers", "waterways"].map((dataLayer) => ({
      dataLayer, symbolizer: line(c.water, wide(1.4, [[9, 0.8], [14, 2.5], [17, 7]])),
    })),
    { dataLayer: "buildings", minzoom: 14, symbolizer: area(c.building) },
    { dataLayer: "rail", symbolizer: line(c.rail, wide(1.4, [[9, 0.6], [16, 2]])) },
    {
      dataLayer: "roads", minzoom: 13, filter: minor,
      symbolizer: line(c.road, wide(1.5, [[12, 0.4], [14, 1.2], [17, 6], [19, 12]])),
    },
    {
      dataLayer: "roads", minzoom: 10, filter: medium,
      symbolizer: line(c.road, wide(1.5, [[10, 0.5], [14, 2.4], [17, 9], [19, 16]])),
    },
    {
      dataLayer: "roads", filter: major,
      symbolizer: line(c.roadMajor, wide(1.5, [[7, 0.6], [11, 1.4], [14, 3.2], [17, 11], [19, 18]])),
    },
  ];
}

function labelRules(pm: Protomaps, c: Palette, lang: Lang): import("protomaps-leaflet").LabelRule[] {
  const labelProps = nameFields(lang);
  const text = { labelProps, stroke: c.halo, width: 2.5, fontFamily: c.fontFamily };
  return [
    {
      dataLayer: "places", minzoom: 8,
      symbolizer: new pm.CenteredTextSymbolizer({ ...text, fill: c.label, fontSize: 12, fontWeight: 500 }),
    },
    ...["water", "rivers", "waterways"].map((dataLayer) => ({
      dataLayer, minzoom: 12, filter: (_: number, f: Feature & { geomType?: number }) => f.geomType === 2,
      symbolizer: new pm.LineLabelSymbolizer({
        ...text, fill: c.labelWater, fontSize: 11, fontStyle: "italic", repeatDistance: 800,
      } as ConstructorParameters<Protomaps["LineLabelSymbolizer"]>[0]),
    })),
    {
      dataLayer: "roads", minzoom: 14,
      symbolizer: new pm.LineLabelSymbolizer({
        ...text, fill: c.label, fontSize: 11, repeatDistance: 600,
      } as ConstructorParameters<Protomaps["LineLabelSymbolizer"]>[0]),
    },
    {
      dataLayer: "pois", minzoom: 16,
      symbolizer: new pm.CenteredTextSymbolizer({ ...text, fill: c.label, fontSize: 10.5 }),
    },
  ];
}

/**
 * The city's own map from its PMTiles, in our colours. Loaded apart from the page, so that the
 * page stands before its largest part arrives. Null where the city has no basemap: a plain
 * ground with the ward borders on it has to do.
 */
export async function basemapLayer(city: CityInfo, lang: Lang): Promise<L.Layer | null> {
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
    labelRules: labelRules(pm, colors, lang),
    backgroundColor: undefined,
    pane: "base",
    attribution: "",
    noWrap: true,
  } as Parameters<typeof pm.leafletLayer>[0]) as unknown as L.Layer;
}
