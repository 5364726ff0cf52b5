import L from "leaflet";
import type { FloodModel } from "./floodmodel";
import type { Zone } from "./contract";

const PANE = "flood";
const LESS = "#4292c6";
export const ONLY_HIGHER = "#e6550d";

/**
 * The zone on the map. The pane is translucent and its classes are opaque, so that the colours are
 * those of the legend; the next zone stands before the last one goes, so that nothing flickers.
 */
export class FloodLayer {
  private readonly renderer: L.Canvas;
  private held: L.GeoJSON[] = [];
  private drawn: unknown = null;
  /** The gauge whose zone the map has been moved to; the view is the person's own after that. */
  framed = "";

  constructor(private readonly map: L.Map, private readonly model: FloodModel) {
    const pane = map.getPane(PANE) ?? map.createPane(PANE);
    pane.style.zIndex = "270";
    pane.style.pointerEvents = "none";
    pane.classList.add("flood-pane");
    this.renderer = L.canvas({ pane: PANE, padding: 0.4 });
    model.changed.on(() => this.sync());
    model.spot.on(() => this.sync());
  }

  private sync(): void {
    const { comparison, zone, spot } = this.model;
    const what = spot.value ? (comparison ?? zone) : null;
    if (what === this.drawn) return;
    this.drawn = what;
    const old = this.held;
    this.held = !what ? [] : comparison ? this.two() : [this.classes(zone!)];
    for (const layer of this.held) layer.addTo(this.map);
    for (const layer of old) layer.remove();
    if (!spot.value) this.framed = "";
    else if (this.held.length && zone && spot.value.gauge !== this.framed) {
      this.framed = spot.value.gauge;
      this.reveal();
    }
  }

  private classes(zone: Zone): L.GeoJSON {
    return this.painted(zone, (feature) => String(feature?.properties?.color ?? LESS));
  }

  private two(): L.GeoJSON[] {
    const { comparison, zone } = this.model;
    const first = zone?.features[0];
    const below = first ? [this.painted(first, () => LESS)] : [];
    return comparison!.difference.geojson.geometry
      ? [...below, this.painted(comparison!.difference.geojson, () => ONLY_HIGHER)] : below;
  }

  private painted(data: GeoJSON.GeoJsonObject, color: (feature?: GeoJSON.Feature) => string): L.GeoJSON {
    return L.geoJSON(data, {
      pane: PANE, interactive: false, renderer: this.renderer,
      style: (feature) => ({ stroke: false, fillColor: color(feature), fillOpacity: 1 }),
    } as L.GeoJSONOptions & { renderer: L.Renderer });
  }

  /** Brings the whole zone into the part of the map that no panel covers. */
  reveal(): void {
    const bounds = L.latLngBounds([]);
    for (const layer of this.held) bounds.extend(layer.getBounds());
    if (!bounds.isValid()) return;
    // A thin edge may lie under a panel; a whole zoom level farther away would tell less.
    const core = bounds.pad(-0.12);
    const map = this.map.getContainer().getBoundingClientRect();
    const panel = document.querySelector(".flood-panel")?.getBoundingClientRect();
    const card = document.querySelector("ioc-card .card")?.getBoundingClientRect();
    const low = !!panel && panel.width > map.width * 0.8;
    const left = panel && !low ? panel.right - map.left : 0;
    const right = card && !low && card.left > left ? map.right - card.left : 0;
    const roomy = map.width - left - right > map.width / 4;
    this.map.flyToBounds(core, {
      maxZoom: 13, duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.8,
      paddingTopLeft: [(roomy ? left : 0) + 16, 16],
      paddingBottomRight: [(roomy ? right : 0) + 16, (low && panel ? map.bottom - panel.top : 0) + 16],
    });
  }
}
