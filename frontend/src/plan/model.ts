import type { Catalogue, LayerInfo } from "../common/contract";
import { HttpError } from "../common/http";
import { recall, remember } from "../common/prefs";
import { Signal } from "../common/signal";
import { say } from "../i18n";
import { number } from "../i18n/format";
import * as api from "./api";
import { Comparing } from "./comparing";
import type { Answer, Area, Count, Found, LayerAnswer, Mode, Question, QuestionAnswer, Term } from "./contract";
import { Past } from "./past";
import * as permalink from "./permalink";
import { Runs } from "./runs";
import { answerBody, whereOf } from "./terms";
import { tell } from "./words";

const PAUSE_MS = 90;
const LINK_MS = 400;
const RECENT_MS = 2_500;
const RECENT_KEPT = 14;
const TOAST_MS = 6_000;
const UNDO_MS = 10_000;
export const LISTED = 200;
const SHOWN = 500;
const NOTHING: Question = { layer: "", area: null, relation: "intersects", nearest: 10, period: null, terms: {} };

export type Tool = "" | "polygon" | "circle" | "ward" | "feature" | "measure";
export type Page = "ask" | "map" | "answer" | "history";
export interface Toast { text: string; tone: "good" | "bad" | "plain"; undo?: () => void }
export interface Recent { hash: string; words: { vi: string; en: string }; count: Count; at: number }

/** What the planner's screen knows and what it may do; its parts draw it and ask it. */
export class PlanModel {
  readonly question = new Signal<Question>(NOTHING);
  /** What the hand draws at this moment: asked at once, kept once it is finished. */
  readonly draft = new Signal<Area | null>(null);
  readonly answer = new Signal<Answer | null>(null);
  readonly detail = new Signal<QuestionAnswer | null>(null);
  readonly asking = new Signal(false);
  readonly problem = new Signal("");
  readonly detailProblem = new Signal("");
  readonly mode = new Signal<Mode>("ask");
  readonly tool = new Signal<Tool>("");
  readonly page = new Signal<Page>("ask");
  readonly toast = new Signal<Toast | null>(null);
  readonly view = new Signal<permalink.Place["view"]>(null);
  readonly recent = new Signal<Recent[]>(kept());
  /** The feature pointed at, in the list or on the map. */
  readonly pointed = new Signal("");
  /** The N of the scale 1:N of the printed sheet. */
  readonly paper = new Signal(0);
  /** Grows when the map should show the whole of the area. */
  readonly fit = new Signal(0);
  /** Questions before this one, and those that were taken back. */
  readonly past = new Past();
  readonly runs = new Runs(this);
  readonly comparing = new Comparing(this);
  catalogue!: Catalogue;
  private abort: AbortController | null = null;
  private timer = 0;
  private linkTimer = 0;
  private recentTimer = 0;
  private toastTimer = 0;
  private linkRead: string | null = null;

  begin(catalogue: Catalogue): void {
    this.catalogue = catalogue;
    this.follow();
    for (const signal of [this.question, this.mode, this.view, this.runs.method, this.runs.parameters, this.runs.extra, this.runs.run, this.comparing.spans]) {
      (signal as Signal<unknown>).on(() => this.link());
    }
    void this.runs.begin();
  }

  /** Takes over what the address says. */
  follow(): void {
    if (location.hash === this.linkRead) return;
    this.linkRead = location.hash;
    const place = permalink.read(location.hash);
    const known = this.layer(place.question.layer);
    const first = this.layer("reports") ?? this.points[0] ?? this.catalogue.layers[0];
    this.view.value = place.view;
    this.mode.value = place.mode;
    this.comparing.take(place.spans);
    this.runs.take(place);
    this.question.value = { ...place.question, layer: known ? place.question.layer : (first?.slug ?? "") };
    this.ask();
  }

  private link(): void {
    clearTimeout(this.linkTimer);
    this.linkTimer = setTimeout(() => {
      this.linkRead = this.hash();
      history.replaceState(null, "", this.linkRead);
    }, LINK_MS);
  }

  hash(): string {
    const { runs } = this;
    return permalink.write({
      question: this.question.value, mode: this.mode.value, method: runs.method.value, parameters: runs.parameters.value,
      extra: runs.extra.value, run: runs.run.value?.id ?? "", spans: this.comparing.spans.value, view: this.view.value,
    });
  }

  layer(slug: string): LayerInfo | undefined {
    return this.catalogue.layers.find((layer) => layer.slug === slug);
  }

  get points(): LayerInfo[] {
    return this.catalogue.layers.filter((layer) => layer.geometry === "point");
  }

  get focus(): LayerInfo {
    return this.layer(this.question.value.layer)!;
  }

  /** What is asked now: with the area that is being drawn, if there is one. */
  get asked(): Question {
    const { draft, question } = this;
    return draft.value ? { ...question.value, area: draft.value, relation: "intersects" } : question.value;
  }

  get focusAnswer(): LayerAnswer | null {
    return this.answer.value?.layers.find((one) => one.layer === this.question.value.layer) ?? null;
  }

  /** What the list and the map show: of the area under the hand, or of the question. */
  get listed(): Found[] {
    if (this.draft.value) return this.focusAnswer?.features ?? [];
    return this.detail.value?.layer === this.question.value.layer ? this.detail.value.features : [];
  }

