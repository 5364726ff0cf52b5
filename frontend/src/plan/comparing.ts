import { Signal } from "../common/signal";
import * as api from "./api";
import type { Answer, Found, LayerAnswer, Period, Span } from "./contract";
import { reasonOf, type PlanModel } from "./model";
import { answerBody, whereOf } from "./terms";

const PAGE = 500;
const MOST = 2_000;
const PAUSE_MS = 150;
const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;

export interface Side { answer: LayerAnswer | null; km2: number; features: Found[]; more: boolean }

/** One question in two periods, side by side. */
export class Comparing {
  readonly spans = new Signal<[Span, Span] | null>(null);
  readonly sides = new Signal<[Side, Side] | null>(null);
  readonly asking = new Signal(false);
  readonly problem = new Signal("");
  /** Where the swipe stands, as a share of the map's width. */
  readonly swipe = new Signal(0.5);
  private abort: AbortController | null = null;
  private timer = 0;

  constructor(private readonly model: PlanModel) {
    this.spans.on(() => this.ask());
    model.question.on(() => this.ask());
    model.mode.on(() => this.ask());
  }

  take(spans: [Span, Span] | null): void {
    this.spans.value = spans;
  }

  /** Two neighbouring periods of so many days, the second ending now. */
  preset(days: number): void {
    const day = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
    this.spans.value = [{ start: day(2 * days - 1), end: day(days - 1) }, { start: day(days - 1), end: day(-1) }];
  }

  ask(): void {
    if (this.model.mode.value !== "compare") return;
    if (!this.spans.value) return this.preset(4 * WEEK_DAYS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), PAUSE_MS);
  }

  private async send(): Promise<void> {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    const spans = this.spans.value!;
    this.asking.value = true;
    try {
      const sides = await Promise.all(spans.map((span) => this.side(span, abort.signal)));
      if (abort.signal.aborted) return;
      this.sides.value = sides as [Side, Side];
      this.problem.value = "";
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem.value = reasonOf(error);
      this.sides.value = null;
    }
    this.asking.value = false;
  }

  private async side(span: Span, signal: AbortSignal): Promise<Side> {
    const period: Period = span;
    const question = { ...this.model.question.value, period };
    const { layer } = question;
    const whole: Answer = await api.answer(answerBody(question, [layer], this.model.catalogue.city.bounds, 0, this.model.reaches), signal);
    const features: Found[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof api.question>> = await api.question(
        { layer, where: whereOf(question, this.model.timed(layer), this.model.reaches(layer)), limit: PAGE, cursor }, signal);
      features.push(...page.features);
      cursor = page.next;
    } while (cursor && features.length < MOST);
    return { answer: whole.layers[0] ?? null, km2: whole.area.km2, features, more: cursor !== null };
  }
}
