import { loadSnapshot, StatusPoll } from "../common/catalogue";
import type { Change } from "../common/contract";
import { LiveLink } from "../common/live";
import { Signal } from "../common/signal";
import type { LayerBook, LayerView } from "./layerbook";

const RETRY_MS = 6_000;

/** Brings data into the layers' stores: snapshots first, then the live stream from there on. */
export class Feeding {
  readonly poll = new StatusPoll();
  readonly link: LiveLink;
  /** Fires after changes were applied. */
  readonly arrived = new Signal<number>(0);
  /** A feature that was not there before: it pulses once. */
  onNew: (slug: string, id: string) => void = () => undefined;
  /** Changes of a layer, as they came; the incident feed listens. */
  onChanges: (changes: Change[]) => void = () => undefined;
  /** All was read afresh: who keeps more than the layers' stores reads that again too. */
  onAfresh: () => void = () => undefined;

  constructor(private readonly book: LayerBook) {
    this.link = new LiveLink({
      changes: (changes) => this.apply(changes),
      reset: () => this.reload(),
    });
    this.poll.status.on((status) => status && this.link.suspect(status.seq));
    book.changed.on(() => this.want());
  }

  start(): void {
    this.poll.start();
    this.want();
  }

  /** Loads what became visible and is not here yet. */
  private want(): void {
    for (const view of this.book.views) {
      if (view.visible && view.held && view.loading === "idle") void this.load(view);
    }
  }

  private async load(view: LayerView): Promise<void> {
    view.loading = "loading";
    this.book.tell();
    try {
      const snapshot = await loadSnapshot(view.info);
      view.store.load(snapshot);
      view.loading = "ready";
      if (view.info.live) this.link.follow([view.slug], snapshot.seq);
      this.arrived.value++;
    } catch {
      view.loading = "failed";
      setTimeout(() => {
        view.loading = "idle";
        this.want();
      }, RETRY_MS);
    }
    this.book.tell();
  }

  /** After a reset nothing held is certain: all live layers are read afresh, then followed. */
  private async reload(): Promise<void> {
    const views = this.book.views.filter((view) => view.loading === "ready" && view.info.live);
    const snapshots = await Promise.all(views.map((view) => loadSnapshot(view.info)));
    views.forEach((view, i) => {
      view.store.clear();
      view.store.load(snapshots[i]!);
    });
    this.arrived.value++;
    this.onAfresh();
    const seq = Math.min(...snapshots.map((snapshot) => snapshot.seq));
    this.link.start(views.map((view) => view.slug), seq);
  }

  private apply(changes: Change[]): void {
    for (const change of changes) {
      const view = this.book.get(change.l);
      if (!view) continue;
      const known = view.store.row(change.id) >= 0;
      const taken = view.store.apply(change);
      if (taken && !known && change.op === "upsert") this.onNew(change.l, change.id);
    }
    this.onChanges(changes);
    this.arrived.value++;
  }
}
