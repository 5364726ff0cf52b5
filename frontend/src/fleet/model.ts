import { HttpError } from "../common/http";
import type { Change } from "../common/contract";
import { recall, remember } from "../common/prefs";
import { Signal } from "../common/signal";
import * as api from "./api";
import type { Alert, Fleet, Query, State, Vessel, VesselFile } from "./contract";
import { favourites } from "./favourites";
import { Handling } from "./handling";
import { Past } from "./past";
import * as permalink from "./permalink";
import { Places } from "./places";
import { ask, type Answer } from "./search";
import { tell } from "./words";

const ASK_AGAIN_MS = 60_000;
const RETRY_MS = 6_000;
const TOAST_MS = 5_000;
const HINT_MS = 1_500;
export const EVERYTHING: Query = { state: "", q: "", order: "need", kind: "", zone: "", starred: false };

export type Load = "none" | "loading" | "ready" | "failed" | "gone" | "refused";
export type Page = "list" | "map" | "file";
export type Tool = "" | "measure" | "area";
export interface Toast { text: string; tone: "good" | "bad" | "plain" }

/** What the officer's screen knows and what it may do; its parts draw it and ask it. */
export class FleetModel {
  readonly vessels = new Map<string, Vessel>();
  /** Grows whenever a vessel or the list changed. */
  readonly version = new Signal(0);
  readonly state = new Signal<Load>("loading");
  readonly query = new Signal<Query>(EVERYTHING);
  readonly answer = new Signal<Answer>(ask([], EVERYTHING));
  readonly fleet = new Signal<Fleet | null>(null);
  readonly outages = new Signal<readonly Alert[]>([]);
  readonly open = new Signal("");
  readonly file = new Signal<VesselFile | null>(null);
  readonly fileState = new Signal<Load>("none");
  readonly cursor = new Signal("");
  readonly hovered = new Signal("");
  readonly tool = new Signal<Tool>("");
  readonly page = new Signal<Page>("list");
  readonly night = new Signal(recall("fleet.night") === "1");
  readonly toast = new Signal<Toast | null>(null);
  readonly view = new Signal<permalink.Place["view"]>(null);
  readonly places = new Places();
  readonly past = new Past(this);
  readonly handling = new Handling(this);
  problem = "";
  /** The link said where the map stands: nothing moves it unasked. */
  viewLinked = false;
  private byMmsi = new Map<string, string>();
  private fileAbort: AbortController | null = null;
  private timer = 0;
  private hintTimer = 0;
  private toastTimer = 0;
  private linkTimer = 0;
  private linkRead = "";

  begin(): void {
    this.followLink();
    void this.load();
    const keep = () => this.keepLink();
    for (const signal of [this.query, this.open, this.past.picks, this.past.span, this.past.area, this.view,
      this.handling.open]) (signal as Signal<unknown>).on(keep);
    this.past.playing.on(keep);
    favourites.on(() => this.refresh());
  }

  /** Takes over what the address says; also when the reader goes back. */
  followLink(): void {
    if (location.hash === this.linkRead) return;
    this.linkRead = location.hash;
    const place = permalink.read(location.hash);
    this.query.value = place.query;
    this.refresh();
    this.viewLinked = place.view !== null;
    if (place.view) this.view.value = place.view;
    if (place.span) this.past.span.value = place.span;
    this.past.area.value = place.area;
    this.past.setPicks(place.picks);
    if (place.at !== null) this.past.at.value = place.at;
    if (place.vessel !== this.open.value) this.show(place.vessel, place.alert);
  }

  private keepLink(): void {
    clearTimeout(this.linkTimer);
    this.linkTimer = setTimeout(() => {
      const { past } = this;
      const hash = permalink.write({
        query: this.query.value, vessel: this.open.value, alert: this.handling.open.value,
        picks: [...past.picks.value], span: past.active ? past.span.value : null,
        at: past.active && !past.playing.value ? past.at.value : null,
        area: past.area.value, view: this.view.value,
      });
      this.linkRead = hash;
      history.replaceState(null, "", hash);
    }, 250);
  }

