import { setTimeZone } from "../i18n/format";
import type { Catalogue, LayerInfo, Snapshot, Status } from "./contract";
import { getJson } from "./http";
import { Signal } from "./signal";

export const CATALOGUE_URL = "/api/v1/layers";
const STATUS_URL = "/api/v1/status";

export async function loadCatalogue(signal?: AbortSignal): Promise<Catalogue> {
  const catalogue = await getJson<Catalogue>(CATALOGUE_URL, signal);
  catalogue.layers.sort((a, b) => a.order - b.order);
  setTimeZone(catalogue.city.time_zone);
  syncClock(catalogue.now);
  return catalogue;
}

export function loadSnapshot(layer: LayerInfo, signal?: AbortSignal): Promise<Snapshot> {
  return getJson<Snapshot>(layer.urls.snapshot, signal);
}

/** The URL of one feature of a layer. */
export function featureUrl(layer: LayerInfo, id: string): string {
  return layer.urls.feature.replace("{id}", encodeURIComponent(id));
}

let serverAheadMs = 0;

function syncClock(serverNow: string): void {
  const ahead = Date.parse(serverNow) - Date.now();
  if (Number.isFinite(ahead)) serverAheadMs = ahead;
}

/** Milliseconds by the server's clock: a wall's own clock may be minutes off. */
export function serverNow(): number {
  return Date.now() + serverAheadMs;
}

/** Polls counts and freshness; slower while nobody looks. */
export class StatusPoll {
  readonly status = new Signal<Status | null>(null);
  private timer = 0;

  constructor(private readonly everyMs = 15_000) {}

  start(): void {
    void this.ask();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  async ask(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const status = await getJson<Status>(STATUS_URL);
      syncClock(status.now);
      this.status.value = status;
    } catch {
      // The live stream is what says that the connection is lost; old counts stay, and age.
    }
    this.timer = setTimeout(() => void this.ask(), this.everyMs * (document.hidden ? 4 : 1));
  }
}
