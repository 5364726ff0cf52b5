import L from "leaflet";
import { serverNow } from "../common/catalogue";
import type { Props } from "../common/contract";
import { rootSize } from "../common/prefs";
import { UNSTYLED, type FeatureStore } from "../common/store";
import { Atlas } from "./atlas";
import { HitGrid, type Hit } from "./hits";
import { palette } from "./palette";
import { drawWedge, Pulses } from "./marks";
import { LIFT_PX } from "./symbols";
import { MANY, Stamps } from "./stamps";
import { detailAt, HIDDEN, type Detail, type Styler } from "./styler";

const PAD_RATIO = 0.08;
const SPRITE_MARGIN_PX = 40;
const DEFAULT_ROOT_PX = 16;

/** One layer of points: what it holds, how it looks, what of it is shown. */
export interface PointSet {
  slug: string;
  store: FeatureStore;
  styler: Styler;
  opacity: number;
  shows: ((props: Props) => boolean) | null;
}

/** World (0…1) to device pixels of the canvas. */
export interface Frame {
  scale: number;
  left: number;
  top: number;
  ratio: number;
  zoom: number;
}

/**
 * All points of all layers on one canvas: typed arrays in, copied sprites out, one draw a frame
 * and only when something changed. Nothing is interpolated: a point stands where it was seen.
 */
export class PointCanvas extends L.Layer {
  sets: PointSet[] = [];
  selected: { slug: string; id: string } | null = null;
  /** Moment that decides what is old, in epoch milliseconds; a replay sets it. */
  nowMs: () => number = serverNow;
  readonly pulses = new Pulses();
  /** For measuring: how often was drawn, and how long the last draw took. */
  drawn = 0;
  lastDrawMs = 0;
  private atlas = new Atlas(1);
  private canvas!: HTMLCanvasElement;
  private ctx!: CanvasRenderingContext2D;
  private frame: Frame = { scale: 1, left: 0, top: 0, ratio: 1, zoom: 0 };
  private corner = L.point(0, 0);
  private centre = L.latLng(0, 0);
  private detail: Detail = detailAt(0);
  private queued = 0;
  private versions = "";
  private readonly hits = new HitGrid();
  private readonly stamps = new Stamps();

  override onAdd(map: L.Map): this {
    this.canvas = L.DomUtil.create("canvas", "points-canvas leaflet-zoom-animated");
    this.canvas.setAttribute("aria-hidden", "true");
    this.ctx = this.canvas.getContext("2d")!;
    map.getPane("points")!.append(this.canvas);
    this.reset();
    return this;
  }

