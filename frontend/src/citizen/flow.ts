import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import type { CityMap } from "./citymap";
import { nearby, type Nearby } from "./api";
import { check } from "./check";
import { detailsStep, questionsOf } from "./details";
import { MAX_PHOTOS, unanswered, type Category, type Draft, type StepName } from "./draft";
import { ending } from "./ending";
import { glyph } from "./icons";
import { nearbyStep } from "./near";
import { outbox } from "./outbox";
import { Pinning } from "./pinning";
import { shrink } from "./shrink";
import { chooseCategory, photoStep, pinStep } from "./steps";
import { wordsStep } from "./telling";
import { tell } from "./words";

const ORDER: StepName[] = ["photo", "pin", "category", "nearby", "details", "words", "check"];
const NEAR_PATIENCE_MS = 1_500;
const SETTLE_MS = 700;
const KEEP_MS = 250;

/** One report, one question at a time. Every answer is kept the moment it is given. */
class ReportFlow extends IocElement {
  static override properties = {
    draft: { attribute: false }, step: { attribute: false },
    categories: { attribute: false }, city: { attribute: false },
  };
  declare draft: Draft;
  declare step: string;
  declare categories: Category[];
  declare city: CityMap | null;
  readonly pinning = new Pinning(this);
  near: Nearby[] = [];
  working = false;
  note = "";
  /** False for a moment after sending: the second tap of two lands on nothing. */
  private settled = true;
  private keeping = 0;
  private asked = "";

  constructor() {
    super();
    this.uses(outbox.drafts);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pinning.leave();
  }

  get name(): StepName {
    return (ORDER as string[]).includes(this.step) ? (this.step as StepName) : "photo";
  }

  get category(): Category | undefined {
    return this.categories.find((each) => each.code === this.draft.category);
  }

  /** The chosen category is no longer among those that are taken. */
  get retired(): boolean {
    return Boolean(this.draft.category && this.categories.length && !this.category);
  }

  private get steps(): StepName[] {
    const asks = questionsOf(this.category).length > 0;
    return ORDER.filter((step) => step === "nearby" ? this.near.length > 0 : step !== "details" || asks);
  }

  redraw(): void {
    this.requestUpdate();
  }

  async save(): Promise<void> {
    await outbox.save(this.draft);
  }

  go(step: StepName): void {
    this.note = "";
    location.hash = `#/new/${step}`;
  }

