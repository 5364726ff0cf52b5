import L from "leaflet";
import { serverNow } from "../common/catalogue";
import type { LayerInfo } from "../common/contract";
import { Atlas } from "./atlas";
import { whenIdle } from "./frames";
import { distanceTo, inside, loadTile, type TileFeature } from "./mvt";
import { palette, withAlpha } from "./palette";
import { Stamps } from "./stamps";
import { detailAt, Styler } from "./styler";

/** Tiles of 512 px: a quarter of the requests, and cells large enough to read. */
const TILE_PX = 512;
/** Symbols may reach over a tile's edge, so each canvas is larger than its tile. */
const PAD_PX = 24;
const RETRY_MS = 5_000;
const MANY_IN_A_TILE = 300;
const NEAR_FROM_ZOOM = 12;

interface Loaded {
  canvas: HTMLCanvasElement;
  features: TileFeature[];
  z: number;
  abort: AbortController;
}

export interface TileHit {
  id: string;
  n: number;
  props: TileFeature["props"];
  distance: number;
}

/** One layer of the catalogue drawn from its vector tiles: areas, lines, cells, or raw points. */
export class TileLayer extends L.GridLayer {
  readonly styler: Styler;
  selected = "";
  private query = "";
  private readonly loaded = new Map<string, Loaded>();
  private atlas = new Atlas(1);
  private readonly stamps = new Stamps();
  private stamping = false;

  constructor(readonly info: LayerInfo, pane: string) {
    super({ tileSize: TILE_PX, pane, updateWhenZooming: false, keepBuffer: 1, noWrap: true });
    this.styler = new Styler(info);
  }

  /** Filters are the server's work here: it counts what it aggregates. */
  setQuery(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.redraw();
  }

  /** Draws what is loaded again: another theme, another selection. */
  repaint(): void {
    this.atlas = new Atlas(this.atlas.scale);
    for (const tile of this.loaded.values()) this.paint(tile);
  }

