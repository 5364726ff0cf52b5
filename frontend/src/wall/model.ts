import type { Catalogue, Incident } from "../common/contract";
import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import { acknowledge, openIncidents } from "../common/services";
import { FloodModel } from "../environment/floodmodel";
import { Feeding } from "./feeding";
import { LayerBook } from "./layerbook";
import { TimeMachine } from "./time";

export interface Selection {
  slug: string;
  id: string;
}

export interface Toast {
  text: string;
  tone: "good" | "bad" | "plain";
}

/** All that the wall's parts share. Parts talk to the model, never to each other. */
export class WallModel {
  readonly book: LayerBook;
  readonly feeding: Feeding;
  readonly time: TimeMachine;
  readonly flood = new FloodModel();
  readonly selected = new Signal<Selection | null>(null);
  readonly incidents = new Signal<Incident[]>([]);
  readonly incidentState = new Signal<"loading" | "ready" | "failed">("loading");
  readonly toast = new Signal<Toast | null>(null);
  readonly leftOpen = new Signal<boolean>(true);
  readonly rightOpen = new Signal<boolean>(true);
  readonly leftTab = new Signal<"layers" | "list">("layers");
  readonly wallMode = new Signal<boolean>(false);
  readonly measuring = new Signal<boolean>(false);
  /** Fires when the map rests somewhere else. */
  readonly moved = new Signal<number>(0);
  /** Ids of incidents that came while one looked: they pulse once in the feed. */
  readonly fresh = new Set<string>();
  private incidentTimer = 0;
  private toastTimer = 0;

  constructor(readonly catalogue: Catalogue) {
    this.book = new LayerBook(catalogue.layers);
    this.feeding = new Feeding(this.book);
    this.time = new TimeMachine(this.book);
    const slugs = new Set(catalogue.layers.filter((l) => l.style.kind === "incident").map((l) => l.slug));
    this.feeding.onChanges = (changes) => {
      if (changes.some((change) => slugs.has(change.l))) this.soonIncidents();
    };
    this.feeding.onAfresh = () => this.soonIncidents();
  }

  /** Whether this viewer may ask what a river's stage floods. */
  get hasFlood(): boolean {
    return this.catalogue.layers.some((layer) => layer.slug === "flood-zones" && layer.audience === "full");
  }

  start(): void {
    this.feeding.start();
    void this.loadIncidents();
  }

  select(slug: string, id: string): void {
    this.selected.value = { slug, id };
  }

  say(text: string, tone: Toast["tone"] = "plain"): void {
    this.toast.value = { text, tone };
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => (this.toast.value = null), 5_000);
  }

  /** Many changes in one second are one question to the server. */
  private soonIncidents(): void {
    clearTimeout(this.incidentTimer);
    this.incidentTimer = setTimeout(() => void this.loadIncidents(), 250);
  }

  async loadIncidents(): Promise<void> {
    clearTimeout(this.incidentTimer);
    try {
      const known = new Set(this.incidents.value.map((each) => each.id));
      const next = await openIncidents();
      if (this.incidentState.value === "ready") {
        for (const each of next) if (!known.has(each.id)) this.fresh.add(each.id);
      }
      this.incidents.value = sorted(next);
      this.incidentState.value = "ready";
    } catch {
      if (!this.incidents.value.length) this.incidentState.value = "failed";
    }
    // The stream brings news at once; this only mends what a lost stream missed.
    this.incidentTimer = setTimeout(() => void this.loadIncidents(), 30_000);
  }

  /** Takes charge; returns null when done, else the refusal. */
  async acknowledge(incident: Incident): Promise<HttpError | null> {
    try {
      const taken = await acknowledge(incident.id);
      this.incidents.value = sorted(
        this.incidents.value.map((each) => (each.id === taken.id ? taken : each)),
      );
      return null;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (error.status === 409) void this.loadIncidents();
      return error;
    }
  }
}

const RANK = { extreme: 0, severe: 1, moderate: 2, minor: 3 } as const;

/** What nobody has taken comes first, the gravest on top, then the newest. */
function sorted(incidents: Incident[]): Incident[] {
  const weight = (each: Incident) => (each.acknowledged_by ? 10 : 0) + (RANK[each.severity] ?? 4);
  return [...incidents].sort((a, b) => weight(a) - weight(b) || b.last_at.localeCompare(a.last_at));
}