  // -- the fleet -------------------------------------------------------------------------------
  /** Asks for the whole fleet; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    clearTimeout(this.timer);
    const fresh: Vessel[] = [];
    try {
      const fleet = await api.loadFleet();
      const first = this.vessels.size === 0;
      await api.loadAll((page) => {
        for (const vessel of page) {
          vessel.place = fresh.length;
          fresh.push(vessel);
        }
        // The first page holds the gravest: it is shown before the rest has come.
        if (first) this.take(page, false);
      });
      this.take(fresh, true);
      this.fleet.value = fleet;
      void this.loadOutages();
      this.state.value = "ready";
      this.problem = "";
    } catch (error) {
      const refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.problem = reasonOf(error);
      if (!this.vessels.size || refused) this.state.value = refused ? "refused" : "failed";
      if (refused) return;
      this.timer = setTimeout(() => void this.load(), RETRY_MS);
      return;
    }
    this.timer = setTimeout(() => void this.load(), ASK_AGAIN_MS * (document.hidden ? 4 : 1));
  }

  private async loadOutages(): Promise<void> {
    // What is held back says so in each alert too: an answer that does not come is no alarm.
    this.outages.value = await api.loadOutages().catch(() => this.outages.value);
  }

  private take(page: Vessel[], whole: boolean): void {
    const kept = new Set<string>();
    for (const vessel of page) {
      const id = String(vessel.id);
      kept.add(id);
      this.vessels.set(id, newer(this.vessels.get(id), vessel));
      if (vessel.mmsi) this.byMmsi.set(String(vessel.mmsi), id);
    }
    if (whole) for (const id of this.vessels.keys()) if (!kept.has(id)) this.vessels.delete(id);
    if (this.state.value === "loading") this.state.value = "ready";
    this.refresh();
  }

  private refresh(): void {
    this.answer.value = ask(this.vessels.values(), this.query.value, favourites.value);
    this.version.value++;
  }

  ask(changes: Partial<Query>): void {
    this.query.value = { ...this.query.value, ...changes };
    this.cursor.value = "";
    this.refresh();
  }

  toggleState(state: State | ""): void {
    this.ask({ state: this.query.value.state === state ? "" : state });
  }

  /** Positions from the live stream; a change of an alert asks the list anew. */
  apply(changes: Change[]): string[] {
    const moved: string[] = [];
    for (const change of changes) {
      if (change.l !== "vessels") {
        this.hint();
        continue;
      }
      const id = this.byMmsi.get(String(change.a.mmsi ?? "")) ?? String(change.id);
      const vessel = this.vessels.get(id);
      if (!vessel || !change.p || Date.parse(vessel.observed_at ?? "") / 1000 > change.t) continue;
      [vessel.lon, vessel.lat] = change.p;
      vessel.observed_at = new Date(change.t * 1000).toISOString();
      if (typeof change.a.speed_kn === "number") vessel.speed_kn = change.a.speed_kn;
      if (typeof change.a.course_deg === "number") vessel.course_deg = change.a.course_deg;
      moved.push(id);
    }
    return moved;
  }

  hint(): void {
    clearTimeout(this.hintTimer);
    this.hintTimer = setTimeout(() => {
      void this.load();
      if (this.open.value) void this.loadFile(true);
    }, HINT_MS);
  }

  vessel(id: string): Vessel | undefined {
    return this.vessels.get(id);
  }

  nameOf(id: string): string {
    const vessel = this.vessels.get(id);
    return vessel ? vessel.plate || vessel.name || String(vessel.mmsi ?? id) : id;
  }

  neighbour(by: number): string {
    const { shown } = this.answer.value;
    const at = shown.findIndex((vessel) => String(vessel.id) === (this.cursor.value || this.open.value));
    const next = shown[at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))];
    return next ? String(next.id) : "";
  }

  // -- one vessel ------------------------------------------------------------------------------
  /** Opens a vessel's file, and the alert that needs someone where there is one. */
  show(id: string, alert = ""): void {
    this.open.value = id;
    this.file.value = null;
    this.cursor.value = id || this.cursor.value;
    if (!id) {
      this.fileState.value = "none";
      this.handling.show("");
      if (this.page.value === "file") this.page.value = "list";
      return;
    }
    this.page.value = "file";
    const need = this.vessels.get(id)?.need?.alert_id;
    this.handling.show(alert || (need ? String(need) : ""));
    void this.loadFile();
  }

  async loadFile(quiet = false): Promise<void> {
    const id = this.open.value;
    this.fileAbort?.abort();
    const abort = new AbortController();
    this.fileAbort = abort;
    if (!quiet) this.fileState.value = "loading";
    try {
      const file = await api.loadFile(id, abort.signal);
      if (abort.signal.aborted) return;
      this.file.value = file;
      this.fileState.value = "ready";
      const alert = file.alerts?.find((each) => !each.closed_at);
      if (!this.handling.open.value && alert) this.handling.show(String(alert.id));
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = reasonOf(error);
      if (!quiet) this.fileState.value = error instanceof HttpError && error.status === 404 ? "gone" : "failed";
    }
  }

  setNight(on: boolean): void {
    this.night.value = on;
    remember("fleet.night", on ? "1" : null);
  }

  say(text: string, tone: Toast["tone"] = "plain"): void {
    clearTimeout(this.toastTimer);
    this.toast.value = { text, tone };
    this.toastTimer = setTimeout(() => (this.toast.value = null), TOAST_MS);
  }
}

/** The list's row, but where the stream already told a newer place. */
function newer(known: Vessel | undefined, fresh: Vessel): Vessel {
  if (!known || !((known.observed_at ?? "") > (fresh.observed_at ?? ""))) return fresh;
  const { lon, lat, speed_kn, course_deg, observed_at } = known;
  return { ...fresh, lon, lat, speed_kn, course_deg, observed_at };
}

export function reasonOf(error: unknown): string {
  if (error instanceof HttpError && error.status === 0) return tell("noReach");
  return error instanceof Error ? error.message : String(error);
}
