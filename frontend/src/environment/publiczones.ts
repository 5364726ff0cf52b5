import L from "leaflet";
import type { Text } from "../common/contract";
import { getJson } from "../common/http";
import { Signal } from "../common/signal";

const URL = "/api/v1/flood/published";
const EVERY_MS = 120_000;
const PANE = "areas";

export interface PublicZone { title: Text; synthetic: boolean }

/** The flood zones that the city shows to everybody, on the public map and as a list. */
export class PublicZones {
  readonly zones = new Signal<PublicZone[]>([]);
  private timer = 0;
  private shown: L.GeoJSON | null = null;

  constructor(private readonly map: L.Map) {
    void this.load();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async load(): Promise<void> {
    const found = await getJson<GeoJSON.FeatureCollection<GeoJSON.Geometry, PublicZone>>(URL).catch(() => null);
    this.timer = setTimeout(() => void this.load(), EVERY_MS);
    if (!found) return;
    const old = this.shown;
    this.shown = found.features.length ? L.geoJSON(found, {
      pane: PANE, interactive: false, style: { className: "public-zone", weight: 1.5 },
    }).addTo(this.map) : null;
    old?.remove();
    this.zones.value = found.features.map((each) => each.properties);
  }
}
