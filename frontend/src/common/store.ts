import type { Change, Props, Snapshot } from "./contract";

/** World coordinates: Web Mercator with the whole world in 0…1 on both axes. */
export function worldX(lon: number): number {
  return (lon + 180) / 360;
}

export function worldY(lat: number): number {
  const sin = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
}

export function lonOf(x: number): number {
  return x * 360 - 180;
}

export function latOf(y: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
}

/** No sprite worked out yet; the map fills it in when it first draws the row. */
export const UNSTYLED = -1;

/**
 * The points of one layer in typed arrays, one row a feature, in no particular order.
 * Rows are dense: removing one moves the last into its place.
 */
export class FeatureStore {
  size = 0;
  /** Grows with every change; who draws compares it with what it drew. */
  version = 0;
  ids: string[] = [];
  props: Props[] = [];
  x = new Float64Array(256);
  y = new Float64Array(256);
  /** Epoch seconds of what is shown. */
  t = new Float64Array(256);
  sprite = new Int32Array(256);
  private readonly rows = new Map<string, number>();

  row(id: string): number {
    return this.rows.get(id) ?? -1;
  }

  /** False when what is known is newer: the newest `t` wins, whatever order things arrive in. */
  upsert(id: string, lon: number, lat: number, t: number, props: Props): boolean {
    let i = this.rows.get(id);
    if (i === undefined) {
      i = this.size++;
      if (i === this.x.length) this.grow();
      this.rows.set(id, i);
      this.ids[i] = id;
    } else if (this.t[i]! > t) {
      return false;
    }
    this.x[i] = worldX(lon);
    this.y[i] = worldY(lat);
    this.t[i] = t;
    this.props[i] = props;
    this.sprite[i] = UNSTYLED;
    this.version++;
    return true;
  }

  remove(id: string, t = Infinity): boolean {
    const i = this.rows.get(id);
    if (i === undefined || this.t[i]! > t) return false;
    const last = --this.size;
    if (i !== last) {
      const moved = this.ids[last]!;
      this.ids[i] = moved;
      this.props[i] = this.props[last]!;
      this.x[i] = this.x[last]!;
      this.y[i] = this.y[last]!;
      this.t[i] = this.t[last]!;
      this.sprite[i] = this.sprite[last]!;
      this.rows.set(moved, i);
    }
    this.ids.length = last;
    this.props.length = last;
    this.rows.delete(id);
    this.version++;
    return true;
  }

  apply(change: Change): boolean {
    if (change.op === "delete") return this.remove(String(change.id), change.t);
    if (!change.p) return false;
    return this.upsert(String(change.id), change.p[0], change.p[1], change.t, change.a);
  }

  load(snapshot: Snapshot): void {
    for (let i = 0; i < snapshot.ids.length; i++) {
      this.upsert(
        String(snapshot.ids[i]), snapshot.lon[i]!, snapshot.lat[i]!,
        snapshot.t[i]!, snapshot.props[i] ?? {},
      );
    }
    this.version++;
  }

  /** Takes over every row of another store that is no newer than `t`. */
  copyUntil(other: FeatureStore, t: number): void {
    for (let i = 0; i < other.size; i++) {
      if (other.t[i]! > t) continue;
      this.upsert(other.ids[i]!, lonOf(other.x[i]!), latOf(other.y[i]!), other.t[i]!, other.props[i]!);
    }
  }

  clear(): void {
    this.size = 0;
    this.ids = [];
    this.props = [];
    this.rows.clear();
    this.version++;
  }

  /** The theme, the clock or a filter changed: every row is styled anew at the next draw. */
  restyle(): void {
    this.sprite.fill(UNSTYLED);
    this.version++;
  }

  private grow(): void {
    const room = this.x.length * 2;
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(room);
      next.set(old);
      return next;
    };
    this.x = wider(this.x);
    this.y = wider(this.y);
    this.t = wider(this.t);
    const sprite = new Int32Array(room);
    sprite.set(this.sprite);
    this.sprite = sprite;
  }
}
