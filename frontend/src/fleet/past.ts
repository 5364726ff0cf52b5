import { serverNow } from "../common/catalogue";
import { Signal } from "../common/signal";
import { toDate } from "../i18n/format";
import * as api from "./api";
import type { Track, TrackPoint, Visitor } from "./contract";
import { PICK_COLORS } from "./looks";
import { reasonOf, type FleetModel, type Load } from "./model";
import { tell } from "./words";

const HOUR_S = 3_600;
const DAY_S = 86_400;
const FRESH_S = 300;
export const SPANS_H = [6, 24, 72, 168];
export const RATES = [60, 300, 1_200, 3_600];
const MOST_PICKS = PICK_COLORS.length;
const MOST_REPLAYED = 120;
const POINTS_WANTED = 900;

/** One vessel's way, its pieces in order of time; between two pieces nothing was heard. */
export interface Way {
  id: string;
  color: string;
  pieces: TrackPoint[][];
}

export interface Spot {
  lon: number;
  lat: number;
  t: number;
  speed: number | null;
  course: number | null;
  /** Nothing was heard at this moment: this is the last place before it. */
  silent: boolean;
}

/** Where they were: the vessels picked, the area drawn, the moment looked at. */
export class Past {
  readonly picks = new Signal<readonly string[]>([]);
  readonly span = new Signal(lastHours(24));
  readonly ways = new Signal<readonly Way[]>([]);
  readonly waysState = new Signal<Load>("none");
  /** Drawn as lon, lat corners. */
  readonly area = new Signal<[number, number][] | null>(null);
  readonly visitors = new Signal<readonly Visitor[]>([]);
  readonly visitorsState = new Signal<Load>("none");
  readonly replayed = new Signal<readonly Way[]>([]);
  /** The moment looked at, in epoch seconds; null while no one looks back. */
  readonly at = new Signal<number | null>(null);
  /** What the pointer is on, in the chart or on a track. */
  readonly pointed = new Signal<number | null>(null);
  readonly playing = new Signal(false);
  readonly rate = new Signal(RATES[1]!);
  readonly byDay = new Signal(false);
  private readonly slots: (string | null)[] = Array.from({ length: MOST_PICKS }, () => null);
  private abort: AbortController | null = null;
  private areaAbort: AbortController | null = null;
  private lastFrame = 0;

  constructor(private readonly model: FleetModel) {
    this.span.on(() => {
      void this.loadWays();
      if (this.area.value) void this.loadVisitors();
    });
    this.area.on(() => void this.loadVisitors());
    this.playing.on((on) => on && requestAnimationFrame((now) => this.frame(now, true)));
  }

  get active(): boolean {
    return this.picks.value.length > 0 || this.area.value !== null;
  }

  /** The newest local day that a track reaches: colours by day count back from it. */
  get newestDay(): number {
    return Math.max(0, ...this.ways.value.flatMap((way) => way.pieces.map((piece) => dayOf(piece.at(-1)![2]))));
  }

  get moment(): number | null {
    return this.pointed.value ?? this.at.value;
  }

  colorOf(id: string): string {
    const at = this.slots.indexOf(id);
    return at < 0 ? "" : PICK_COLORS[at]!;
  }

  togglePick(id: string): void {
    const { value } = this.picks;
    if (value.includes(id)) this.setPicks(value.filter((each) => each !== id));
    else if (value.length >= MOST_PICKS) this.model.say(tell("pickMost", { n: MOST_PICKS }));
    else {
      this.freshen();
      this.setPicks([...value, id]);
    }
  }

  /** The first look back counts from now, not from when the page was opened. */
  freshen(): void {
    const { from, to } = this.span.value;
    if (this.active || serverNow() / 1000 - to < FRESH_S) return;
    this.span.value = lastHours((to - from) / HOUR_S);
  }

  /** A vessel keeps its colour while it is picked, whatever else comes and goes. */
  setPicks(ids: readonly string[]): void {
    if (ids.join() === this.picks.value.join()) return;
    this.slots.forEach((id, i) => id && !ids.includes(id) && (this.slots[i] = null));
    for (const id of ids) if (!this.slots.includes(id)) this.slots[this.slots.indexOf(null)] = id;
    this.picks.value = ids.slice(0, MOST_PICKS);
    void this.loadWays();
    if (!this.active) this.rest();
  }

  lookBack(hours: number): void {
    this.span.value = lastHours(hours);
    this.at.value = null;
  }

  clear(): void {
    this.area.value = null;
    this.setPicks([]);
    this.rest();
  }

  private rest(): void {
    this.playing.value = false;
    this.at.value = null;
    this.pointed.value = null;
  }

  async loadWays(): Promise<void> {
    this.abort?.abort();
    const ids = [...this.picks.value];
    if (!ids.length) {
      this.ways.value = [];
      this.waysState.value = "none";
      return;
    }
    const abort = new AbortController();
    this.abort = abort;
    this.waysState.value = "loading";
    try {
      const ways = await this.askWays(ids, abort.signal);
      if (abort.signal.aborted) return;
      this.ways.value = ways.map((way) => ({ ...way, color: this.colorOf(way.id) }));
      this.waysState.value = "ready";
    } catch (error) {
      if (abort.signal.aborted) return;
      this.model.problem = reasonOf(error);
      this.waysState.value = "failed";
    }
  }

