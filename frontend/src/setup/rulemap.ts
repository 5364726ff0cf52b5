import L from "leaflet";
import type { CityInfo } from "../common/contract";
import { getJson } from "../common/http";
import { say } from "../i18n";
import { createMap } from "../map/core";
import type { Conditions, Tried } from "./contract";
import { ROOT } from "./model";

type Area = GeoJSON.Polygon | GeoJSON.MultiPolygon;
type Wards = GeoJSON.FeatureCollection<GeoJSON.Geometry, { code: string; title: { vi: string; en: string } }>;

interface Heard {
  area: (area: Area | null) => void;
  ward: (code: string) => void;
  drawing: () => void;
}

let wards: Promise<Wards> | null = null;
const loadWards = (): Promise<Wards> => (wards ??= getJson<Wards>(`${ROOT}/wards`).catch((error) => {
  wards = null;
  throw error;
}));

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The map of a rule: wards to choose, an area to draw, and what the rule would have caught. */
export class RuleMap {
  readonly map: L.Map;
  drawing = false;
  private corners: L.LatLng[] = [];
  private asked: Conditions = {};
  private readonly wardLayer = L.layerGroup();
  private readonly areaLayer = L.layerGroup();
  private readonly pointLayer = L.layerGroup();
  private borders: L.GeoJSON | null = null;
  private readonly watch: ResizeObserver;

  constructor(element: HTMLElement, city: CityInfo, private readonly heard: Heard) {
    this.map = createMap(element, city, { marginDeg: 0.5 });
    for (const layer of [this.wardLayer, this.areaLayer, this.pointLayer]) layer.addTo(this.map);
    this.map.on("click", (event: L.LeafletMouseEvent) => this.drawing && this.add(event.latlng));
    this.map.on("dblclick", () => this.drawing && this.finish());
    this.watch = new ResizeObserver(() => this.map.invalidateSize({ animate: false }));
    this.watch.observe(element);
    void this.drawWards();
  }

  stop(): void {
    this.watch.disconnect();
    this.map.remove();
  }

  private async drawWards(): Promise<void> {
    const data = await loadWards().catch(() => null);
    if (!data) return;
    this.borders = L.geoJSON(data, {
      onEachFeature: (feature, layer) => {
        layer.bindTooltip(say(feature.properties.title), { sticky: true, direction: "top" });
        layer.on("click", (event) => {
          if (this.drawing) return;
          L.DomEvent.stop(event);
          this.heard.ward(feature.properties.code);
        });
      },
    }).addTo(this.wardLayer);
    this.paintWards();
  }

  private paintWards(): void {
    const accent = token("--accent");
    this.borders?.setStyle((feature) => {
      const chosen = this.asked.wards?.includes(String(feature?.properties.code)) ?? false;
      return {
        color: chosen ? accent : token("--map-border"), weight: chosen ? 2 : 1, opacity: chosen ? 1 : 0.5,
        fillColor: accent, fillOpacity: chosen ? 0.22 : 0,
      };
    });
  }

  /** Shows what the rule asks and what it caught. */
  show(asked: Conditions, tried: Tried | null): void {
    this.asked = asked;
    this.paintWards();
    if (!this.drawing) this.paintArea(asked.area ?? null);
    this.pointLayer.clearLayers();
    const moved = token("--severity-moderate");
    const fits = token("--kind-camera");
    for (const [lon, lat, changed] of tried?.points ?? []) {
      L.circleMarker([lat, lon], {
        radius: changed ? 5 : 4, color: token("--symbol-edge"), weight: 1, interactive: false,
        fillColor: changed ? moved : fits, fillOpacity: 0.9, pane: "markerPane",
      }).addTo(this.pointLayer);
    }
  }

  /** The whole of what the rule asks of the ground, or the city. */
  frame(): void {
    const shapes = this.areaLayer.getLayers().filter((one) => one instanceof L.Polygon) as L.Polygon[];
    if (shapes[0]) this.map.fitBounds(shapes[0].getBounds().pad(0.3), { animate: false });
  }

  fly(lon: number, lat: number): void {
    this.map.flyTo([lat, lon], Math.max(this.map.getZoom(), 15), { duration: 0.6 });
  }

  draw(): void {
    this.drawing = true;
    this.corners = [];
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("drawing");
    this.paintCorners();
    this.heard.drawing();
  }

  /** A corner in the middle of the map: for those who draw with the keyboard. */
  addMiddle(): void {
    this.add(this.map.getCenter());
  }

  private add(at: L.LatLng): void {
    const last = this.corners.at(-1);
    if (last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(at)) < 4) return;
    this.corners.push(at);
    this.paintCorners();
  }

  finish(): void {
    this.drawing = false;
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("drawing");
    this.heard.area(this.corners.length > 2 ? this.asPolygon() : (this.asked.area ?? null));
    this.corners = [];
    this.heard.drawing();
  }

  erase(): void {
    this.corners = [];
    this.drawing = false;
    this.map.getContainer().classList.remove("drawing");
    this.heard.area(null);
    this.heard.drawing();
  }

  private asPolygon(): GeoJSON.Polygon {
    const ring = this.corners.map((one) => [round(one.lng), round(one.lat)]);
    return { type: "Polygon", coordinates: [[...ring, ring[0]!]] };
  }

  private paintCorners(): void {
    this.areaLayer.clearLayers();
    const color = token("--accent");
    if (this.corners.length > 1) L.polygon(this.corners, { color, weight: 2, dashArray: "5 5", fillOpacity: 0.12, interactive: false }).addTo(this.areaLayer);
    this.corners.forEach((at, place) => {
      const dot = L.circleMarker(at, { radius: place ? 5 : 7, color, weight: 2, fillColor: token("--panel"), fillOpacity: 1 });
      if (!place) dot.on("click", (event) => { L.DomEvent.stop(event); this.finish(); });
      dot.addTo(this.areaLayer);
    });
  }

  private paintArea(area: Area | null): void {
    this.areaLayer.clearLayers();
    if (!area) return;
    const color = token("--accent");
    const polygons = area.type === "Polygon" ? [area.coordinates] : area.coordinates;
    for (const rings of polygons) {
      const shape = L.polygon(rings.map((ring) => ring.map(([lon, lat]) => [lat!, lon!] as [number, number])),
        { color, weight: 2, fillOpacity: 0.14, interactive: false }).addTo(this.areaLayer);
      if (polygons.length === 1 && rings.length === 1) this.handles(rings[0]!.slice(0, -1), shape);
    }
  }

  /** Corners that can be dragged. */
  private handles(ring: GeoJSON.Position[], shape: L.Polygon): void {
    const icon = L.divIcon({ className: "corner", iconSize: [14, 14] });
    this.corners = [];
    const places = ring.map(([lon, lat]) => L.latLng(lat!, lon!));
    places.forEach((at, place) => {
      const handle = L.marker(at, { icon, draggable: true, keyboard: false });
      handle.on("drag", () => {
        places[place] = handle.getLatLng();
        shape.setLatLngs(places);
      });
      handle.on("dragend", () => {
        this.corners = places;
        this.heard.area(this.asPolygon());
      });
      handle.addTo(this.areaLayer);
    });
  }
}
