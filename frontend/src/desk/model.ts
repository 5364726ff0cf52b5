import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import * as api from "./api";
import { NO_QUERY, type Case, type Fields, type Home, type Item, type MoveAnswer, type Query, type Queue } from "./contract";
import * as permalink from "./permalink";
import { tell } from "./words";

/** Soon after the first hint, and however many more come, not oftener than this. */
const HINT_MS = 500;
const HINT_GAP_MS = 3_000;
const RETRY_MS = 6_000;
const TOAST_MS = 5_000;
const UNDO_MS = 10_000;
const PAGE = 50;
const MOST_A_PAGE = 100;
/** The server keeps its counts for some seconds: asked again once they are surely new. */
const COUNTS_KEPT_MS = 5_500;

export type Load = "none" | "loading" | "ready" | "failed" | "gone";
export interface Undo { key: string; words: string; untilMs: number; fromMs: number; busy: boolean; codes: string[] }
export interface Toast { text: string; tone: "good" | "bad" | "plain" }

const EMPTY: Queue = {
  items: [], next: null, total: 0, total_capped: false,
  bands: { within: 0, warning: 0, breached: 0, paused: 0, none: 0 },
};

/** What the desk knows and what it may do; its parts draw it and ask it. */
export class DeskModel {
  readonly home = new Signal<Home | null>(null);
  readonly query = new Signal<Query>(NO_QUERY);
  /** The map's box as `w,s,e,n` while the list shows only what is in view; else empty. */
  readonly area = new Signal("");
  readonly queue = new Signal<Queue>(EMPTY);
  readonly queueState = new Signal<Load>("loading");
  readonly adding = new Signal(false);
  readonly code = new Signal("");
  readonly file = new Signal<Case | null>(null);
  readonly fileState = new Signal<Load>("none");
  readonly cursor = new Signal("");
  readonly hovered = new Signal("");
  readonly picked = new Signal<ReadonlySet<string>>(new Set());
  readonly undo = new Signal<Undo | null>(null);
  readonly toast = new Signal<Toast | null>(null);
  /** Which move's form is open on the case, and which on the selection. */
  readonly form = new Signal("");
  readonly bulkForm = new Signal("");
  /** What was typed into forms, by case and move: nothing typed is lost by looking elsewhere. */
  readonly drafts = new Map<string, Fields>();
  problem = "";
  private queueAbort: AbortController | null = null;
  private fileAbort: AbortController | null = null;
  private fileRun: Promise<void> = Promise.resolve();
  private hintTimer = 0;
  private hintedAt = 0;
  private retryTimer = 0;
  private toastTimer = 0;
  private undoTimer = 0;
  private hintedCase = false;

  /** Raises HttpError where the person has no seat here or the server is away. */
  async begin(): Promise<void> {
    const home = await api.loadHome();
    const place = permalink.read(location.hash);
    this.home.value = home;
    this.query.value = this.known(place.query);
    this.area.value = place.area;
    void this.loadQueue();
    if (place.code) void this.open(place.code, false);
  }

  /** The query in a queue that this person has: an old link may name another. */
  private known(query: Query): Query {
    const home = this.home.value!;
    return home.views.some((view) => view.key === query.view) ? query
      : { ...query, view: this.query.value.view || firstView(home) };
  }

  // -- the queue -------------------------------------------------------------------------------
  ask(changes: Partial<Query>): void {
    this.query.value = this.known({ ...this.query.value, ...changes });
    this.picked.value = new Set();
    this.bulkForm.value = "";
    this.cursor.value = "";
    this.keepLink();
    void this.loadQueue();
  }

  within(area: string): void {
    if (area === this.area.value) return;
    this.area.value = area;
    this.keepLink();
    void this.loadQueue();
  }

  /** Asks anew. `quiet` keeps what is shown until the answer is there, and as many as were shown. */
  async loadQueue(quiet = false): Promise<void> {
    clearTimeout(this.retryTimer);
    this.queueAbort?.abort();
    const abort = (this.queueAbort = new AbortController());
    if (!quiet) this.queueState.value = "loading";
    const shown = quiet ? this.queue.value.items.length : 0;
    try {
      const queue = await this.fetchQueue(shown, abort.signal);
      if (abort.signal.aborted) return;
      this.queue.value = queue;
      this.queueState.value = "ready";
      const there = new Set(queue.items.map((item) => item.code));
      const kept = [...this.picked.value].filter((code) => there.has(code));
      if (kept.length !== this.picked.value.size) this.picked.value = new Set(kept);
    } catch (error) {
      if (abort.signal.aborted) return;
      // The session has ended: the page itself asks for the sign-in.
      if (error instanceof HttpError && error.status === 401) location.reload();
      this.problem = reasonOf(error);
      if (!quiet) this.queueState.value = "failed";
      this.retryTimer = setTimeout(() => void this.loadQueue(quiet), RETRY_MS);
    }
  }

