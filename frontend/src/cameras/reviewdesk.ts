import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import { uuid } from "../common/uuid";
import * as api from "./api";
import type { CameraEvent, EventWhole, Outcome, Precise, Review } from "./contract";
import { reasonOf, type CamerasModel } from "./model";
import { tell } from "./words";

export interface Filters { camera: string; rule: string; kind: string; object_class: string; review: string; notable: string }
export const NO_FILTERS: Filters = { camera: "", rule: "", kind: "", object_class: "", review: "pending", notable: "true" };
const PAGE = 40;
const AHEAD = 6;
const ASK_MS = 15_000;

/** The queue: what is asked, what is open and picked, and what was said with its way back. */
export class ReviewDesk {
  readonly items = new Signal<CameraEvent[]>([]);
  readonly state = new Signal<"busy" | "ready" | "failed">("busy");
  readonly open = new Signal(0);
  readonly whole = new Signal<EventWhole | null>(null);
  readonly picks = new Signal<ReadonlySet<number>>(new Set());
  readonly filters = new Signal<Filters>(NO_FILTERS);
  readonly rows = new Signal<Precise[]>([]);
  readonly fresh = new Signal(0);
  may = false;
  problem = "";
  next: string | null = null;
  private asking: AbortController | null = null;
  private timer = 0;
  private lastKey = "";

  constructor(private readonly model: CamerasModel) {}

  begin(): void {
    const asked = this.model.route.value.asked;
    this.filters.value = Object.fromEntries(Object.entries(NO_FILTERS).map(([name, value]) => [name, asked.get(name) ?? value])) as unknown as Filters;
    void this.load(Number(asked.get("event")) || 0);
    void api.precision().then((told) => (this.rows.value = told.rows)).catch(() => null);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  set(change: Partial<Filters>): void {
    this.filters.value = { ...this.filters.value, ...change, ...("camera" in change ? { rule: "" } : {}) };
    this.keepLink();
    void this.load();
  }

  private keepLink(): void {
    const differing = Object.entries(this.filters.value).filter(([name, value]) => value !== NO_FILTERS[name as keyof Filters]);
    this.model.ask({ ...Object.fromEntries(differing), ...(this.open.value ? { event: String(this.open.value) } : {}) });
  }

  async load(wanted = 0): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.state.value = "busy";
    this.picks.value = new Set();
    try {
      const page = await api.events({ ...this.filters.value, limit: PAGE }, asking.signal);
      this.may = page.can.review;
      this.next = page.next;
      this.fresh.value = 0;
      this.items.value = page.items;
      this.state.value = "ready";
      if (this.filters.value.review === "pending") this.model.waiting.value = page.items.length;
      if (wanted && !page.items.some((one) => one.id === wanted)) {
        const linked = await api.event(wanted).catch(() => null);
        if (linked) this.items.value = [linked, ...page.items];
      }
      const keep = this.items.value.some((one) => one.id === (wanted || this.open.value));
      // On a phone the queue comes first, and an event fills the screen when it is chosen.
      const first = matchMedia("(width < 56.25rem)").matches ? 0 : (this.items.value[0]?.id ?? 0);
      this.choose(keep ? wanted || this.open.value : first);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.problem = reasonOf(error);
      this.state.value = "failed";
    }
    this.watch();
  }

