import L from "leaflet";
import type { FeatureDetail, LayerInfo } from "../common/contract";
import { rootSize } from "../common/prefs";
import { loadFeatures } from "../common/services";
import { latOf, lonOf, worldX, worldY } from "../common/store";
import { lang } from "../i18n";
import { palette } from "./palette";

const DEFAULT_ROOT_PX = 16;

interface Label {
  at: L.LatLng;
  names: { vi: string; en: string };
  weight: number;
}

/** The ring's own centre of area, with its area; world coordinates. */
function ringCentre(ring: GeoJSON.Position[]): { x: number; y: number; area: number } {
  let area = 0;
  let cx = 0;
  let cy = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const xi = worldX(ring[i]![0]!), yi = worldY(ring[i]![1]!);
    const xj = worldX(ring[j]![0]!), yj = worldY(ring[j]![1]!);
    const cross = xj * yi - xi * yj;
    area += cross;
    cx += (xi + xj) * cross;
    cy += (yi + yj) * cross;
  }
  if (!area) return { x: worldX(ring[0]![0]!), y: worldY(ring[0]![1]!), area: 0 };
  return { x: cx / (3 * area), y: cy / (3 * area), area: Math.abs(area / 2) };
}

function labelOf(feature: FeatureDetail, layer: LayerInfo): Label | null {
  const { properties: p, geometry } = feature;
  const field = layer.style.label ?? layer.title_field;
  const name = String(p[field] ?? feature.title ?? "");
  const names = { vi: name, en: String(p[field.replace(/_vi$/, "_en")] ?? name) };
  const given = p.label_point as [number, number] | undefined;
  if (!geometry || !name) return null;
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates]
    : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const centres = polygons.map((polygon) => ringCentre(polygon[0]!));
  const largest = centres.sort((a, b) => b.area - a.area)[0];
  if (given) return { at: L.latLng(given[1], given[0]), names, weight: largest?.area ?? 0 };
  if (!largest) return null;
  return { at: L.latLng(latOf(largest.y), lonOf(largest.x)), names, weight: largest.area };
}

/** Names of areas, each once at its own point, the smaller giving way where two would meet. */
export class AreaLabels extends L.Layer {
  private canvas!: HTMLCanvasElement;
  private labels: Label[] = [];
  private corner = L.point(0, 0);

  constructor(private readonly layer: LayerInfo) {
    super();
  }

  override onAdd(map: L.Map): this {
    this.canvas = L.DomUtil.create("canvas", "label-canvas leaflet-zoom-hide");
    this.canvas.setAttribute("aria-hidden", "true");
    map.getPane("labels")!.append(this.canvas);
    if (!this.labels.length) void this.load();
    this.draw();
    return this;
  }

  override onRemove(): this {
    this.canvas.remove();
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return { moveend: () => this.draw(), resize: () => this.draw(), viewreset: () => this.draw() };
  }

  private async load(): Promise<void> {
    try {
      const page = await loadFeatures(this.layer, { limit: "200" });
      this.labels = page.features
        .map((feature) => labelOf(feature, this.layer))
        .filter((label) => label !== null)
        .sort((a, b) => b.weight - a.weight);
      await document.fonts.load(`500 12px ${palette().fontFamily}`, "Phường ữ");
      this.draw();
    } catch {
      setTimeout(() => void this.load(), 10_000);
    }
  }

  draw(): void {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.corner = map.containerPointToLayerPoint([0, 0]);
    L.DomUtil.setPosition(this.canvas, this.corner);
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    this.canvas.style.width = `${size.x}px`;
    this.canvas.style.height = `${size.y}px`;
    const zoom = map.getZoom();
    if (zoom < 9) return;
    const ctx = this.canvas.getContext("2d")!;
    ctx.scale(ratio, ratio);
    const { label, halo, fontFamily } = palette();
    const k = rootSize.value / DEFAULT_ROOT_PX;
    ctx.font = `500 ${(zoom < 11 ? 11 : zoom < 13 ? 12 : 13.5) * k}px ${fontFamily}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = halo;
    ctx.fillStyle = label;
    const taken: [number, number, number, number][] = [];
    for (const each of this.labels) {
      const p = map.latLngToContainerPoint(each.at);
      const text = each.names[lang.value];
      const half = ctx.measureText(text).width / 2 + 4;
      const box: [number, number, number, number] = [p.x - half, p.y - 10 * k, p.x + half, p.y + 10 * k];
      if (box[2] < 0 || box[3] < 0 || box[0] > size.x || box[1] > size.y) continue;
      if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
      taken.push(box);
      ctx.strokeText(text, p.x, p.y);
      ctx.fillText(text, p.x, p.y);
    }
  }
}
