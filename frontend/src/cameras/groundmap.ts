import L from "leaflet";
import type { CityInfo } from "../common/contract";
import { createMap } from "../map/core";

export type LonLat = [lon: number, lat: number];
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export interface Pin { label: string; lon: number; lat: number; tone: "" | "bad" | "open"; live: boolean }

/** A small map of one camera: where it stands, what it sees, pins, a place with its error. */
export class GroundMap {
  readonly map: L.Map;
  private readonly seen = L.layerGroup();
  private readonly pins = L.layerGroup();
  private readonly marks = L.layerGroup();
  private readonly watch: ResizeObserver;
  private clicking = false;

  constructor(
    element: HTMLElement, city: CityInfo,
    heard: { click?: (at: LonLat) => void; moved?: (index: number, at: LonLat) => void } = {},
  ) {
    this.map = createMap(element, city, { marginDeg: 0.5, maxZoom: 20 });
    for (const layer of [this.seen, this.marks, this.pins]) layer.addTo(this.map);
    this.map.on("click", (event: L.LeafletMouseEvent) => this.clicking && heard.click?.(lonLat(event.latlng)));
    this.heardMove = heard.moved;
    this.watch = new ResizeObserver(() => this.map.invalidateSize({ animate: false }));
    this.watch.observe(element);
  }
  private readonly heardMove?: (index: number, at: LonLat) => void;

  stop(): void {
    this.watch.disconnect();
    this.map.remove();
  }

  /** Whether the next click puts something. */
  set waiting(on: boolean) {
    this.clicking = on;
    this.map.getContainer().classList.toggle("drawing", on);
  }

  middle(): LonLat {
    return lonLat(this.map.getCenter());
  }

  /** The camera, what its sheet says it sees and what is measured. */
  camera(at: LonLat, view: LonLat[] | null, measured: LonLat[] | null = null): void {
    this.seen.clearLayers();
    const color = token("--kind-camera");
    if (view) L.polygon(view.map(latLng), { color, weight: 1.2, opacity: 0.7, dashArray: measured ? "4 5" : undefined, fillColor: color, fillOpacity: measured ? 0.05 : 0.14, interactive: false }).addTo(this.seen);
    if (measured) L.polygon(measured.map(latLng), { color: token("--accent"), weight: 2, fillColor: token("--accent"), fillOpacity: 0.16, interactive: false }).addTo(this.seen);
    L.circleMarker(latLng(at), { radius: 7, color: token("--symbol-paper"), weight: 2, fillColor: color, fillOpacity: 1, interactive: false }).addTo(this.seen);
  }

  put(pins: Pin[]): void {
    this.pins.clearLayers();
    pins.forEach((pin, index) => {
      const face = document.createElement("span");
      face.textContent = pin.label;
      const marker = L.marker([pin.lat, pin.lon], {
        draggable: pin.live, keyboard: false, autoPan: true,
        icon: L.divIcon({ className: `ground-pin ${pin.tone}`, html: face, iconSize: [22, 22] }),
      }).addTo(this.pins);
      marker.on("dragend", () => this.heardMove?.(index, lonLat(marker.getLatLng())));
    });
  }

  /** A place that is known within `errorM` metres nine times in ten. */
  place(at: LonLat, errorM: number, color: string): void {
    this.marks.clearLayers();
    if (errorM > 0) L.circle(latLng(at), { radius: errorM, color, weight: 1.5, dashArray: "5 4", fillColor: color, fillOpacity: 0.13, interactive: false }).addTo(this.marks);
    L.circleMarker(latLng(at), { radius: 4, color: token("--symbol-paper"), weight: 1.5, fillColor: color, fillOpacity: 1, interactive: false }).addTo(this.marks);
  }

  /** Shows these places as large as fits. */
  frame(places: LonLat[], maxZoom = 19): void {
    if (!places.length) return;
    this.map.fitBounds(L.latLngBounds(places.map(latLng)).pad(0.2), { animate: false, maxZoom });
  }

  /** Brings a place to the middle, near. */
  near(at: LonLat): void {
    this.map.setView(latLng(at), Math.max(19, this.map.getZoom()), { animate: false });
  }

  around(at: LonLat, metres: number): void {
    this.map.fitBounds(L.latLng(at[1], at[0]).toBounds(Math.max(60, metres * 4)), { animate: false, maxZoom: 20 });
  }
}

const latLng = ([lon, lat]: LonLat): L.LatLngTuple => [lat, lon];
const lonLat = (at: L.LatLng): LonLat => [Math.round(at.lng * 1e7) / 1e7, Math.round(at.lat * 1e7) / 1e7];