  override onRemove(): this {
    cancelAnimationFrame(this.queued);
    this.canvas.remove();
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      viewreset: () => this.reset(),
      moveend: () => this.reset(),
      resize: () => this.reset(),
      move: () => this.moved(),
      zoom: () => this.follow(this._map.getCenter(), this._map.getZoom()),
      zoomanim: ((event: L.ZoomAnimEvent) => this.follow(event.center, event.zoom)) as
        L.LeafletEventHandlerFn,
    };
  }

  /** Draws in the next frame if a store changed since the last. */
  touch(): void {
    let versions = "";
    for (const set of this.sets) versions += `${set.slug}${set.store.version},`;
    if (versions === this.versions) return;
    this.versions = versions;
    this.invalidate();
  }

  invalidate(): void {
    this.queued ||= requestAnimationFrame(() => {
      this.queued = 0;
      this.draw();
    });
  }

  /** Theme, clock, filters or size changed: every sprite is chosen anew. */
  restyle(): void {
    this.atlas = new Atlas(0);
    this.reset();
  }

  /** Features within reach of a point of the map's container, nearest first. */
  at(point: L.Point, reachPx = 14): Hit[] {
    if (this.hits.stamp !== this.drawn) this.hits.build(this.sets, this.frame, this.canvas, this.drawn);
    const at = this._map.containerPointToLayerPoint(point).subtract(this.corner);
    const { ratio } = this.frame;
    return this.hits.near(at.x * ratio, at.y * ratio, reachPx * ratio * this.size());
  }

  private size(): number {
    return rootSize.value / DEFAULT_ROOT_PX;
  }

  /** While dragging the canvas moves with the map; it is drawn anew only near its edge. */
  private moved(): void {
    const map = this._map;
    const shift = map.containerPointToLayerPoint([0, 0]).subtract(this.corner);
    const pad = map.getSize().multiplyBy(PAD_RATIO);
    if (shift.x < 0 || shift.y < 0 || shift.x > pad.x * 2 || shift.y > pad.y * 2) this.reset();
  }

  private follow(centre: L.LatLng, zoom: number): void {
    const map = this._map;
    const scale = map.getZoomScale(zoom, this.frame.zoom);
    const half = map.getSize().divideBy(2).add(map.getSize().multiplyBy(PAD_RATIO));
    const was = map.project(this.centre, zoom);
    // Leaflet's own renderers place themselves the same way during an animated zoom.
    const origin = (map as unknown as { _getNewPixelOrigin(c: L.LatLng, z: number): L.Point })
      ._getNewPixelOrigin(centre, zoom);
    const corner = half.multiplyBy(-scale).add(was).subtract(origin);
    L.DomUtil.setTransform(this.canvas, corner, scale);
  }

  private reset(): void {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const pad = size.multiplyBy(PAD_RATIO).round();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const zoom = map.getZoom();
    const scale = 256 * 2 ** zoom * ratio;
    this.corner = map.containerPointToLayerPoint([0, 0]).subtract(pad).round();
    this.centre = map.getCenter();
    const width = Math.round((size.x + 2 * pad.x) * ratio);
    const height = Math.round((size.y + 2 * pad.y) * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${width / ratio}px`;
      this.canvas.style.height = `${height / ratio}px`;
    }
    L.DomUtil.setTransform(this.canvas, this.corner, 1);
    const origin = map.getPixelOrigin().add(this.corner);
    this.frame = { scale, left: origin.x * ratio, top: origin.y * ratio, ratio, zoom };
    this.prepare(zoom, ratio);
    cancelAnimationFrame(this.queued);
    this.queued = 0;
    this.draw();
  }

  private prepare(zoom: number, ratio: number): void {
    const detail = detailAt(zoom);
    const scale = ratio * this.size();
    const fresh = this.atlas.scale !== scale;
    if (fresh) this.atlas = new Atlas(scale);
    if (!fresh && detail.size === this.detail.size && detail.values === this.detail.values) return;
    this.detail = detail;
    for (const set of this.sets) set.store.restyle();
  }

  private draw(): void {
    const started = performance.now();
    const { ctx, canvas } = this;
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    for (const set of this.sets) {
      ctx.globalAlpha = set.opacity;
      if (this.frame.zoom >= 13 && set.styler.layer.style.bearing) this.wedges(set);
      this.sprites(set);
    }
    ctx.globalAlpha = 1;
    this.rings();
    this.drawn++;
    this.lastDrawMs = performance.now() - started;
    if (this.pulses.draw(ctx, this.frame, this.sets, this.size())) this.invalidate();
  }

  private sprites(set: PointSet): void {
    const { ctx, atlas, frame } = this;
    const { store } = set;
    const { x, y, sprite } = store;
    const { scale, left, top } = frame;
    const margin = SPRITE_MARGIN_PX * frame.ratio;
    const right = this.canvas.width + margin;
    const bottom = this.canvas.height + margin;
    const nowS = this.nowMs() / 1000;
    const many = store.size >= MANY;
    if (many) this.stamps.begin(this.canvas.width, this.canvas.height, atlas);
    for (let i = 0; i < store.size; i++) {
      const px = x[i]! * scale - left;
      if (px < -margin || px > right) continue;
      const py = y[i]! * scale - top;
      if (py < -margin || py > bottom) continue;
      let s = sprite[i]!;
      if (s === UNSTYLED) {
        const props = store.props[i]!;
        s = set.shows && !set.shows(props) ? HIDDEN
          : set.styler.sprite(atlas, props, store.t[i]!, nowS, this.detail);
        sprite[i] = s;
      }
      if (s === HIDDEN) continue;
      const r = s * 4;
      const rects = atlas.rects;
      const w = rects[r + 2]!;
      const h = rects[r + 3]!;
      if (many) {
        this.stamps.stamp(s, (px - w / 2) | 0, (py - h / 2) | 0, w, h);
        continue;
      }
      // Whole pixels: a copy without resampling is sharp, and the fastest there is.
      ctx.drawImage(atlas.canvas, rects[r]!, rects[r + 1]!, w, h,
        (px - w / 2) | 0, (py - h / 2) | 0, w, h);
    }
    if (many) this.stamps.end(ctx);
  }

  private wedges(set: PointSet): void {
    const { store } = set;
    for (let i = 0; i < store.size; i++) {
      if (store.sprite[i] === HIDDEN) continue;
      drawWedge(this.ctx, this.frame, this.canvas, set, i);
    }
  }

  private rings(): void {
    const wanted = this.selected;
    if (!wanted) return;
    const set = this.sets.find((each) => each.slug === wanted.slug);
    const i = set ? set.store.row(wanted.id) : -1;
    if (!set || i < 0) return;
    const { ctx, frame } = this;
    const px = set.store.x[i]! * frame.scale - frame.left;
    const lift = (LIFT_PX[set.styler.layer.style.kind] ?? 0) * this.detail.size;
    const k = frame.ratio * this.size();
    const py = set.store.y[i]! * frame.scale - frame.top - lift * k;
    const { accent, page } = palette();
    for (const [width, color] of [[5, page], [2.5, accent]] as const) {
      ctx.beginPath();
      ctx.arc(px, py, 19 * k, 0, 2 * Math.PI);
      ctx.lineWidth = width * k;
      ctx.strokeStyle = color;
      ctx.stroke();
    }
  }
}
