import type { Change } from "./contract";
import { Signal } from "./signal";

export type LinkState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "lost"; sinceMs: number };

interface Handlers {
  changes: (changes: Change[]) => void;
  /**
   * The server cannot resume: take fresh snapshots, then call `start` with their sequence. Where
   * that fails the connection is lost like any other, and tried again.
   */
  reset: () => Promise<void>;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 20_000;
/** A blink shorter than this is mended before anyone needs to be told. */
const GRACE_MS = 4_000;
const QUIET_MS = 45_000;
const OPEN_MS = 10_000;
const CAUGHT_UP_MS = 5_000;
const RESTORED_BY = 1_000;

/**
 * The live stream: resumes where it stopped, says since when it is lost, mends itself.
 * EventSource's own retry gives up on some errors, so each connection is ours, with `since`.
 */
export class LiveLink {
  readonly state = new Signal<LinkState>({ kind: "connecting" });
  seq = 0;
  private source: EventSource | null = null;
  private layers: string[] = [];
  private retryMs = RETRY_FIRST_MS;
  private retryTimer = 0;
  private graceTimer = 0;
  private caughtUpTimer = 0;
  private openTimer = 0;
  private quietTimer = 0;
  private heardMs = 0; // anything
  private toldMs = 0; // changes, or the greeting
  private brokenAtMs = 0;
  private resetAtMs = 0;
  private resetWaitMs = 0;

  constructor(private readonly handlers: Handlers, private readonly url = "/live/") {}

  /** Follows these layers from `seq` on; a running stream is replaced. */
  start(layers: string[], seq: number): void {
    this.layers = [...layers].sort();
    this.seq = seq;
    this.connect();
  }

  /** Adds layers whose snapshot was taken at `seq`; what is known already may come twice. */
  follow(layers: string[], seq: number): void {
    const all = new Set([...this.layers, ...layers]);
    if (all.size === this.layers.length) return;
    this.start([...all], Math.min(seq, this.seq || seq));
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.graceTimer);
    clearTimeout(this.openTimer);
    clearTimeout(this.caughtUpTimer);
    clearInterval(this.quietTimer);
    removeEventListener("offline", this.doubt);
    this.source?.close();
    this.source = null;
  }

  /**
   * Told of the server's newest number. If it has moved on and nothing came for long, the stream
   * may be dead though nobody said so: it is opened again, without alarm, from where it stopped.
   */
  suspect(serverSeq: number): void {
    if (serverSeq > this.seq && Date.now() - this.toldMs > QUIET_MS) this.doubt();
  }

  /**
   * A line that went dead says nothing: an open stream stays open. Where there is reason to doubt
   * it, it is opened again from where it stopped, and lost if that fails.
   */
  private readonly doubt = (): void => {
    if (this.source?.readyState === EventSource.OPEN) this.connect();
  };

  private connect(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.openTimer);
    clearTimeout(this.caughtUpTimer);
    this.source?.close();
    if (!this.layers.length) return;
    const query = new URLSearchParams({ layers: this.layers.join(","), since: String(this.seq) });
    const source = new EventSource(`${this.url}?${query}`);
    this.source = source;
    addEventListener("offline", this.doubt);
    clearInterval(this.quietTimer);
    this.quietTimer = setInterval(() => Date.now() - this.heardMs > QUIET_MS && this.doubt(), QUIET_MS / 3);
    this.openTimer = setTimeout(() => source === this.source && this.broke(), OPEN_MS);
    source.addEventListener("hello", (event) => {
      this.healed();
      const hello = JSON.parse(event.data) as { seq: number };
      // A database that was restored counts from a lower number: what we hold is not its past.
      // A little lower is only a process that hears a moment later.
      if (hello.seq < this.seq - RESTORED_BY) return this.reset();
      // What was missed follows the greeting at once; after that we are as far as it said.
      this.caughtUpTimer = setTimeout(() => (this.seq = Math.max(this.seq, hello.seq)), CAUGHT_UP_MS);
    });
    source.addEventListener("changes", (event) => {
      const data = JSON.parse(event.data) as { seq: number; changes: Change[] };
      this.heardMs = this.toldMs = Date.now();
      this.seq = Math.max(this.seq, data.seq);
      this.handlers.changes(data.changes);
    });
    source.addEventListener("ping", () => (this.heardMs = Date.now()));
    source.addEventListener("reset", () => this.reset());
    source.onopen = () => this.healed();
    source.onerror = () => {
      if (source === this.source) this.broke();
    };
  }

  /** At once the first time; a server that goes on saying so is asked less and less often. */
  private reset(): void {
    this.stop();
    const now = Date.now();
    const again = now - this.resetAtMs < RETRY_MOST_MS;
    this.resetWaitMs = again ? Math.min(Math.max(2 * this.resetWaitMs, RETRY_FIRST_MS), RETRY_MOST_MS) : 0;
    this.resetAtMs = now + this.resetWaitMs;
    this.retryTimer = setTimeout(() => this.handlers.reset().catch(() => this.broke()), this.resetWaitMs);
  }

  private healed(): void {
    clearTimeout(this.graceTimer);
    clearTimeout(this.openTimer);
    this.heardMs = this.toldMs = Date.now();
    this.retryMs = RETRY_FIRST_MS;
    this.brokenAtMs = 0;
    this.state.value = { kind: "live" };
  }

  private broke(): void {
    clearTimeout(this.openTimer);
    clearTimeout(this.caughtUpTimer);
    this.source?.close();
    this.source = null;
    if (!this.brokenAtMs) {
      this.brokenAtMs = Date.now();
      this.graceTimer = setTimeout(() => {
        this.state.value = { kind: "lost", sinceMs: this.brokenAtMs };
      }, GRACE_MS);
    }
    clearTimeout(this.retryTimer);
    // Spread out, so that a hundred walls do not come back in the same instant.
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs * (0.7 + 0.6 * Math.random()));
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
  }
}
