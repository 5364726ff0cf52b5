import { serverNow } from "../common/catalogue";
import type { Change } from "../common/contract";
import { ReplayLoader } from "../common/replay";
import { Signal } from "../common/signal";
import type { LayerBook } from "./layerbook";

export const SPEEDS = [1, 8, 60, 300];
export const SPAN_MS = 24 * 3_600_000;
const TICK_MS = 100;

/** The wall's clock: live, or somewhere in the last 24 hours, with all layers in step. */
export class TimeMachine {
  readonly live = new Signal<boolean>(true);
  /** Playhead in epoch milliseconds; follows the clock while live. */
  readonly at = new Signal<number>(serverNow());
  readonly playing = new Signal<boolean>(false);
  readonly speed = new Signal<number>(60);
  /** Fires after the past was brought to the playhead. */
  readonly arrived = new Signal<number>(0);
  readonly loader: ReplayLoader;
  private timer = 0;
  private pending = false;
  private seekTimer = 0;

  constructor(private readonly book: LayerBook) {
    this.loader = new ReplayLoader([]);
    book.changed.on(() => {
      if (!this.live.value && this.loader.setLayers(this.layers())) void this.bring(true);
    });
    setInterval(() => {
      if (this.live.value) this.at.value = serverNow();
    }, 1_000);
  }

  goLive(): void {
    this.stop();
    this.live.value = true;
    this.at.value = serverNow();
    this.arrived.value++;
  }

  /** Leaves live for this moment, playing or not as before. */
  seek(ms: number): void {
    const now = serverNow();
    if (ms >= now - 1_000) return this.goLive();
    this.at.value = Math.max(now - SPAN_MS, ms);
    this.live.value = false;
    this.loader.setLayers(this.layers());
    // A dragged slider asks for many moments: only where it rests is loaded.
    clearTimeout(this.seekTimer);
    this.seekTimer = setTimeout(() => void this.bring(true), 60);
  }

  step(ms: number): void {
    this.pause();
    this.seek(this.at.value + ms);
  }

  toggle(): void {
    if (this.live.value) this.seek(serverNow() - 2_000);
    else if (this.playing.value) this.pause();
    else this.play();
  }

  play(): void {
    if (this.live.value) this.seek(serverNow() - SPAN_MS / 24);
    this.playing.value = true;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  pause(): void {
    if (this.live.value) this.seek(serverNow() - 2_000);
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.playing.value = false;
  }

  private tick(): void {
    // The picture waits for its data rather than showing a moment that it does not know.
    if (this.pending) return;
    const next = this.at.value + TICK_MS * this.speed.value;
    if (next >= serverNow()) return this.goLive();
    this.at.value = next;
    void this.bring(false);
  }

  private layers(): string[] {
    return this.book.views.filter((view) => view.visible && view.replays).map((view) => view.slug);
  }

  private async bring(whole: boolean): Promise<void> {
    if (!this.layers().length) return;
    this.pending = true;
    const atS = this.at.value / 1000;
    const changes = whole ? await this.loader.seek(atS) : await this.loader.advance(atS);
    this.pending = false;
    if (!changes || this.live.value) return;
    if (whole) this.begin(atS);
    this.apply(changes);
    this.arrived.value++;
  }

  /** What has not changed since that moment is kept by no log: it stands as it does now. */
  private begin(atS: number): void {
    for (const view of this.book.views) {
      view.past.clear();
      if (view.replays) view.past.copyUntil(view.store, atS);
    }
  }

  private apply(changes: Change[]): void {
    for (const change of changes) this.book.get(change.l)?.past.apply(change);
  }
}