  protected override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const box = document.createElement("div");
    const canvas = document.createElement("canvas");
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const side = TILE_PX + 2 * PAD_PX;
    canvas.width = canvas.height = side * ratio;
    canvas.style.cssText =
      `position:absolute;left:${-PAD_PX}px;top:${-PAD_PX}px;width:${side}px;height:${side}px`;
    box.append(canvas);
    const abort = new AbortController();
    const tile: Loaded = { canvas, features: [], z: coords.z, abort };
    const key = `${coords.x}:${coords.y}:${coords.z}`;
    this.loaded.set(key, tile);
    void this.fill(tile, coords, done, box);
    return box;
  }

  override onAdd(map: L.Map): this {
    this.on("tileunload", this.dropped, this);
    return super.onAdd(map);
  }

  override onRemove(map: L.Map): this {
    super.onRemove(map);
    this.off("tileunload", this.dropped, this);
    return this;
  }

  private dropped(event: L.LeafletEvent): void {
    const { x, y, z } = (event as L.TileEvent).coords;
    const key = `${x}:${y}:${z}`;
    this.loaded.get(key)?.abort.abort();
    this.loaded.delete(key);
  }

  private async fill(tile: Loaded, coords: L.Coords, done: L.DoneCallback, box: HTMLElement): Promise<void> {
    const url = this.info.urls.tiles
      .replace("{z}", String(coords.z - 1))
      .replace("{x}", String(coords.x))
      .replace("{y}", String(coords.y)) + this.query;
    try {
      tile.features = await loadTile(url, TILE_PX, tile.abort.signal);
      whenIdle(() => {
        if (!tile.abort.signal.aborted) this.paint(tile);
        done(undefined, box);
      });
    } catch (error) {
      if (tile.abort.signal.aborted) return;
      done(error as Error, box);
      setTimeout(() => {
        if (!tile.abort.signal.aborted) void this.fill(tile, coords, () => undefined, box);
      }, RETRY_MS);
    }
  }

  private paint(tile: Loaded): void {
    const ctx = tile.canvas.getContext("2d")!;
    const ratio = tile.canvas.width / (TILE_PX + 2 * PAD_PX);
    if (this.atlas.scale !== ratio) this.atlas = new Atlas(ratio);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, tile.canvas.width, tile.canvas.height);
    ctx.setTransform(ratio, 0, 0, ratio, PAD_PX * ratio, PAD_PX * ratio);
    if (this.info.geometry === "point") this.points(ctx, tile, ratio);
    else this.shapes(ctx, tile);
  }

  private points(ctx: CanvasRenderingContext2D, tile: Loaded, ratio: number): void {
    const nowS = serverNow() / 1000;
    const detail = detailAt(tile.z);
    const cells = tile.features.filter((feature) => feature.props.n !== undefined);
    this.stamping = tile.features.length > MANY_IN_A_TILE;
    if (this.stamping) this.stamps.begin(tile.canvas.width, tile.canvas.height, this.atlas);
    // Large cells first, so that a small one beside it is never buried.
    cells.sort((a, b) => Number(b.props.n) - Number(a.props.n));
    for (const feature of cells) {
      const n = Number(feature.props.n);
      this.stamp(ctx, feature, this.cellSprite(feature.props.by, n), ratio);
    }
    for (const feature of tile.features) {
      if (feature.props.n !== undefined) continue;
      const at = Number(Date.parse(String(feature.props[this.info.time_field] ?? ""))) / 1000 || 0;
      this.stamp(ctx, feature, this.styler.sprite(this.atlas, feature.props, at, nowS, detail), ratio);
    }
    if (!this.stamping) return;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    this.stamps.end(ctx);
  }

  /** A dot per cell: few sizes are enough, so that all of a tile's dots are copies of some. */
  private cellSprite(by: unknown, n: number): number {
    const r = Math.round(cellRadius(n) * 4) / 4;
    const { color } = this.styler.look(by);
    return this.atlas.sprite(`cell/${color}/${r}`, 2 * r + 2, 2 * r + 2, (ctx) => {
      ctx.fillStyle = withAlpha(color, Math.min(0.92, 0.4 + 0.06 * r));
      ctx.beginPath();
      ctx.arc(0, 0, r, 0, 2 * Math.PI);
      ctx.fill();
    });
  }

  private stamp(ctx: CanvasRenderingContext2D, feature: TileFeature, sprite: number, ratio: number): void {
    const [x, y] = feature.parts[0]!;
    const s = sprite * 4;
    const r = this.atlas.rects;
    if (this.stamping) {
      this.stamps.stamp(sprite, Math.round((x! + PAD_PX) * ratio - r[s + 2]! / 2),
        Math.round((y! + PAD_PX) * ratio - r[s + 3]! / 2), r[s + 2]!, r[s + 3]!);
      return;
    }
    const w = r[s + 2]! / ratio;
    const h = r[s + 3]! / ratio;
    ctx.drawImage(this.atlas.canvas, r[s]!, r[s + 1]!, r[s + 2]!, r[s + 3]!,
      Math.round((x! - w / 2) * ratio) / ratio, Math.round((y! - h / 2) * ratio) / ratio, w, h);
  }

  private shapes(ctx: CanvasRenderingContext2D, tile: Loaded): void {
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, 0, TILE_PX, TILE_PX);
    ctx.clip();
    ctx.lineJoin = "round";
    for (const feature of tile.features) {
      ctx.beginPath();
      for (const part of feature.parts) {
        ctx.moveTo(part[0]!, part[1]!);
        for (let i = 2; i < part.length; i += 2) ctx.lineTo(part[i]!, part[i + 1]!);
      }
      this.stroke(ctx, feature, tile.z);
    }
    ctx.restore();
  }

  private stroke(ctx: CanvasRenderingContext2D, feature: TileFeature, z: number): void {
    const { color } = this.styler.lookOf(feature.props);
    const chosen = feature.id !== "" && feature.id === this.selected;
    const { kind } = this.info.style;
    // Lines of a whole fleet lie over each other until one is near.
    const far = kind === "line" && z < NEAR_FROM_ZOOM;
    if (chosen && feature.type === 3) {
      ctx.fillStyle = withAlpha(palette().accent, 0.12);
      ctx.fill("evenodd");
    } else if (kind === "fill") {
      // A value on every patch is a heat map: the patches touch, so their edges say nothing.
      ctx.fillStyle = withAlpha(color, this.info.style.value ? 0.62 : 0.3);
      ctx.fill("evenodd");
      if (this.info.style.value) return;
    }
    ctx.strokeStyle = chosen ? palette().accent
      : kind === "district" ? withAlpha(palette().border, 0.62)
      : far ? withAlpha(color, 0.5) : color;
    ctx.lineWidth = chosen ? 2.5 : kind === "district" ? (z < 11 ? 0.9 : 1.25)
      : far ? 0.9 : 2;
    ctx.stroke();
  }

  /** What of this layer lies at a place, nearest first. */
  at(latlng: L.LatLng, reachPx = 10): TileHit[] {
    const map = this._map;
    if (!map) return [];
    const z = Math.round(map.getZoom());
    const pixel = map.project(latlng, z);
    const tx = Math.floor(pixel.x / TILE_PX);
    const ty = Math.floor(pixel.y / TILE_PX);
    const tile = this.loaded.get(`${tx}:${ty}:${z}`);
    if (!tile) return [];
    const x = pixel.x - tx * TILE_PX;
    const y = pixel.y - ty * TILE_PX;
    const hits: TileHit[] = [];
    for (const { id, type, props, parts } of tile.features) {
      const n = Number(props.n ?? 1);
      let distance: number;
      let reach = reachPx;
      if (type === 1) {
        distance = Math.hypot(parts[0]![0]! - x, parts[0]![1]! - y);
        reach = props.n === undefined ? reachPx : Math.max(reachPx, cellRadius(n));
      } else if (type === 2) distance = distanceTo(parts, x, y);
      else distance = inside(parts, x, y) ? 0 : Infinity;
      if (distance <= reach) hits.push({ id, n, props, distance });
    }
    return hits.sort((a, b) => a.distance - b.distance);
  }
}

/** Area grows with the logarithm of the count: calm, and still in order. */
function cellRadius(n: number): number {
  return Math.min(5, 1.6 + 0.45 * Math.log2(n + 1));
}