  change(fields: Partial<Question>): void {
    this.past.keep(this.question.value);
    this.question.value = { ...this.question.value, ...fields };
    this.ask();
  }

  /** The question before, or the one that was taken back. */
  turnBack(forth = false): void {
    const held = this.past.turn(this.question.value, forth);
    if (!held) return;
    this.draft.value = null;
    this.question.value = held;
    this.ask();
    if (held.area) this.fit.value++;
  }

  setArea(area: Area | null, fit = true): void {
    this.draft.value = null;
    this.change({ area });
    if (fit && area) this.fit.value++;
  }

  /** While drawing: the area so far. */
  sketch(area: Area | null): void {
    this.draft.value = area;
    if (area) this.ask();
  }

  terms(slug = this.question.value.layer): Term[] {
    return this.question.value.terms[slug] ?? [];
  }

  setTerms(terms: Term[], slug = this.question.value.layer): void {
    this.change({ terms: { ...this.question.value.terms, [slug]: terms } });
  }

  /** Asks after a breath, so that a moving hand does not ask with every pixel. */
  ask(): void {
    clearTimeout(this.timer);
    this.asking.value = true;
    this.timer = setTimeout(() => void this.send(), PAUSE_MS);
  }

  private async send(): Promise<void> {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    const { asked, catalogue } = this;
    const layers = catalogue.layers.map((layer) => layer.slug).slice(0, 20);
    const settled = !this.draft.value;
    const whole = api.answer(answerBody(asked, layers, catalogue.city.bounds, settled ? 0 : LISTED, this.reaches), abort.signal).then(
      (told) => {
        this.problem.value = "";
        this.answer.value = told;
      },
      (error) => abort.signal.aborted || (this.problem.value = reasonOf(error)),
    );
    const page = settled ? this.list(asked, abort.signal) : Promise.resolve();
    await Promise.all([whole, page]);
    if (abort.signal.aborted) return;
    this.asking.value = false;
    if (settled) this.remember();
  }

  private async list(asked: Question, signal: AbortSignal): Promise<void> {
    const { layer } = asked;
    try {
      const told = await api.question({ layer, where: whereOf(asked, this.timed(layer), this.reaches(layer)), limit: SHOWN }, signal);
      if (signal.aborted) return;
      this.detailProblem.value = "";
      this.detail.value = told;
    } catch (error) {
      if (signal.aborted) return;
      this.detail.value = null;
      this.detailProblem.value = reasonOf(error);
    }
  }

  /** The next page of the list. */
  async more(): Promise<void> {
    const held = this.detail.value;
    const { layer } = this.question.value;
    if (!held?.next) return;
    try {
      const told = await api.question({ layer, where: this.where(), limit: SHOWN, cursor: held.next });
      if (this.detail.value !== held) return;
      this.detail.value = { ...held, features: [...held.features, ...told.features], next: told.next };
    } catch (error) {
      this.say(reasonOf(error), "bad");
    }
  }

  where(): Term | null {
    const { layer } = this.question.value;
    return whereOf(this.question.value, this.timed(layer), this.reaches(layer));
  }

  /** Whether features of the layer reach ground beyond themselves: cameras see. */
  readonly reaches = (slug: string): boolean => !!this.layer(slug)?.reach;

  /** Whether the server knows a time of the layer: its answers say. */
  timed(slug: string): boolean {
    const told = this.answer.value?.layers.find((one) => one.layer === slug);
    if (told && !told.error) return told.time !== null;
    const info = this.layer(slug);
    return !!info?.newest_at || !!info?.fields.some((field) => field.name === info.time_field);
  }

  private remember(): void {
    clearTimeout(this.recentTimer);
    this.recentTimer = setTimeout(() => {
      const { detail, mode } = this;
      if (!detail.value || mode.value !== "ask") return;
      const words = detail.value.in_words;
      const { count } = detail.value;
      const others = this.recent.value.filter((one) => one.words.vi !== words.vi);
      this.recent.value = [{ hash: this.hash(), words, count, at: Date.now() }, ...others].slice(0, RECENT_KEPT);
      remember("plan.recent", JSON.stringify(this.recent.value));
    }, RECENT_MS);
  }

  go(hash: string): void {
    history.pushState(null, "", hash);
    this.follow();
    this.fit.value++;
  }

  say(text: string, tone: Toast["tone"] = "plain", undo?: () => void): void {
    clearTimeout(this.toastTimer);
    this.toast.value = { text, tone, undo };
    this.toastTimer = setTimeout(() => (this.toast.value = null), undo ? UNDO_MS : TOAST_MS);
  }

  areaName(): string {
    const { area } = this.question.value;
    if (!area) return tell("wholeCity", { city: say(this.catalogue.city.name) });
    return this.answer.value?.area.name || area.label || tell("drawnArea");
  }
}

/** `≈ 12.300`: a count with what it is worth before it. */
export function countWords(count: Pick<Count, "value" | "kind">): string {
  const sign = count.kind === "estimated" ? "≈ " : count.kind === "at least" ? "≥ " : "";
  return `${sign}${number(count.value, 0)}`;
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return String(error);
  return error.status === 0 ? tell("noReach") : error.message;
}

function kept(): Recent[] {
  try {
    const found = JSON.parse(recall("plan.recent") ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
