import L from "leaflet";
import { theme } from "../common/prefs";
import type { Result } from "./contract";
import { OPACITY } from "./colors";
import type { PlanModel } from "./model";
import { colorOf } from "./looks";

const SMALL = 0.3;
const NEUTRAL = new Set(["same", "too-few", "empty", "spared"]);

/** What an analysis found, on the map; pointing at one lights it up in table and chart. */
export class ResultLayer {
  private readonly canvas: L.Renderer;
  private group: L.GeoJSON | null = null;
  private readonly byRank = new Map<number, L.Layer>();
  private lit = 0;

  constructor(private readonly map: L.Map, private readonly model: PlanModel) {
    map.createPane("results").style.zIndex = "390";
    this.canvas = L.canvas({ pane: "results", padding: 0.3, tolerance: 3 });
    const { runs } = model;
    runs.results.on(() => this.fill());
    model.mode.on(() => this.fill());
    for (const signal of [runs.scale, runs.kind, theme]) (signal as typeof runs.kind).on(() => requestAnimationFrame(() => this.paint()));
    runs.hovered.on(() => this.light());
    runs.chosen.on((rank) => this.bring(rank));
  }

  private fill(): void {
    const { model, map } = this;
    this.group?.remove();
    this.byRank.clear();
    this.group = null;
    const results = model.runs.results.value;
    map.getPane("results")!.style.pointerEvents = results.length && model.mode.value === "analyse" ? "" : "none";
    if (!results.length || model.mode.value !== "analyse") return;
    const data = { type: "FeatureCollection", features: [...results].reverse() } as GeoJSON.FeatureCollection;
    this.group = L.geoJSON(data, {
      style: (feature) => this.look(feature as Result),
      pointToLayer: (feature, at) => L.circleMarker(at, { ...this.look(feature as Result), radius: 9, renderer: this.canvas }),
      onEachFeature: (feature, layer) => this.tie(feature as Result, layer),
      renderer: this.canvas,
    } as L.GeoJSONOptions).addTo(map);
    const box = this.group.getBounds();
    const view = map.getBounds();
    // A link keeps its view; what was computed just now is shown whole.
    const lost = model.runs.fresh ? !view.contains(box) || small(box, view) : !view.intersects(box);
    model.runs.fresh = false;
    if (box.isValid() && lost) map.fitBounds(box, { padding: [40, 40], maxZoom: 15 });
  }

  /** Where all that was found lies; null without results. */
  bounds(): L.LatLngBounds | null {
    const box = this.group?.getBounds();
    return box?.isValid() ? box : null;
  }

  private tie(result: Result, layer: L.Layer): void {
    const { runs, tool } = this.model;
    const { rank } = result.properties;
    this.byRank.set(rank, layer);
    layer.on("mouseover", () => !tool.value && (runs.hovered.value = rank));
    layer.on("mouseout", () => runs.hovered.value === rank && (runs.hovered.value = 0));
    layer.on("click", () => !tool.value && (runs.chosen.value = rank));
  }

  private look(result: Result): L.PathOptions {
    const { runs } = this.model;
    const { kind, rank } = result.properties;
    const hidden = runs.kind.value !== "" && runs.kind.value !== kind;
    const color = colorOf(runs, result);
    const lit = rank === runs.hovered.value || rank === runs.chosen.value;
    const dark = theme.value === "dark";
    const quiet = NEUTRAL.has(kind) && runs.scale.value.by === "kind";
    return {
      fillColor: color, fillOpacity: hidden ? 0.04 : quiet ? 0.14 : kind === "ring" ? 0.34 : OPACITY,
      color: lit ? (dark ? "#ffffff" : "#101828") : hidden ? color : dark ? "#0b1220" : "#ffffff",
      weight: lit ? 3 : kind === "cluster" || kind === "site" ? 1.5 : 0.8, opacity: hidden ? 0.12 : lit ? 1 : 0.75,
    };
  }

  private paint(): void {
    for (const [, layer] of this.byRank) this.style(layer);
  }

  private style(layer: L.Layer): void {
    const { feature } = layer as L.Layer & { feature?: Result };
    if (feature && "setStyle" in layer) (layer as L.Path).setStyle(this.look(feature));
  }

  private light(): void {
    const now = this.model.runs.hovered.value;
    for (const rank of [this.lit, now]) {
      const layer = this.byRank.get(rank);
      if (layer) this.style(layer);
    }
    const layer = this.byRank.get(now);
    if (layer && "bringToFront" in layer) (layer as L.Path).bringToFront();
    this.lit = now;
  }

  private bring(rank: number): void {
    this.paint();
    const layer = this.byRank.get(rank);
    if (!layer) return;
    const box = "getBounds" in layer ? (layer as L.Polygon).getBounds() : L.latLngBounds([(layer as L.CircleMarker).getLatLng()]);
    if (!this.map.getBounds().pad(-0.05).contains(box)) this.map.fitBounds(box, { maxZoom: Math.max(13, this.map.getZoom()), padding: [80, 80] });
  }
}

/** Whether a box takes up so little of the view that nobody could tell its parts. */
function small(box: L.LatLngBounds, view: L.LatLngBounds): boolean {
  const wide = (box.getEast() - box.getWest()) / (view.getEast() - view.getWest());
  const high = (box.getNorth() - box.getSouth()) / (view.getNorth() - view.getSouth());
  return Math.max(wide, high) < SMALL;
}
