import { latOf } from "../common/store";
import { palette, withAlpha } from "./palette";
import type { Frame, PointSet } from "./points";

const EARTH_M = 40_075_016.686;
const DEFAULT_RANGE_M = 60;
const DEFAULT_FOV_DEG = 60;

/** What a camera sees: a soft wedge along its bearing, as long as its range on the ground. */
export function drawWedge(
  ctx: CanvasRenderingContext2D, frame: Frame, canvas: HTMLCanvasElement, set: PointSet, i: number,
): void {
  const { style } = set.styler.layer;
  const { store } = set;
  const props = store.props[i]!;
  const bearing = Number(props[style.bearing!] ?? Number.NaN);
  if (!Number.isFinite(bearing)) return;
  const fov = Number((style.fov && props[style.fov]) || DEFAULT_FOV_DEG);
  const range = Number((style.range_m && props[style.range_m]) || DEFAULT_RANGE_M);
  const pixelsPerMetre = frame.scale / (EARTH_M * Math.cos((latOf(store.y[i]!) * Math.PI) / 180));
  const r = Math.max(range * pixelsPerMetre, 26 * frame.ratio);
  const px = store.x[i]! * frame.scale - frame.left;
  const py = store.y[i]! * frame.scale - frame.top;
  if (px < -r || py < -r || px > canvas.width + r || py > canvas.height + r) return;
  const middle = ((bearing - 90) * Math.PI) / 180;
  const half = (fov * Math.PI) / 360;
  const { color } = set.styler.lookOf(props);
  const fade = ctx.createRadialGradient(px, py, 0, px, py, r);
  fade.addColorStop(0, withAlpha(color, 0.5));
  fade.addColorStop(1, withAlpha(color, 0.08));
  ctx.beginPath();
  ctx.moveTo(px, py);
  ctx.arc(px, py, r, middle - half, middle + half);
  ctx.closePath();
  ctx.fillStyle = fade;
  ctx.fill();
}

const PULSE_MS = 1400;
const MOST_PULSES = 40;

/** What is new widens a ring once, then rests. A flood of news pulses not at all. */
export class Pulses {
  private readonly running: { slug: string; id: string; from: number }[] = [];
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  add(slug: string, id: string): void {
    if (this.calm.matches || document.hidden || this.running.length >= MOST_PULSES) return;
    this.running.push({ slug, id, from: performance.now() });
  }

  /** True while another frame is needed. */
  draw(ctx: CanvasRenderingContext2D, frame: Frame, sets: PointSet[], size: number): boolean {
    const now = performance.now();
    for (let n = this.running.length - 1; n >= 0; n--) {
      const pulse = this.running[n]!;
      const part = (now - pulse.from) / PULSE_MS;
      const set = sets.find((each) => each.slug === pulse.slug);
      const i = set ? set.store.row(pulse.id) : -1;
      if (part >= 1 || !set || i < 0) {
        this.running.splice(n, 1);
        continue;
      }
      const px = set.store.x[i]! * frame.scale - frame.left;
      const py = set.store.y[i]! * frame.scale - frame.top;
      const { color } = set.styler.lookOf(set.store.props[i]!);
      ctx.beginPath();
      ctx.arc(px, py, (8 + 26 * (1 - (1 - part) ** 3)) * frame.ratio * size, 0, 2 * Math.PI);
      ctx.lineWidth = 2.5 * frame.ratio * size;
      ctx.strokeStyle = withAlpha(color || palette().accent, 1 - part);
      ctx.stroke();
    }
    return this.running.length > 0;
  }
}
