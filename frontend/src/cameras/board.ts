import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import type { Spot } from "./contract";
import { glyph } from "./icons";
import { Lens, MOST_ZOOM } from "./lens";
import { tell } from "./words";

export type Ways = "none" | "both" | "down" | "up" | "along";
export interface Shape {
  id: string;
  kind: "line" | "zone" | "dot";
  points: Spot[];
  color: string;
  label?: string;
  /** Arrows of a line: across it, right of its way is "down"; or along it. */
  ways?: Ways;
  forbidden?: "" | "down" | "up";
  live?: boolean;
  faint?: boolean;
  /** Nothing of what lies under it is to be seen. */
  hides?: boolean;
}
export interface Drawing { kind: "line" | "zone" | "dot"; color: string; hint: string }

const STEP = 0.004;
const WIDE_STEP = 0.02;
const MOVED_PX = 6;
const WHEEL = 0.0016;
const NEAR_ZOOM = 5;
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const round = (value: number): number => Math.round(value * 1e4) / 1e4;

/** A camera's picture with shapes on it, in fractions of its width and height; draws new ones. */
export class Board extends IocElement {
  static override properties = {
    src: {}, shapes: { attribute: false }, heat: { attribute: false }, drawing: { attribute: false }, alt: {},
  };
  declare src: string;
  declare alt: string;
  declare shapes: Shape[];
  declare heat: [x: number, y: number, color: string][];
  declare drawing: Drawing | null;
  drawn: (points: Spot[]) => void = () => undefined;
  moved: (id: string, index: number, spot: Spot, done: boolean) => void = () => undefined;
  picked: (id: string) => void = () => undefined;
  cancelled: () => void = () => undefined;
  private size: [w: number, h: number] = [1280, 720];
  private state: "busy" | "ready" | "missing" = "busy";
  private loaded = "";
  private scale = 1;
  private corners: Spot[] = [];
  private at: Spot | null = null;
  private dragging: { id: string; index: number } | null = null;
  private pressedAt = 0;
  private readonly lens = new Lens();
  /** Fingers and buttons that are down, where they were last on the screen. */
  private readonly down = new Map<number, Spot>();
  private panning: "" | "may" | "now" = "";
  private pressedSpot: Spot = [0, 0];

