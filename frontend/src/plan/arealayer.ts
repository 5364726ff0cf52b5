import L from "leaflet";
import { loadFeature } from "../common/services";
import type { Area } from "./contract";
import type { PlanModel } from "./model";

/** The area of the question on the map, with the buffer round it. */
export class AreaLayer {
  private readonly group = L.layerGroup();
  private readonly kept = new Map<string, GeoJSON.Geometry>();
  private drawn = "";
  private ticket = 0;

  constructor(private readonly map: L.Map, private readonly model: PlanModel) {
    for (const [name, order] of [["buffer", 370], ["outline", 375]] as const) {
      const pane = map.createPane(name);
      pane.style.zIndex = String(order);
      pane.style.pointerEvents = "none";
    }
    map.getPane("buffer")!.classList.add("buffer-pane");
    this.group.addTo(map);
    model.question.on(() => void this.show());
    model.draft.on((area) => map.getPane("outline")!.classList.toggle("is-dim", area !== null));
    map.on("zoomend", () => void this.show(true));
    void this.show();
  }

  private async show(again = false): Promise<void> {
    const { area } = this.model.question.value;
    const key = JSON.stringify(area);
    if (key === this.drawn && !again) return;
    this.drawn = key;
    const ticket = ++this.ticket;
    const shapes = area ? await this.shapesOf(area) : [];
    if (ticket !== this.ticket) return;
    this.group.clearLayers();
    for (const shape of shapes) this.draw(shape, area!.buffer_m ?? 0);
  }

  private async shapesOf(area: Area): Promise<GeoJSON.Geometry[]> {
    if (area.geometry) return [area.geometry];
    const named = area.feature ? [area.feature] : (area.wards ?? []).map((id) => ({ layer: "wards", id: String(id) }));
    const found = await Promise.all(named.map((one) => this.geometry(one.layer, one.id)));
    return found.filter((one) => one !== null);
  }

  private async geometry(slug: string, id: string): Promise<GeoJSON.Geometry | null> {
    const key = `${slug}/${id}`;
    const layer = this.model.layer(slug);
    if (!layer) return null;
    if (!this.kept.has(key)) {
      try {
        const { geometry } = await loadFeature(layer, id);
        if (geometry) this.kept.set(key, geometry);
      } catch {
        // The answer's own words say what is wrong with the area.
      }
    }
    return this.kept.get(key) ?? null;
  }

  /** A buffer is drawn as a line twice as wide, round at its corners, under the outline. */
  private draw(shape: GeoJSON.Geometry, metres: number): void {
    if (shape.type === "Point") {
      const [lon, lat] = shape.coordinates;
      L.circle([lat!, lon!], { radius: metres, className: "ask-area", pane: "outline", interactive: false }).addTo(this.group);
      L.circleMarker([lat!, lon!], { radius: 4, className: "draw-dot", pane: "outline", interactive: false }).addTo(this.group);
      return;
    }
    if (metres) {
      const lat = this.map.getCenter().lat;
      const wide = (2 * metres * 256 * 2 ** this.map.getZoom()) / (40_075_016 * Math.cos((lat * Math.PI) / 180));
      L.geoJSON(shape, { pane: "buffer", interactive: false, style: { className: "ask-buffer", weight: wide, lineJoin: "round", lineCap: "round" } }).addTo(this.group);
    }
    L.geoJSON(shape, { pane: "outline", interactive: false, style: { className: shape.type.endsWith("LineString") ? "ask-area ask-line" : "ask-area" } }).addTo(this.group);
  }
}
