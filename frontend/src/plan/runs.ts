import { Signal } from "../common/signal";
import { uuid } from "../common/uuid";
import * as api from "./api";
import { limitsOf, type Method as Scheme } from "./colors";
import type { Analysis, Found, Method, Result, Run } from "./contract";
import { reasonOf, type PlanModel } from "./model";
import type { Place } from "./permalink";
import { conditionsOf, placeOf } from "./terms";
import { tell } from "./words";

const POLL_MS = 600;
const RETRY_MS = 5_000;
const CLASSES = 5;
const HOLDERS = 40;
const ENDED = new Set(["done", "failed", "cancelled"]);

/** How results are coloured: by what they are, or by their value in classes. */
export interface Scale { by: "kind" | "value"; method: Scheme; count: number; limits: number[] }

/** Analyses: what is chosen, the run that goes on or is looked at, its results, and those kept. */
export class Runs {
  readonly methods = new Signal<Method[]>([]);
  readonly method = new Signal("hot-spots");
  readonly parameters = new Signal<Record<string, unknown>>({});
  /** Parts of the question beyond layer and area: resolution, slice, other layers, two periods. */
  readonly extra = new Signal<Record<string, any>>({});
  readonly run = new Signal<Run | null>(null);
  readonly results = new Signal<Result[]>([]);
  readonly loading = new Signal(false);
  readonly refused = new Signal("");
  /** The features of a layer that holds figures, newest first: which one's figures are looked at. */
  readonly holders = new Signal<{ layer: string; found: Found[] }>({ layer: "", found: [] });
  /** The rank pointed at in map, table or chart; the rank chosen. */
  readonly hovered = new Signal(0);
  readonly chosen = new Signal(0);
  readonly kind = new Signal("");
  readonly scale = new Signal<Scale>({ by: "kind", method: "quantile", count: CLASSES, limits: [] });
  readonly analyses = new Signal<Analysis[]>([]);
  readonly analysesFailed = new Signal(false);
  /** Whether what comes was asked on this screen just now. */
  fresh = false;
  private timer = 0;
  private key = "";

  constructor(private readonly model: PlanModel) {}

  async begin(): Promise<void> {
    try {
      this.methods.value = await api.methods();
    } catch {
      setTimeout(() => void this.begin(), RETRY_MS);
    }
    void this.loadAnalyses();
  }

  async loadAnalyses(): Promise<void> {
    try {
      this.analyses.value = await api.analyses();
      this.analysesFailed.value = false;
    } catch {
      this.analysesFailed.value = true;
    }
  }

  get chosenMethod(): Method | undefined {
    return this.methods.value.find((one) => one.slug === this.method.value);
  }

  get analysis(): Analysis | undefined {
    return this.analyses.value.find((one) => one.id === this.run.value?.analysis);
  }

  take(place: Place): void {
    if (place.method) this.method.value = place.method;
    this.parameters.value = place.parameters;
    this.extra.value = place.extra;
    if (place.run && place.run !== this.run.value?.id) {
      this.model.page.value = "answer"; // a link to results shows them on a phone too
      void this.open(place.run);
    }
    if (!place.run) this.clear();
  }

  choose(slug: string): void {
    if (slug === this.method.value) return;
    this.method.value = slug;
    this.parameters.value = {};
    this.refused.value = "";
  }

  set(name: string, value: unknown): void {
    const next = { ...this.parameters.value };
    if (value === null || value === "") delete next[name];
    else next[name] = value;
    this.parameters.value = next;
    this.key = "";
  }

  more(name: string, value: unknown): void {
    const next = { ...this.extra.value };
    if (value === null || value === "") delete next[name];
    else next[name] = value;
    this.extra.value = next;
  }

  /** Fetches the holders of a layer once; what was chosen of another layer is dropped. */
  async loadHolders(layer: string): Promise<void> {
    const { holders } = this;
    if (holders.value.layer === layer) return;
    const before = holders.value.layer;
    holders.value = { layer, found: [] };
    if (before) this.more("feature", null);
    try {
      const { features } = await api.question({ layer, where: null, limit: HOLDERS });
      if (holders.value.layer === layer) holders.value = { layer, found: features };
    } catch {
      // without the list the newest is looked at, as before
    }
  }

