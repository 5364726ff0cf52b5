import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { theme } from "../common/prefs";
import { languageButton, signOutButton, themeButton } from "../common/top";
import { lang, say } from "../i18n";
import { AnswerPart } from "./answerpart";
import { Builder } from "./builder";
import { ComparePart } from "./comparepart";
import { History } from "./history";
import { glyph, type Glyph } from "./icons";
import { listenKeys } from "./keys";
import { PlanModel, reasonOf, type Page } from "./model";
import { paperHead, paperLegend } from "./paper";
import { ResultPart } from "./resultpart";
import { Saving } from "./saving";
import { PlanStage } from "./stage";
import { helpBody, tell } from "./words";

const NARROW = matchMedia("(max-width: 48rem)");
const RETRY_MS = 6_000;

interface Parts {
  builder: Builder;
  stage: PlanStage;
  answer: AnswerPart;
  result: ResultPart;
  compare: ComparePart;
  history: History;
  saving: Saving;
}

/** `<ioc-plan>`: where planners ask questions of space, and keep what is worth asking again. */
class PlanApp extends IocElement {
  private readonly model = new PlanModel();
  private catalogue: Catalogue | null = null;
  private parts: Parts | null = null;
  private failure = "";
  private refused = false;

  constructor() {
    super();
    const { model } = this;
    this.uses(model.page, model.mode, model.toast, model.runs.run, model.question, model.detail, model.answer, model.paper, model.runs.results, model.runs.scale, model.comparing.sides, theme);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { model } = this;
    this.until(lang.on(() => this.name()));
    const followLink = () => this.parts && model.follow();
    addEventListener("hashchange", followLink);
    addEventListener("popstate", followLink);
    this.until(() => removeEventListener("hashchange", followLink));
    this.until(() => removeEventListener("popstate", followLink));
    const redraw = () => this.requestUpdate();
    NARROW.addEventListener("change", redraw);
    this.until(() => NARROW.removeEventListener("change", redraw));
    for (const event of ["online", "offline"]) {
      addEventListener(event, redraw);
      this.until(() => removeEventListener(event, redraw));
    }
    this.until(listenKeys({
      tool: (tool) => (model.tool.value = model.tool.value === tool ? "" : tool),
      mode: (mode) => (model.mode.value = mode),
      search: () => {
        model.page.value = "ask";
        this.parts?.builder.focusSearch();
      },
      save: () => model.runs.run.value?.state === "done" && model.runs.run.value.mine && void this.parts?.saving.open(),
      print: () => void this.parts?.stage.printing.print(),
      undo: (forth) => this.parts && model.turnBack(forth),
      full: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
      help: () => this.help(),
      escape: () => this.escape(),
    }));
    const outside = (event: PointerEvent) => {
      for (const menu of this.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target as Node)) menu.removeAttribute("open");
    };
    addEventListener("pointerdown", outside);
    this.until(() => removeEventListener("pointerdown", outside));
    void this.begin();
  }

  private name(): void {
    document.title = [tell("title"), this.catalogue ? say(this.catalogue.city.name) : ""].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      const catalogue = await loadCatalogue();
      this.failure = "";
      const { model } = this;
      model.begin(catalogue);
      this.catalogue = catalogue;
      const stage = new PlanStage(model);
      const saving = new Saving(model);
      this.parts ??= {
        builder: new Builder(model), stage, answer: new AnswerPart(model, stage), compare: new ComparePart(model, stage),
        result: new ResultPart(model, stage, () => void saving.open()), history: new History(model), saving,
      };
      this.name();
    } catch (error) {
      this.refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.failure = reasonOf(error);
      if (!this.refused) setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  /** Closes one thing at a time, the topmost first. */
  private escape(): void {
    const { model } = this;
    if (this.querySelector("dialog[open]")) return;
    const menu = this.querySelector("details.menu[open]");
    const typing = document.activeElement?.matches("input, textarea, select");
    if (menu) menu.removeAttribute("open");
    else if (model.tool.value) model.tool.value = "";
    else if (typing) (document.activeElement as HTMLElement).blur();
    else if (model.runs.chosen.value) model.runs.chosen.value = 0;
  }

  private help(): void {
    const dialog = this.querySelector<HTMLDialogElement>("dialog.help");
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
  }

  protected override render(): TemplateResult {
    const { model, parts } = this;
    if (!parts) return this.waiting();
    const page = model.page.value;
    const away = (one: Page) => NARROW.matches && page !== one;
    const mode = model.mode.value;
    const right = mode === "compare" ? parts.compare : mode === "analyse" && model.runs.run.value ? parts.result : parts.answer;
    return html`<div class="plan page-${page}">
      <a class="skip" href="#answer" @click=${(event: Event) => { event.preventDefault(); this.querySelector<HTMLElement>(".plan-answer button")?.focus(); }}>${tell("skip")}</a>
      ${this.top()}${navigator.onLine ? nothing : html`<p class="lost-bar" role="alert">${glyph("offline")}${tell("offline")}</p>`}
      <section class="plan-ask" ?inert=${away("ask")} aria-label=${tell("tabAsk")}>${parts.builder}</section>
      <section class="plan-map" ?inert=${away("map")} aria-label=${tell("mapName")}>${paperHead(model)}${parts.stage}${paperLegend(model)}</section>
      <main class="plan-answer" ?inert=${away("answer")} aria-label=${tell("answer")}>${right}</main>
      <section class="plan-history" ?inert=${away("history")} aria-label=${tell("history")}>${parts.history}</section>
      ${this.tabs()}${parts.saving}
      <div class="notices" aria-live="polite">${this.toast()}</div>
      <dialog class="help" aria-label=${tell("help")} @click=${(event: Event) => event.target === event.currentTarget && this.help()}>
        <div class="help-body">${helpBody()}<button type="button" class="button primary" autofocus @click=${() => this.help()}>${tell("close")}</button></div></dialog></div>`;
  }

  private toast(): TemplateResult | typeof nothing {
    const { toast } = this.model;
    const held = toast.value;
    if (!held) return nothing;
    return html`<div class="toast ${held.tone}" role=${held.tone === "bad" ? "alert" : "status"}>${glyph(held.tone === "bad" ? "warning" : "check")}<span>${held.text}</span>
      ${held.undo ? html`<button type="button" class="button small" @click=${() => { held.undo?.(); toast.value = null; }}>${glyph("undo")}${tell("undo")}</button>` : nothing}</div>`;
  }

  private top(): TemplateResult {
    const catalogue = this.catalogue!;
    return html`<header class="plan-top"><a class="brand" href="/plan/"><span class="brand-mark">${glyph("ward")}</span><span><b>${tell("title")}</b><small>${say(catalogue.city.name)}</small></span></a>
      ${catalogue.synthetic ? html`<span class="tag dashed" title=${tell("syntheticHint")}>${tell("synthetic")}</span>` : nothing}<span class="spacer"></span>
      <a class="button small plain wide-only" href="/wall/">${glyph("map")}${tell("toWall")}</a>
      ${themeButton()}
      ${languageButton()}
      <button type="button" class="icon-button wide-only" aria-label=${tell("help")} title="${tell("help")} (?)" @click=${() => this.help()}>${glyph("help")}</button>
      <span class="me wide-only">${catalogue.viewer.name}</span>
      ${signOutButton(catalogue.viewer.name ?? "")}</header>`;
  }

  /** On a phone the question, the map, the answer and what was asked are pages. */
  private tabs(): TemplateResult {
    const { model } = this;
    const tab = (page: Page, icon: Glyph, label: string) => html`<button type="button" aria-current=${model.page.value === page ? "page" : nothing}
      @click=${() => (model.page.value = page)}>${glyph(icon)}<span>${label}</span></button>`;
    return html`<nav class="tabs" aria-label=${tell("pages")}>${tab("ask", "filter", tell("tabAsk"))}${tab("map", "map", tell("tabMap"))}${tab("answer", "chart", tell("tabAnswer"))}${tab("history", "history", tell("tabHistory"))}</nav>`;
  }

  private waiting(): TemplateResult {
    if (!this.failure) return html`<div class="starting" role="status"><span class="spinner"></span><p>${tell("loading")}</p></div>`;
    return html`<div class="starting" role="alert">${glyph(this.refused ? "shield" : "offline")}<h1>${tell(this.refused ? "noSeat" : "failed")}</h1>
      <p>${this.refused ? this.failure : tell("failedWhy", { why: this.failure })}</p>
      ${this.refused ? nothing : html`<button type="button" class="button primary" @click=${() => void this.begin()}>${tell("retry")}</button>`}</div>`;
  }
}

customElements.define("ioc-plan", PlanApp);