  constructor() {
    super();
    this.src = "";
    this.alt = "";
    this.shapes = [];
    this.heat = [];
    this.drawing = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const watch = new ResizeObserver(() => this.measure());
    watch.observe(this);
    this.until(() => watch.disconnect());
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("src") && this.src !== this.loaded) this.fetch();
    if (changed.has("drawing")) {
      const was = changed.get("drawing") as Drawing | null | undefined;
      if (was?.kind !== this.drawing?.kind || was?.hint !== this.drawing?.hint) this.corners = [];
    }
  }

  private fetch(): void {
    const src = (this.loaded = this.src);
    const first = this.state !== "ready";
    if (!src) {
      this.state = "missing";
      return;
    }
    if (first) this.state = "busy";
    const image = new Image();
    const took = (state: "ready" | "missing") => {
      if (src !== this.loaded) return;
      this.state = state;
      if (image.naturalWidth) this.size = [image.naturalWidth, image.naturalHeight];
      this.requestUpdate();
      void this.updateComplete.then(() => this.measure());
    };
    image.onload = () => took("ready");
    image.onerror = () => took("missing");
    image.src = src;
  }

  private measure(): void {
    const box = this.getBoundingClientRect();
    this.lens.fit(this.size, [box.width, box.height]);
    const [across, down] = this.lens.part;
    const scale = Math.max((this.size[0] * across) / Math.max(1, box.width), (this.size[1] * down) / Math.max(1, box.height));
    if (Math.abs(scale - this.scale) < 1e-3) return;
    this.scale = scale;
    this.requestUpdate();
  }

  /** Brings a place of the picture near. */
  show(spot: Spot): void {
    this.lens.on(spot, NEAR_ZOOM);
    this.seen();
  }

  private seen(): void {
    this.measure();
    this.requestUpdate();
  }

  private zoomBy(factor: number, at?: Spot): void {
    this.lens.by(factor, at ?? this.lens.middle);
    this.seen();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * WHEEL * (event.deltaMode === 1 ? 30 : 1)), this.spotOf(event));
  }

  /** Moves or pinches by what a finger or button did; whether it was that. */
  private carried(event: PointerEvent): boolean {
    const was = this.down.get(event.pointerId);
    if (!was) return false;
    const now: Spot = [event.clientX, event.clientY];
    const apart = Math.hypot(now[0] - this.pressedSpot[0], now[1] - this.pressedSpot[1]);
    if (this.panning === "may" && apart > MOVED_PX && this.lens.zoom > 1) this.panning = "now";
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    this.down.set(event.pointerId, now);
    if (other) {
      this.panning = "now";
      const before = Math.hypot(was[0] - other[0], was[1] - other[1]);
      const after = Math.hypot(now[0] - other[0], now[1] - other[1]);
      this.zoomBy(after / Math.max(1, before), this.spotOf({ clientX: (now[0] + other[0]) / 2, clientY: (now[1] + other[1]) / 2 }));
      return true;
    }
    if (this.panning !== "now") return false;
    this.lens.shift(-((now[0] - was[0]) * this.scale) / this.size[0], -((now[1] - was[1]) * this.scale) / this.size[1]);
    this.seen();
    return true;
  }

  private spotOf(event: { clientX: number; clientY: number }): Spot {
    const room = this.querySelector<SVGSVGElement>("svg.board")!;
    const matrix = room.getScreenCTM();
    if (!matrix) return [0.5, 0.5];
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return [round(clamp(at.x / this.size[0])), round(clamp(at.y / this.size[1]))];
  }

  private near(a: Spot, b: Spot): boolean {
    return Math.hypot((a[0] - b[0]) * this.size[0], (a[1] - b[1]) * this.size[1]) < 10 * this.scale;
  }

  private add(spot: Spot): void {
    const { drawing, corners } = this;
    if (!drawing) return;
    const last = corners.at(-1);
    if (drawing.kind === "zone" && corners.length > 2 && this.near(spot, corners[0]!)) return this.finish();
    if (last && this.near(spot, last)) return;
    this.corners = [...corners, spot];
    if (drawing.kind === "dot" || (drawing.kind === "line" && this.corners.length === 2)) return this.finish();
    this.requestUpdate();
  }

  finish(): void {
    const { drawing, corners } = this;
    if (!drawing || corners.length < { dot: 1, line: 2, zone: 3 }[drawing.kind]) return;
    this.corners = [];
    this.drawn(corners);
    this.requestUpdate();
  }

  private press(event: PointerEvent): void {
    const target = event.target as Element;
    const handle = target.closest<SVGElement>("[data-handle]");
    const room = this.querySelector<SVGSVGElement>("svg.board")!;
    this.down.set(event.pointerId, [event.clientX, event.clientY]);
    this.pressedSpot = [event.clientX, event.clientY];
    this.panning = event.button === 1 ? "now" : this.drawing?.kind === "line" || this.drawing?.kind === "zone" ? "" : "may";
    if (this.panning === "now") event.preventDefault();
    room.setPointerCapture(event.pointerId);
    if (event.button !== 0 || this.down.size > 1) return;
    if (handle && !this.drawing) {
      this.dragging = { id: handle.dataset.shape!, index: Number(handle.dataset.handle) };
      return;
    }
    if (this.drawing) {
      event.preventDefault();
      this.pressedAt = this.corners.length;
      // A point is put when the button goes up, so that the picture can be moved before.
      if (this.drawing.kind === "dot") return;
      this.add(this.spotOf(event));
      this.querySelector<SVGSVGElement>("svg.board")?.focus({ preventScroll: true });
      return;
    }
    const shape = target.closest<SVGElement>("[data-shape]");
    if (shape) this.picked(shape.dataset.shape!);
  }

  private move(event: PointerEvent): void {
    if (this.dragging) return this.moved(this.dragging.id, this.dragging.index, this.spotOf(event), false);
    if (this.carried(event)) return;
    if (!this.drawing) return;
    this.at = this.spotOf(event);
    this.requestUpdate();
  }

  private release(event: PointerEvent): void {
    const { dragging } = this;
    const stood = this.down.delete(event.pointerId) && this.panning !== "now" && event.button === 0;
    if (this.panning === "now" && this.down.size) return;
    this.panning = "";
    if (stood && !dragging && this.drawing?.kind === "dot") return this.add(this.spotOf(event));
    if (dragging) {
      this.dragging = null;
      this.moved(dragging.id, dragging.index, this.spotOf(event), true);
      return;
    }
    // A line may be drawn by dragging, too.
    const start = this.corners[this.pressedAt];
    if (this.drawing?.kind === "line" && start && this.corners.length === this.pressedAt + 1) {
      const spot = this.spotOf(event);
      if (Math.hypot(spot[0] - start[0], spot[1] - start[1]) > 0.04) this.add(spot);
    }
  }

  private broken(event: PointerEvent): void {
    this.down.delete(event.pointerId);
    this.panning = "";
    this.dragging = null;
  }

  private key(event: KeyboardEvent): void {
    const step = event.shiftKey ? WIDE_STEP : STEP;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    const handle = (event.target as Element).closest<SVGElement>("[data-handle]");
    if (event.key === "+" || event.key === "=") this.zoomBy(1.5, this.at ?? undefined);
    else if (event.key === "-") this.zoomBy(1 / 1.5);
    else if (event.key === "0") { this.lens.whole(); this.seen(); }
    else if (handle && way) {
      const shape = this.shapes.find((one) => one.id === handle.dataset.shape);
      const index = Number(handle.dataset.handle);
      const from = shape?.points[index];
      if (from) this.moved(shape!.id, index, [round(clamp(from[0] + way[0]!)), round(clamp(from[1] + way[1]!))], true);
    } else if (this.drawing && way) {
      const from = this.at ?? [0.5, 0.5];
      this.at = [round(clamp(from[0] + way[0]!)), round(clamp(from[1] + way[1]!))];
      this.requestUpdate();
    } else if (this.drawing && event.key === " ") this.add(this.at ?? [0.5, 0.5]);
    else if (this.drawing && event.key === "Enter") {
      if (this.drawing.kind === "zone") this.finish();
      else this.add(this.at ?? [0.5, 0.5]);
    } else if (this.drawing && event.key === "Backspace") {
      this.corners = this.corners.slice(0, -1);
      this.requestUpdate();
    } else if (this.drawing && event.key === "Escape") {
      this.corners = [];
      this.cancelled();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private px([x, y]: Spot): Spot {
    return [x * this.size[0], y * this.size[1]];
  }

  private path(points: Spot[]): string {
    return points.map((point) => this.px(point).map((v) => v.toFixed(1)).join(",")).join(" ");
  }

  protected override render(): TemplateResult {
    const [w, h] = this.size;
    if (this.state !== "ready" && !(this.state === "missing" && this.src && this.shapes.length)) {
      return html`<div class="board-none" role="status">${this.state === "busy" ? html`<span class="spinner"></span>`
        : html`${glyph("camera")}<p>${tell("noPicture")}</p>`}</div>`;
    }
    return html`<svg class="board ${this.drawing ? "drawing" : ""} ${this.lens.zoom > 1 ? "near" : ""}" viewBox=${this.lens.box(this.size)} preserveAspectRatio="xMidYMid meet"
        tabindex=${this.drawing ? 0 : nothing} role="application" aria-label=${this.drawing ? `${this.drawing.hint} ${tell("drawKeys")}` : this.alt}
        @pointerdown=${this.press} @pointermove=${this.move} @pointerup=${this.release} @pointercancel=${this.broken} @keydown=${this.key} @wheel=${this.wheel}
        @pointerleave=${() => { if (!this.dragging) { this.at = null; this.requestUpdate(); } }}
        @dblclick=${() => this.finish()}>
      ${this.state === "ready" ? svg`<image href=${this.src} width=${w} height=${h} preserveAspectRatio="none"></image>`
        : svg`<rect width=${w} height=${h} class="board-blank"></rect>`}
      ${this.heat.map(([x, y, color]) => svg`<circle cx=${x * w} cy=${y * h} r=${w / 62} fill=${color} opacity="0.28" pointer-events="none"></circle>`)}
      ${this.shapes.map((shape) => this.shape(shape))}${this.sketch()}</svg>
      <div class="board-zoom" role="group" aria-label=${tell("zoom")}>
        <button type="button" class="icon-button" aria-label=${tell("zoomIn")} title="${tell("zoomIn")} (+)" ?disabled=${this.lens.zoom >= MOST_ZOOM} @click=${() => this.zoomBy(1.6)}>${glyph("zoom-in")}</button>
        <button type="button" class="icon-button" aria-label=${tell("zoomOut")} title="${tell("zoomOut")} (−)" ?disabled=${this.lens.zoom === 1} @click=${() => this.zoomBy(1 / 1.6)}>${glyph("zoom-out")}</button>
        ${this.lens.zoom > 1 ? html`<button type="button" class="icon-button" aria-label=${tell("zoomWhole")} title="${tell("zoomWhole")} (0)" @click=${() => { this.lens.whole(); this.seen(); }}>${glyph("fit")}</button>` : nothing}</div>
      ${this.drawing ? html`<p class="board-hint" role="status">${glyph("draw")}<span>${this.drawing.hint}</span>
        ${this.drawing.kind === "zone" && this.corners.length > 2 ? html`<button type="button" class="button small primary" @click=${() => this.finish()}>${tell("doneDrawing")}</button>` : nothing}
        <button type="button" class="button small" @click=${() => { this.corners = []; this.cancelled(); }}>${tell("cancel")}</button></p>` : nothing}`;
  }

  private shape(shape: Shape): SVGTemplateResult {
    const s = this.scale;
    const style = `--c:${shape.color}`;
    const labelAt = this.px(shape.kind === "zone" ? top(shape.points) : shape.points[0]!);
    const label = shape.label ? svg`<text class="board-label" x=${labelAt[0] + (shape.kind === "dot" ? 10 * s : 0)} y=${labelAt[1] - 9 * s} font-size=${12.5 * s} stroke-width=${3.5 * s}>${shape.label}</text>` : nothing;
    const body = shape.kind === "zone"
      ? svg`<polygon points=${this.path(shape.points)} class="zone" stroke-width=${2 * s}></polygon>`
      : shape.kind === "line"
      ? svg`<polyline points=${this.path(shape.points)} class="reach" stroke-width=${18 * s}></polyline><polyline points=${this.path(shape.points)} class="edge" stroke-width=${5.5 * s}></polyline><polyline points=${this.path(shape.points)} class="line" stroke-width=${3 * s}></polyline>${this.arrows(shape)}`
      : nothing;
    return svg`<g data-shape=${shape.id} class="shape ${shape.faint ? "faint" : ""} ${shape.hides ? "hides" : ""} ${shape.live ? "live" : ""}" style=${style}>${body}${label}
      ${shape.live || shape.kind === "dot" ? shape.points.map((point, i) => this.handle(shape, point, i)) : nothing}</g>`;
  }

  private handle(shape: Shape, point: Spot, index: number): SVGTemplateResult {
    const [x, y] = this.px(point);
    const s = this.scale;
    return svg`<g data-shape=${shape.id} data-handle=${index} class="handle" tabindex=${shape.live ? 0 : -1} role="button"
      aria-label="${shape.label || tell("corner")} ${shape.kind === "dot" ? "" : index + 1}">
      <circle cx=${x} cy=${y} r=${14 * s} fill="transparent"></circle>
      <circle cx=${x} cy=${y} r=${6 * s} class="knob" stroke-width=${2.5 * s}></circle>
      ${shape.kind === "dot" ? svg`<path d="M${x - 11 * s} ${y}h${7 * s}M${x + 4 * s} ${y}h${7 * s}M${x} ${y - 11 * s}v${7 * s}M${x} ${y + 4 * s}v${7 * s}" class="cross" stroke-width=${1.5 * s}></path>` : nothing}</g>`;
  }

  private arrows(shape: Shape): SVGTemplateResult | typeof nothing {
    const ways = shape.ways ?? "none";
    if (ways === "none" || shape.points.length < 2) return nothing;
    const [a, b] = [this.px(shape.points[0]!), this.px(shape.points[1]!)];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const along: Spot = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    if (ways === "along") return this.arrow(b, along, 0, false, "");
    // On a screen y grows downward: the right-hand side of a way (dx, dy) is (−dy, dx).
    const right: Spot = [-along[1], along[0]];
    const middle: Spot = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const apart = 11 * this.scale;
    const one = (way: "down" | "up", sign: number, shift: number) => this.arrow(
      [middle[0] + along[0] * shift, middle[1] + along[1] * shift], [right[0] * sign, right[1] * sign],
      34 * this.scale, shape.forbidden === way, tell(way));
    return svg`${ways !== "up" ? one("down", 1, ways === "both" ? apart : 0) : nothing}${ways !== "down" ? one("up", -1, ways === "both" ? -apart : 0) : nothing}`;
  }

  private arrow(from: Spot, way: Spot, reach: number, forbidden: boolean, words: string): SVGTemplateResult {
    const s = this.scale;
    const tip: Spot = [from[0] + way[0] * reach, from[1] + way[1] * reach];
    const wing = (turn: number): string => {
      const c = Math.cos(turn), n = Math.sin(turn);
      return `${tip[0] - (way[0] * c - way[1] * n) * 10 * s} ${tip[1] - (way[0] * n + way[1] * c) * 10 * s}`;
    };
    return svg`<g class="arrow ${forbidden ? "forbidden" : ""}"><path d="M${from[0]} ${from[1]}L${tip[0]} ${tip[1]}M${wing(0.5)}L${tip[0]} ${tip[1]}L${wing(-0.5)}" stroke-width=${3 * s}></path>
      ${words ? svg`<text class="board-label way" x=${tip[0] + way[0] * 12 * s} y=${tip[1] + way[1] * 12 * s + 4 * s} font-size=${11.5 * s} stroke-width=${3.5 * s}>${forbidden ? "⊘ " : ""}${words}</text>` : nothing}</g>`;
  }

  private sketch(): SVGTemplateResult | typeof nothing {
    const { drawing, corners, at } = this;
    if (!drawing) return nothing;
    const s = this.scale;
    const points = at ? [...corners, at] : corners;
    const cursor = at ? this.px(at) : null;
    return svg`<g class="shape sketch" style="--c:${drawing.color}" pointer-events="none">
      ${points.length > 1 ? svg`<polyline points=${this.path(drawing.kind === "zone" ? [...points, points[0]!] : points)} class=${drawing.kind === "zone" ? "zone" : "line"} stroke-width=${2.5 * s}></polyline>` : nothing}
      ${corners.map((point) => { const [x, y] = this.px(point); return svg`<circle cx=${x} cy=${y} r=${5 * s} class="knob" stroke-width=${2 * s}></circle>`; })}
      ${cursor ? svg`<path class="cross" d="M${cursor[0] - 16 * s} ${cursor[1]}h${32 * s}M${cursor[0]} ${cursor[1] - 16 * s}v${32 * s}" stroke-width=${1.5 * s}></path>` : nothing}</g>`;
  }
}

function top(points: Spot[]): Spot {
  return points.reduce((best, one) => (one[1] < best[1] ? one : best), points[0]!);
}

customElements.define("ioc-board", Board);