  /** The question as the server keeps it with the analysis. */
  asked(): Record<string, unknown> {
    const { question } = this.model;
    const method = this.chosenMethod;
    const { layer, area, period } = question.value;
    const wants = new Set((method?.asks ?? []).map((one) => one.replace("?", "")));
    const where = conditionsOf(question.value);
    const asked: Record<string, unknown> = { layer };
    if (where) asked.where = where;
    if (area) asked.area = placeOf(area);
    if (period && wants.has("period")) asked.period = period;
    for (const name of ["resolution", "slice", "against", "denominator", "candidates", "zones", "before", "after", "feature"]) {
      const value = this.extra.value[name];
      if (wants.has(name) && value) asked[name] = name === "resolution" || name === "feature" ? Number(value) : value;
    }
    return asked;
  }

  async start(): Promise<void> {
    this.key ||= uuid();
    this.refused.value = "";
    this.loading.value = true;
    try {
      const run = await api.ask({ method: this.method.value, asked: this.asked(), parameters: this.parameters.value, key: this.key });
      this.fresh = true;
      this.follow(run);
    } catch (error) {
      this.refused.value = reasonOf(error);
    }
    this.key = "";
    this.loading.value = false;
  }

  /** Looks at a run of before. */
  async open(id: string): Promise<void> {
    try {
      const run = await api.run(id);
      this.method.value = run.method;
      this.follow(run);
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  /** A kept analysis with its question: the screen is as it was when it was asked. */
  restore(one: Analysis): void {
    const { layer, area, period, where, ...extra } = one.asked;
    this.method.value = one.method.slug;
    this.parameters.value = one.parameters;
    this.extra.value = extra;
    this.model.mode.value = "analyse";
    const terms = where ? { [layer]: where.op === "and" ? where.terms : [where] } : {};
    this.model.change({ layer, area: area ?? null, period: period ?? null, terms, relation: "intersects" });
    this.model.fit.value++;
    if (one.latest) void this.open(one.latest.id);
    else this.clear();
  }

  async again(one: Analysis): Promise<void> {
    try {
      this.follow(await api.again(one.id, uuid()));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  async stop(): Promise<void> {
    const run = this.run.value;
    if (!run) return;
    try {
      this.follow(await api.stop(run.id));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  clear(): void {
    clearTimeout(this.timer);
    this.run.value = null;
    this.results.value = [];
    this.hovered.value = this.chosen.value = 0;
    this.kind.value = "";
  }

  private follow(run: Run): void {
    clearTimeout(this.timer);
    if (run.id !== this.run.value?.id) this.clear();
    this.run.value = run;
    if (!ENDED.has(run.state)) {
      this.timer = setTimeout(() => void this.poll(run.id), POLL_MS);
      return;
    }
    void this.loadAnalyses();
    if (run.state === "done") void this.load(run);
  }

  private async poll(id: string): Promise<void> {
    try {
      const run = await api.run(id);
      if (this.run.value?.id === id) this.follow(run);
    } catch {
      this.timer = setTimeout(() => void this.poll(id), RETRY_MS);
    }
  }

  private async load(run: Run): Promise<void> {
    this.loading.value = true;
    try {
      const found = await api.results(run.id);
      if (this.run.value?.id === run.id) {
        this.scale.value = { ...this.scale.value, by: "kind", limits: [] };
        this.results.value = found;
      }
    } catch (error) {
      this.model.say(tell("resultsFailed", { why: reasonOf(error) }), "bad");
    }
    this.loading.value = false;
  }

  /** The finite values of the results, for classes and their histogram. */
  values(): number[] {
    return this.results.value.map((one) => one.properties.value).filter((value): value is number => value !== null && Number.isFinite(value));
  }

  rescale(fields: Partial<Scale>): void {
    const next = { ...this.scale.value, ...fields };
    const values = this.values();
    if (next.by === "value" && next.method !== "custom" && values.length) next.limits = limitsOf(values, next.method, next.count);
    this.scale.value = next;
  }
}
