import type { Frame, PointSet } from "./points";
import { HIDDEN } from "./styler";
import { LIFT_PX } from "./symbols";

const CELL_PX = 48;

export interface Hit {
  slug: string;
  id: string;
  distance: number;
}

/**
 * Which points lie near a pixel. Built at the first question after a draw, so that a map nobody
 * points at pays nothing: chained rows per grid cell in two typed arrays.
 */
export class HitGrid {
  stamp = -1;
  private columns = 1;
  private heads = new Int32Array(1);
  private next = new Int32Array(1);
  private xs = new Float32Array(1);
  private ys = new Float32Array(1);
  private owners: { set: PointSet; from: number; rows: Int32Array }[] = [];

  build(sets: PointSet[], frame: Frame, canvas: HTMLCanvasElement, stamp: number): void {
    this.stamp = stamp;
    this.columns = Math.ceil(canvas.width / CELL_PX) + 1;
    const cells = this.columns * (Math.ceil(canvas.height / CELL_PX) + 1);
    this.heads = new Int32Array(cells).fill(-1);
    const most = sets.reduce((sum, set) => sum + set.store.size, 0);
    if (this.next.length < most) {
      this.next = new Int32Array(most);
      this.xs = new Float32Array(most);
      this.ys = new Float32Array(most);
    }
    this.owners = [];
    let n = 0;
    for (const set of sets) {
      const { store } = set;
      const rows = new Int32Array(store.size);
      const from = n;
      // A drop's tip is its place, but its head is what one points at.
      const lift = (LIFT_PX[set.styler.layer.style.kind] ?? 0) * frame.ratio;
      for (let i = 0; i < store.size; i++) {
        if (store.sprite[i] === HIDDEN) continue;
        const px = store.x[i]! * frame.scale - frame.left;
        const py = store.y[i]! * frame.scale - frame.top - lift;
        if (px < 0 || py < 0 || px >= canvas.width || py >= canvas.height) continue;
        const cell = ((py / CELL_PX) | 0) * this.columns + ((px / CELL_PX) | 0);
        rows[n - from] = i;
        this.xs[n] = px;
        this.ys[n] = py;
        this.next[n] = this.heads[cell]!;
        this.heads[cell] = n++;
      }
      this.owners.push({ set, from, rows });
    }
  }

  /** Nearest first; of two equally near, the one drawn on top. */
  near(px: number, py: number, reach: number): Hit[] {
    const hits: (Hit & { n: number })[] = [];
    const c0 = Math.max(0, ((px - reach) / CELL_PX) | 0);
    const c1 = Math.min(this.columns - 1, ((px + reach) / CELL_PX) | 0);
    const r0 = Math.max(0, ((py - reach) / CELL_PX) | 0);
    const r1 = Math.min(this.heads.length / this.columns - 1, ((py + reach) / CELL_PX) | 0);
    for (let r = r0; r <= r1; r++) {
      for (let c = c0; c <= c1; c++) {
        for (let n = this.heads[r * this.columns + c]!; n >= 0; n = this.next[n]!) {
          const distance = Math.hypot(this.xs[n]! - px, this.ys[n]! - py);
          if (distance > reach) continue;
          const owner = this.owners.findLast((each) => each.from <= n)!;
          const id = owner.set.store.ids[owner.rows[n - owner.from]!];
          if (id !== undefined) hits.push({ slug: owner.set.slug, id, distance, n });
        }
      }
    }
    return hits.sort((a, b) => a.distance - b.distance || b.n - a.n);
  }
}