  /** The first page, or as many as reach as far down as was shown. */
  private async fetchQueue(shown: number, signal: AbortSignal): Promise<Queue> {
    const asked = { bbox: this.area.value, limit: Math.min(MOST_A_PAGE, Math.max(PAGE, shown)) };
    const queue = await api.loadQueue(this.query.value, asked, signal);
    while (queue.next && queue.items.length < shown) {
      const more = await api.loadQueue(this.query.value, { ...asked, cursor: queue.next }, signal);
      queue.items.push(...more.items);
      queue.next = more.next;
    }
    return queue;
  }

  async loadMore(): Promise<void> {
    const { next, items } = this.queue.value;
    if (!next || this.adding.value || this.queueState.value !== "ready") return;
    this.adding.value = true;
    const asked = this.queueAbort;
    try {
      const more = await api.loadQueue(
        this.query.value, { bbox: this.area.value, cursor: next, limit: PAGE }, asked?.signal);
      if (asked !== this.queueAbort) return;
      const known = new Set(items.map((item) => item.code));
      const fresh = more.items.filter((item) => !known.has(item.code));
      this.queue.value = { ...this.queue.value, items: [...items, ...fresh], next: more.next };
    } catch (error) {
      if (asked === this.queueAbort) this.say(reasonOf(error), "bad");
    } finally {
      this.adding.value = false;
    }
  }

  /** The live stream says that something changed: asked again soon, many hints as one. */
  hint(codes: string[]): void {
    this.hintedCase ||= this.code.value !== "" && codes.includes(this.code.value);
    this.hintTimer ||= setTimeout(() => {
      this.hintTimer = 0;
      this.hintedAt = Date.now();
      void this.loadQueue(true);
      void this.loadCounts();
      if (this.hintedCase && this.code.value) void this.loadFile(true);
      this.hintedCase = false;
    }, Math.max(HINT_MS, this.hintedAt + HINT_GAP_MS - Date.now()));
  }

  async loadCounts(): Promise<void> {
    try {
      this.home.value = await api.loadHome();
    } catch {
      // The counts beside the queues stay as they were; the list itself says when it is cut off.
    }
  }

  // -- the case --------------------------------------------------------------------------------
  async open(code: string, push = true): Promise<void> {
    if (code === this.code.value && this.fileState.value === "ready") return;
    this.code.value = code;
    this.form.value = "";
    this.cursor.value = code;
    if (push) this.keepLink(true);
    await this.loadFile();
  }

  close(push = true): void {
    if (!this.code.value) return;
    this.fileAbort?.abort();
    this.code.value = "";
    this.form.value = "";
    this.file.value = null;
    this.fileState.value = "none";
    if (push) this.keepLink(true);
  }

  /** Done once the case stands as the newest answer tells it. */
  loadFile(quiet = false): Promise<void> {
    return (this.fileRun = this.fetchFile(quiet));
  }

  private async fetchFile(quiet: boolean): Promise<void> {
    const code = this.code.value;
    this.fileAbort?.abort();
    const abort = (this.fileAbort = new AbortController());
    if (!quiet) {
      this.file.value = null;
      this.fileState.value = "loading";
    }
    try {
      const file = await api.loadCase(code, abort.signal);
      if (abort.signal.aborted) return this.newerFile(abort);
      this.file.value = file;
      this.fileState.value = "ready";
      if (file.unread) void this.seen(code);
    } catch (error) {
      if (abort.signal.aborted) return this.newerFile(abort);
      this.problem = reasonOf(error);
      const refused = error instanceof HttpError && (error.status === 404 || error.status === 403);
      if (refused || !quiet) this.fileState.value = refused ? "gone" : "failed";
    }
  }

  private newerFile(abort: AbortController): Promise<void> {
    return abort === this.fileAbort ? Promise.resolve() : this.fileRun;
  }

  private async seen(code: string): Promise<void> {
    try {
      await api.markSeen(code);
    } catch {
      return; // Marked at the next opening.
    }
    const items = this.queue.value.items.map((item) => (item.code === code ? { ...item, unread: false } : item));
    this.queue.value = { ...this.queue.value, items };
  }

