import L from "leaflet";
import type { LayerInfo } from "../common/contract";
import { loadFeatures } from "../common/services";

const MOST = "20";
const REFRESH_MS = 60_000;
const DEEPEST_ZOOM = 18;

/** One layer of the catalogue drawn as pictures: a pyramid of tiles for each of its features. */
export class RasterLayer extends L.LayerGroup {
  private opacity = 1;
  private order = 1;
  private timer = 0;
  private readonly held = new Map<string, L.TileLayer>();

  constructor(readonly info: LayerInfo, private readonly pane: string) {
    super();
  }

  override onAdd(map: L.Map): this {
    super.onAdd(map);
    void this.load();
    return this;
  }

  override onRemove(map: L.Map): this {
    clearTimeout(this.timer);
    return super.onRemove(map);
  }

  /** What is put on the map while one looks appears by itself, and goes by itself. */
  private async load(): Promise<void> {
    clearTimeout(this.timer);
    const page = await loadFeatures(this.info, { limit: MOST }).catch(() => null);
    if (!this._map) return;
    this.timer = setTimeout(() => void this.load(), REFRESH_MS);
    if (!page) return;
    const ids = new Set(page.features.map((each) => String(each.id)));
    for (const [id, tiles] of this.held) {
      if (ids.has(id)) continue;
      this.removeLayer(tiles);
      this.held.delete(id);
    }
    for (const id of ids) {
      if (this.held.has(id)) continue;
      const url = this.info.urls.raster!.replace("{id}", encodeURIComponent(id));
      const tiles = L.tileLayer(url, { pane: this.pane, opacity: this.opacity, zIndex: this.order, maxNativeZoom: DEEPEST_ZOOM, maxZoom: 22, noWrap: true });
      this.held.set(id, tiles);
      this.addLayer(tiles);
    }
  }

  setOpacity(opacity: number): void {
    this.opacity = opacity;
    for (const tiles of this.held.values()) tiles.setOpacity(opacity);
  }

  override setZIndex(order: number): this {
    this.order = order;
    for (const tiles of this.held.values()) tiles.setZIndex(order);
    return this;
  }
}