  /** New events do not push what is being read: their number is told. */
  private watch(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      if (!document.hidden && this.state.value === "ready") {
        const page = await api.events({ ...this.filters.value, limit: PAGE }).catch(() => null);
        const newest = Math.max(0, ...this.items.value.map((one) => one.id));
        if (page) this.fresh.value = page.items.filter((one) => one.id > newest).length;
      }
      this.watch();
    }, ASK_MS);
  }

  async more(): Promise<void> {
    if (!this.next) return;
    const cursor = this.next;
    this.next = null;
    const page = await api.events({ ...this.filters.value, cursor, limit: PAGE }).catch(() => null);
    if (!page) return void (this.next = cursor);
    const known = new Set(this.items.value.map((one) => one.id));
    this.items.value = [...this.items.value, ...page.items.filter((one) => !known.has(one.id))];
    this.next = page.next;
    this.items.tell();
  }

  choose(id: number): void {
    this.open.value = id;
    if (this.whole.value?.id !== id) this.whole.value = null;
    this.keepLink();
    if (id) void api.event(id).then((whole) => { if (this.open.value === id) this.whole.value = whole; }).catch(() => null);
  }

  step(by: number): void {
    const at = this.items.value.findIndex((one) => one.id === this.open.value);
    const next = this.items.value[Math.min(this.items.value.length - 1, Math.max(0, at + by))];
    if (next) this.choose(next.id);
    if (at + AHEAD > this.items.value.length) void this.more();
  }

  pick(id: number): void {
    const picks = new Set(this.picks.value);
    if (!picks.delete(id)) picks.add(id);
    this.picks.value = picks;
  }

  pickAll(on: boolean): void {
    this.picks.value = new Set(on ? this.items.value.map((one) => one.id) : []);
  }

  /** What a word would be said of: what is picked, else what is open. */
  get subjects(): CameraEvent[] {
    const { picks, open } = this;
    return this.items.value.filter((one) => (picks.value.size ? picks.value.has(one.id) : one.id === open.value));
  }

  async say(review: Review, reason = "", right_class = ""): Promise<void> {
    const subjects = this.subjects;
    if (!subjects.length || !this.may) return;
    const key = uuid();
    try {
      const told = await api.review({ items: subjects.map(({ id, version }) => ({ id, version })), review, reason, right_class, key });
      this.lastKey = key;
      this.took(told.results);
      const good = told.results.filter((one) => one.ok).length;
      const bad = told.results.find((one) => one.error);
      const words = tell(`said_${review}` as "said_accepted", { n: good });
      this.model.say(bad ? `${words} ${bad.error!.message}` : words, bad ? "bad" : "good", () => this.undo());
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
      if (error instanceof HttpError && error.status === 409) await this.load(this.open.value);
    }
  }

  /** Goes on to the next that waits; what was said stays in the list, marked, until it is loaded anew. */
  private took(results: Outcome[]): void {
    const by = new Map(results.map((one) => [one.id, one]));
    const at = this.items.value.findIndex((one) => one.id === this.open.value);
    this.items.value = this.items.value.map((one) => {
      const now = by.get(one.id);
      return now?.review && now.version !== null ? { ...one, review: now.review, version: now.version } : one;
    });
    this.picks.value = new Set();
    const pending = this.filters.value.review === "pending";
    if (pending) this.model.waiting.value = this.items.value.filter((one) => one.review === "pending").length;
    const after = this.items.value.slice(at + 1).find((one) => one.review === "pending") ?? this.items.value.find((one) => one.review === "pending");
    if (by.has(this.open.value) && pending && after) this.choose(after.id);
    else this.choose(this.open.value);
    if (at + AHEAD > this.items.value.length) void this.more();
  }

  async undo(): Promise<void> {
    if (!this.lastKey) return;
    const key = this.lastKey;
    this.lastKey = "";
    try {
      const told = await api.undoReviews(key);
      const by = new Map(told.results.map((one) => [one.id, one]));
      this.items.value = this.items.value.map((one) => {
        const now = by.get(one.id);
        return now?.ok && now.review && now.version !== null ? { ...one, review: now.review, version: now.version } : one;
      });
      const bad = told.results.find((one) => one.error);
      this.model.say(bad ? bad.error!.message : tell("undone"), bad ? "bad" : "good");
      if (this.filters.value.review === "pending") this.model.waiting.value = this.items.value.filter((one) => one.review === "pending").length;
      if (told.results[0]) this.choose(told.results[0].id);
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }
}
