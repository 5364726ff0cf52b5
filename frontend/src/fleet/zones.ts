import L from "leaflet";
import type { LayerInfo } from "../common/contract";
import { loadFeatures } from "../common/services";
import { lang } from "../i18n";

const RETRY_MS = 10_000;
/** Tints that deepen away from the coast, as a chart's do; lines where a rule begins. */
const LOOKS: Record<string, L.PathOptions> = {
  coastal: { fillOpacity: 0.16, weight: 1, dashArray: "2 5", className: "zone zone-coastal" },
  inshore: { fillOpacity: 0.1, weight: 1, dashArray: "6 5", className: "zone zone-inshore" },
  offshore: { fillOpacity: 0.04, weight: 1.2, dashArray: "12 5", className: "zone zone-offshore" },
  forbidden: { fillOpacity: 0.1, weight: 1.6, className: "zone zone-forbidden" },
  foreign: { fillOpacity: 0.12, weight: 1.8, dashArray: "10 4 2 4", className: "zone zone-foreign" },
  storm: { fillOpacity: 0.14, weight: 1.6, className: "zone zone-storm" },
};
const NAMED_FROM_ZOOM = 8;

/** The zones that the rules speak of, under everything else. */
export class Zones {
  private readonly group = L.layerGroup();
  private readonly names = L.layerGroup();

  constructor(private readonly map: L.Map, private readonly layer: LayerInfo) {
    map.createPane("zones").style.zIndex = "270";
    const names = map.createPane("zone-names");
    names.style.zIndex = "430";
    names.style.pointerEvents = "none";
    this.group.addTo(map);
    map.on("zoomend", () => this.nameOrNot());
    lang.on(() => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const page = await loadFeatures(this.layer, { limit: "200" });
      this.group.clearLayers();
      this.names.clearLayers();
      // The widest first, so that none hides a smaller one.
      const order = ["offshore", "inshore", "coastal"];
      const rank = (kind: string): number => (order.includes(kind) ? order.indexOf(kind) : order.length);
      const all = [...page.features].sort((a, b) => rank(kindOf(a)) - rank(kindOf(b)));
      for (const feature of all) this.draw(feature);
      this.nameOrNot();
    } catch {
      setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  private draw(feature: { geometry: GeoJSON.Geometry | null; properties: Record<string, unknown>; title?: string }): void {
    if (!feature.geometry) return;
    const kind = kindOf(feature);
    const look = LOOKS[kind] ?? LOOKS.offshore!;
    const shape = L.geoJSON(feature.geometry, { style: look, interactive: false, pane: "zones" });
    shape.addTo(this.group);
    const p = feature.properties;
    const name = String((lang.value === "en" ? p.name_en : p.name_vi) ?? p.name_vi ?? p.name ?? feature.title ?? "");
    if (!name) return;
    const at = Number.isFinite(Number(p.label_lon ?? NaN))
      ? L.latLng(Number(p.label_lat), Number(p.label_lon)) : shape.getBounds().getCenter();
    const face = document.createElement("span");
    face.textContent = name;
    L.marker(at, { interactive: false, keyboard: false, pane: "zone-names",
      icon: L.divIcon({ className: `zone-name zone-name-${kind}`, html: face, iconSize: [0, 0] }) }).addTo(this.names);
  }

  private nameOrNot(): void {
    if (this.map.getZoom() >= NAMED_FROM_ZOOM) this.names.addTo(this.map);
    else this.names.remove();
  }
}

function kindOf(feature: { properties: Record<string, unknown> }): string {
  return String(feature.properties.kind ?? "");
}
