import type { Change, ReplayWindow } from "./contract";
import { getJson, HttpError } from "./http";
import { Signal } from "./signal";

const REPLAY_URL = "/api/v1/replay";
const WINDOW_S = 3_600;
const KEPT_WINDOWS = 10;

interface Loaded {
  startS: number;
  state: Change[];
  changes: Change[];
}

/**
 * What happened, in windows of an hour cached ahead of the playhead. `seek` says all there is to
 * know at a moment; `advance` only what changed since. Times in epoch seconds.
 */
export class ReplayLoader {
  readonly busy = new Signal<boolean>(false);
  readonly error = new Signal<unknown>(null);
  private readonly windows = new Map<number, Promise<Loaded>>();
  private current: Loaded | null = null;
  private next = 0;
  private asked = 0;

  constructor(private layers: string[], private readonly stepS = 60) {}

  /** The layers in step; other layers mean other windows. True when it changed. */
  setLayers(layers: string[]): boolean {
    if (layers.join() === this.layers.join()) return false;
    this.layers = layers;
    this.windows.clear();
    this.current = null;
    return true;
  }

  /** All upserts and deletes that lead to the state at `atS`; null when a later seek overtook. */
  async seek(atS: number): Promise<Change[] | null> {
    const ticket = ++this.asked;
    const loaded = await this.window(atS);
    if (ticket !== this.asked || !loaded) return null;
    this.current = loaded;
    const changes = loaded.changes;
    this.next = upTo(changes, atS);
    this.ahead(loaded.startS);
    return [...loaded.state, ...changes.slice(0, this.next)];
  }

  /** What changed from the last call until `atS`; null when that window is still on its way. */
  async advance(atS: number): Promise<Change[] | null> {
    const current = this.current;
    if (!current) return this.seek(atS);
    if (atS < current.startS + WINDOW_S) {
      const from = this.next;
      this.next = upTo(current.changes, atS);
      return current.changes.slice(from, this.next);
    }
    const rest = current.changes.slice(this.next);
    this.next = current.changes.length;
    const then = await this.seek(atS);
    return then && [...rest, ...then];
  }

  private window(atS: number): Promise<Loaded | null> {
    const startS = Math.floor(atS / WINDOW_S) * WINDOW_S;
    let promise = this.windows.get(startS);
    if (!promise) {
      promise = this.fetch(startS);
      this.windows.set(startS, promise);
      if (this.windows.size > KEPT_WINDOWS) {
        this.windows.delete(this.windows.keys().next().value!);
      }
      promise.catch(() => this.windows.delete(startS));
    }
    this.busy.value = true;
    return promise.then(
      (loaded) => {
        this.error.value = null;
        this.busy.value = false;
        return loaded;
      },
      (error) => {
        this.error.value = error;
        this.busy.value = false;
        return null;
      },
    );
  }

  private ahead(startS: number): void {
    const next = startS + WINDOW_S;
    if (next * 1000 > Date.now() || this.windows.has(next)) return;
    const promise = this.fetch(next);
    this.windows.set(next, promise);
    promise.catch(() => this.windows.delete(next));
  }

  private async fetch(startS: number): Promise<Loaded> {
    // The window that holds this minute is still growing: it ends now, and is not kept long.
    const endS = Math.min(startS + WINDOW_S, Math.floor(Date.now() / 1000));
    if (endS < startS + WINDOW_S) setTimeout(() => this.windows.delete(startS), 30_000);
    const query = new URLSearchParams({
      layers: this.layers.join(","),
      from: new Date(startS * 1000).toISOString(),
      to: new Date(Math.max(endS, startS + 1) * 1000).toISOString(),
      step_s: String(this.stepS),
    });
    let window: ReplayWindow;
    try {
      window = await getJson<ReplayWindow>(`${REPLAY_URL}?${query}`);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 413) throw error;
      // Too much happened in this hour for every minute: take every fifth.
      query.set("step_s", String(this.stepS * 5));
      window = await getJson<ReplayWindow>(`${REPLAY_URL}?${query}`);
    }
    return { startS, state: window.state, changes: window.changes };
  }
}

/** Number of leading changes that happened at `atS` or before. */
function upTo(changes: Change[], atS: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.t <= atS) low = middle + 1;
    else high = middle;
  }
  return low;
}