  private async askWays(ids: string[], signal: AbortSignal): Promise<Way[]> {
    const { from, to } = this.span.value;
    const step = Math.max(10, Math.round((to - from) / POINTS_WANTED));
    return (await api.loadTracks(ids, from, to, step, signal)).map(wayOf);
  }

  async loadVisitors(): Promise<void> {
    this.areaAbort?.abort();
    const ring = this.area.value;
    this.replayed.value = [];
    this.visitors.value = [];
    if (!ring) {
      this.visitorsState.value = "none";
      if (!this.active) this.rest();
      return;
    }
    const abort = new AbortController();
    this.areaAbort = abort;
    this.visitorsState.value = "loading";
    const { from, to } = this.span.value;
    try {
      const polygon: GeoJSON.Polygon = { type: "Polygon", coordinates: [[...ring, ring[0]!]] };
      const visitors = await api.whoWasThere(polygon, from, to, abort.signal);
      if (abort.signal.aborted) return;
      this.visitors.value = visitors;
      this.visitorsState.value = "ready";
    } catch (error) {
      if (abort.signal.aborted) return;
      this.model.problem = reasonOf(error);
      this.visitorsState.value = "failed";
    }
  }

  // -- replay ----------------------------------------------------------------------------------
  async play(): Promise<void> {
    if (this.playing.value) {
      this.playing.value = false;
      return;
    }
    const { from, to } = this.span.value;
    if (this.area.value && !this.replayed.value.length && this.visitors.value.length) await this.loadReplay();
    if (this.at.value === null || this.at.value >= to) this.at.value = from;
    this.pointed.value = null;
    this.playing.value = true;
  }

  private async loadReplay(): Promise<void> {
    const picked = new Set(this.picks.value);
    const ids = this.visitors.value.map((each) => String(each.id)).filter((id) => !picked.has(id));
    try {
      this.replayed.value = await this.askWays(ids.slice(0, MOST_REPLAYED), new AbortController().signal);
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  private frame(now: number, first = false): void {
    if (!this.playing.value) return;
    const s = first ? 0 : Math.min(0.1, (now - this.lastFrame) / 1000);
    this.lastFrame = now;
    const { to } = this.span.value;
    const next = Math.min(to, (this.at.value ?? to) + s * this.rate.value);
    this.at.value = next;
    if (next >= to) this.playing.value = false;
    else requestAnimationFrame((later) => this.frame(later));
  }

  seek(t: number): void {
    const { from, to } = this.span.value;
    this.at.value = Math.max(from, Math.min(to, t));
  }
}

export function lastHours(hours: number): { from: number; to: number } {
  const to = Math.floor(serverNow() / 60_000) * 60;
  return { from: to - hours * HOUR_S, to };
}

function wayOf(track: Track): Way {
  const pieces = track.segments
    .map((segment) => segment.points.map(([lon, lat, t, speed]): TrackPoint => [lon, lat, seconds(t), speed]))
    .filter((points) => points.length);
  return { id: String(track.id), color: "", pieces };
}

function seconds(t: unknown): number {
  return typeof t === "number" ? t : (toDate(t)?.getTime() ?? 0) / 1000;
}

/** Where a vessel was at a moment, on the straight line between two places it told; null before it was heard. */
export function spotAt(way: Way, t: number): Spot | null {
  let last: TrackPoint | null = null;
  let before: TrackPoint | null = null;
  for (const piece of way.pieces) {
    if (piece[0]![2] > t) break;
    const i = indexAt(piece, t);
    last = piece[i]!;
    before = piece[i - 1] ?? null;
    const next = piece[i + 1];
    if (!next) continue;
    const part = (t - last[2]) / (next[2] - last[2] || 1);
    return {
      lon: last[0] + (next[0] - last[0]) * part, lat: last[1] + (next[1] - last[1]) * part,
      t, speed: last[3], course: bearing(last, next), silent: false,
    };
  }
  if (!last) return null;
  return {
    lon: last[0], lat: last[1], t: last[2], speed: last[3],
    course: before ? bearing(before, last) : null, silent: t - last[2] > HOUR_S / 2,
  };
}

/** The last point told at or before `t`. */
function indexAt(points: TrackPoint[], t: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (points[middle]![2] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

function bearing(a: TrackPoint, b: TrackPoint): number {
  const east = (b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180);
  return ((Math.atan2(east, b[1] - a[1]) * 180) / Math.PI + 360) % 360;
}

export const CITY_AHEAD_S = 7 * HOUR_S;

/** When a local day begins, in epoch seconds. */
export function dayStart(day: number): number {
  return day * DAY_S - CITY_AHEAD_S;
}

/** Number of the local day of a moment. */
export function dayOf(t: number): number {
  return Math.floor((t + CITY_AHEAD_S) / DAY_S);
}