  // -- acts ------------------------------------------------------------------------------------
  /** Raises HttpError where nothing was done; what was done in part stands in the answer. */
  async act(move: string, items: api.Target[], fields: Fields, key: string): Promise<MoveAnswer> {
    const answer = await api.makeMove(move, items, fields, key);
    const done = answer.results.filter((result) => result.ok);
    setTimeout(() => this.hint([]), COUNTS_KEPT_MS);
    if (done.length) this.acted(move, done.map((result) => result.code), answer);
    void this.loadQueue(true);
    void this.loadCounts();
    if (items.some((item) => item.code === this.code.value)) await this.loadFile(true);
    return answer;
  }

  private acted(move: string, codes: string[], answer: MoveAnswer): void {
    const spec = this.home.value?.moves[move];
    const name = spec ? this.doneOf(move) : move;
    const words = codes.length === 1 ? tell("done", { move: name, code: codes[0]! })
      : tell("doneMany", { move: name, n: codes.length });
    if (!answer.undo) return this.say(words, "good");
    const now = Date.now();
    // By our own clock: the server's may be minutes off, and ten seconds is what was promised.
    this.undo.value = { key: answer.undo.key, words, fromMs: now, untilMs: now + UNDO_MS, busy: false, codes };
    this.toast.value = null;
    clearTimeout(this.undoTimer);
    this.undoTimer = setTimeout(() => (this.undo.value = null), UNDO_MS);
  }

  doneOf: (move: string) => string = (move) => move;

  async takeBack(): Promise<void> {
    const undo = this.undo.value;
    if (!undo || undo.busy) return;
    clearTimeout(this.undoTimer);
    this.undo.value = { ...undo, busy: true };
    try {
      const { results } = await api.undoMove(undo.key);
      const refused = results.find((result) => !result.ok);
      this.undo.value = null;
      if (refused) this.say(tell("undoFailed", { why: refused.error?.message ?? "" }), "bad");
      else this.say(tell("undoneToast"), "good");
    } catch (error) {
      this.undo.value = null;
      this.say(tell("undoFailed", { why: reasonOf(error) }), "bad");
    }
    void this.loadQueue(true);
    void this.loadCounts();
    if (undo.codes.includes(this.code.value)) void this.loadFile(true);
  }

  say(text: string, tone: Toast["tone"] = "plain"): void {
    clearTimeout(this.toastTimer);
    this.toast.value = { text, tone };
    this.toastTimer = setTimeout(() => (this.toast.value = null), TOAST_MS);
  }

  // -- rows ------------------------------------------------------------------------------------
  item(code: string): Item | undefined {
    return this.queue.value.items.find((each) => each.code === code);
  }

  /** The row so many after the present one; "" at the ends. */
  neighbour(step: number): string {
    const { items } = this.queue.value;
    const at = items.findIndex((item) => item.code === (this.cursor.value || this.code.value));
    if (at < 0) return (step > 0 ? items[0] : items.at(-1))?.code ?? "";
    return items[at + step]?.code ?? "";
  }

  togglePick(code: string, on?: boolean): void {
    const next = new Set(this.picked.value);
    if (on ?? !next.has(code)) next.add(code);
    else next.delete(code);
    this.picked.value = next;
    if (!next.size) this.bulkForm.value = "";
  }

  // -- the address -----------------------------------------------------------------------------
  keepLink(push = false): void {
    const hash = permalink.write({ query: this.query.value, code: this.code.value, area: this.area.value });
    if (hash === location.hash) return;
    if (push) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  }

  /** The browser's own back and forward, and links with a hash. */
  followLink(): void {
    const place = permalink.read(location.hash);
    if (JSON.stringify(place.query) !== JSON.stringify(this.query.value) || place.area !== this.area.value) {
      this.query.value = this.known(place.query);
      this.area.value = place.area;
      void this.loadQueue();
    }
    if (place.code && place.code !== this.code.value) void this.open(place.code, false);
    else if (!place.code) this.close(false);
  }
}

function firstView(home: Home): string {
  const mine = home.views.find((view) => view.key === "mine");
  const wanted = home.me.centre ? ["triage", "all"] : [mine?.count ? "mine" : "team", "team"];
  return wanted.find((key) => home.views.some((view) => view.key === key && (view.count || key !== "triage")))
    ?? home.views[0]?.key ?? "all";
}

/** Why it failed, in words for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof HttpError) return error.status === 0 ? tell("unreachable") : error.message;
  return error instanceof Error ? error.message : String(error);
}