  next(): void {
    const steps = this.steps;
    this.go(steps[steps.indexOf(this.name) + 1] ?? "check");
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("step") && !changed.has("city")) return;
    if (this.name !== "pin") this.pinning.leave();
    if (this.name === "nearby" && !this.near.length) void this.findNear();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("step")) {
      this.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      this.querySelector(".sheet-body")?.scrollTo(0, 0);
    }
    if (this.name === "pin" && this.city) this.pinning.enter(this.city);
  }

  /** The pin went elsewhere: what lies near has to be asked anew. */
  moved(): void {
    this.near = [];
    this.asked = "";
    this.redraw();
  }

  /** The middle of the map is the answer; what lies near is asked for in the same moment. */
  async pinDone(): Promise<void> {
    if (this.draft.lon === null && this.city) this.pinning.placed(this.city);
    await this.save();
    void this.findNear();
    this.next();
  }

  private async findNear(): Promise<void> {
    const { lon, lat, category } = this.draft;
    const question = `${lon},${lat},${category}`;
    if (lon === null || lat === null || this.asked === question) return;
    this.asked = question;
    try {
      const near = await nearby(lon, lat, category);
      if (this.asked === question) this.near = near;
    } catch {
      // Without the net nobody can be asked; the report itself is what matters.
      if (this.asked === question) this.asked = "";
    }
    this.redraw();
  }

  /** Follows the report that exists; this draft becomes the line that says so. */
  async meToo(one: Nearby): Promise<void> {
    if (this.draft.state !== "draft") return;
    this.settle();
    const kept = await outbox.follow(one.code, one.category, this.draft);
    if (kept !== this.draft) await outbox.remove(this.draft);
    this.draft = kept;
    this.redraw();
  }

  async addPhotos(files: FileList | null): Promise<void> {
    if (!files?.length) return;
    this.working = true;
    this.note = "";
    this.redraw();
    for (const file of [...files].slice(0, MAX_PHOTOS - this.draft.photos.length)) {
      try {
        this.draft.photos = [...this.draft.photos, await shrink(file)];
      } catch {
        this.note = tell("photoBad");
      }
    }
    this.working = false;
    await this.save();
    this.redraw();
  }

  async dropPhoto(n: number): Promise<void> {
    this.draft.photos = this.draft.photos.filter((_, at) => at !== n);
    await this.save();
    this.redraw();
  }

  async choose(category: Category): Promise<void> {
    if (this.draft.category !== category.code) this.draft.attributes = {};
    this.draft.category = category.code;
    this.draft.categoryTitle = category.title;
    await this.save();
    const patience = new Promise((resolve) => setTimeout(resolve, NEAR_PATIENCE_MS));
    await Promise.race([this.findNear(), patience]);
    if (this.name === "category") this.next();
  }

  /** Kept a moment after the last stroke: photos lie in the same draft, and weigh. */
  write(changes: Partial<Draft>): void {
    Object.assign(this.draft, changes);
    this.redraw();
    clearTimeout(this.keeping);
    const { draft } = this;
    this.keeping = setTimeout(() => {
      if (draft.state === "draft") void outbox.save(draft);
    }, KEEP_MS);
  }

  async sendNow(): Promise<void> {
    if (this.draft.lon === null) return this.go("pin");
    if (!this.draft.category || this.retired) return this.go("category");
    if (unanswered(this.draft, this.category).length) return this.go("details");
    this.settle();
    await outbox.submit(this.draft);
  }

  private settle(): void {
    this.settled = false;
    setTimeout(() => {
      this.settled = true;
      this.redraw();
    }, SETTLE_MS);
  }

  override render(): TemplateResult {
    if (this.draft.state !== "draft") return ending(this.draft, (step) => this.mend(step), this.settled);
    const steps = this.steps;
    const n = Math.max(0, steps.indexOf(this.name)) + 1;
    return html`<div class="flow" data-step=${this.name}>
      <div class="sheet-head">
        ${n > 1 ? html`<button class="icon-button" aria-label=${tell("back")}
          @click=${() => history.back()}>${glyph("back")}</button>` : html`<span class="icon-room"></span>`}
        <div class="progress" role="progressbar" aria-valuemin="1" aria-valuemax=${steps.length}
          aria-valuenow=${n} aria-label=${tell("step", { n, m: steps.length })}>
          ${steps.map((_, at) => html`<span class=${at < n ? "done" : ""}></span>`)}
        </div>
        <a class="icon-button" href="#/" aria-label=${tell("close")}>${glyph("close")}</a>
      </div>
      ${this.question()}
      ${outbox.keeps ? nothing : html`<p class="note warn">${tell("notKept")}</p>`}
    </div>`;
  }

  private mend(step: StepName): void {
    // What could not be followed may still be sent as a report of its own.
    this.draft.follows = "";
    this.draft.state = "draft";
    if (step === "category") this.dispatchEvent(new CustomEvent("retry"));
    this.go(step);
    this.redraw();
  }

  private question(): TemplateResult {
    switch (this.name) {
      case "pin": return pinStep(this);
      case "category": return chooseCategory(this);
      case "nearby": return nearbyStep(this);
      case "details": return detailsStep(this);
      case "words": return wordsStep(this);
      case "check": return check(this);
      default: return photoStep(this);
    }
  }
}

export type { ReportFlow };
customElements.define("ioc-report-flow", ReportFlow);
