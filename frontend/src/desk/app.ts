import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { LiveLink } from "../common/live";
import { theme } from "../common/prefs";
import { languageButton, signOutButton, themeButton } from "../common/top";
import { lang, say } from "../i18n";
import { clock } from "../i18n/format";
import { BulkBar } from "./bulk";
import { CaseFile } from "./casefile";
import { Composer } from "./composer";
import { viewNav } from "./filters";
import { helpBody } from "./help";
import { glyph } from "./icons";
import { listenKeys } from "./keys";
import { Letters } from "./letters";
import { DeskModel, reasonOf } from "./model";
import { QueueList } from "./queue";
import { DeskStage } from "./stage";
import { tell } from "./words";

const COVERED = matchMedia("(max-width: 48rem)");
const RETRY_MS = 6_000;
const LAYER = "reports";
/** Parts and what moderation holds back are not in the public's stream: an officer asks for those. */
const ASK_MS = 60_000;

/** `<ioc-desk>`: where agencies and the centre handle reports. */
class Desk extends IocElement {
  private readonly model = new DeskModel();
  private catalogue: Catalogue | null = null;
  private parts: { queue: QueueList; bulk: BulkBar; stage: DeskStage; file: CaseFile } | null = null;
  private readonly live = new LiveLink({
    changes: (changes) => this.model.hint(changes.map((change) => String(change.a?.code ?? ""))),
    reset: () => this.follow(),
  });
  private readonly letters = new Letters();
  private failure = "";
  private refused = false;
  private mended = false;

  constructor() {
    super();
    const { model } = this;
    this.uses(model.home, model.query, model.code, model.toast, model.undo, model.picked, theme);
    this.uses(this.live.state);
    model.doneOf = (move) => say(model.home.value?.moves[move]?.done) || move;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(lang.on(() => this.name()));
    const followLink = () => this.model.home.value && this.model.followLink();
    for (const name of ["popstate", "hashchange"]) {
      addEventListener(name, followLink);
      this.until(() => removeEventListener(name, followLink));
    }
    this.until(this.live.state.on((state) => {
      if (state.kind === "live" && this.mended) {
        this.model.say(tell("mended"), "good");
        this.model.hint([this.model.code.value]);
      }
      this.mended = state.kind === "lost";
    }));
    this.until(listenKeys({
      step: (by) => this.step(by),
      open: () => this.model.cursor.value && void this.model.open(this.model.cursor.value),
      pick: () => this.model.cursor.value && this.model.togglePick(this.model.cursor.value),
      move: (move) => void this.querySelector<Composer>("ioc-composer")?.start(move),
      search: () => this.parts?.queue.focusSearch(),
      help: () => this.help(),
      undo: () => void this.model.takeBack(),
      escape: () => this.escape(),
    }));
    // Paper is white whatever the screen is.
    const toned = (tone: string) => () => (document.documentElement.dataset.theme = tone || theme.value);
    for (const [name, listener] of [["beforeprint", toned("light")], ["afterprint", toned("")]] as const) {
      addEventListener(name, listener);
      this.until(() => removeEventListener(name, listener));
    }
    const redraw = () => this.requestUpdate();
    COVERED.addEventListener("change", redraw);
    this.until(() => COVERED.removeEventListener("change", redraw));
    const asking = setInterval(() => document.hidden || this.model.hint([this.model.code.value]), ASK_MS);
    this.until(() => clearInterval(asking));
    void this.begin();
  }

  private name(): void {
    const city = this.catalogue ? say(this.catalogue.city.name) : "";
    document.title = [tell("title"), city].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      const [catalogue] = await Promise.all([loadCatalogue(), this.model.begin()]);
      this.catalogue = catalogue;
      this.failure = "";
      const { model } = this;
      this.parts = {
        queue: new QueueList(model), bulk: new BulkBar(model),
        stage: new DeskStage(model, catalogue), file: new CaseFile(model),
      };
      this.name();
      if (catalogue.layers.some((layer) => layer.slug === LAYER)) this.live.start([LAYER], catalogue.seq);
    } catch (error) {
      this.refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.failure = reasonOf(error);
      if (!this.refused) setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  /** After a gap that the stream cannot fill: everything is asked anew. */
  private async follow(): Promise<void> {
    const { seq } = await loadCatalogue();
    this.model.hint([this.model.code.value]);
    this.live.start([LAYER], seq);
  }

  private step(by: number): void {
    const { model } = this;
    const next = model.neighbour(by);
    if (!next) return;
    model.cursor.value = next;
    model.hovered.value = next;
    // The focus goes along: Enter then acts on the row, not on what was clicked before.
    void this.parts?.queue.updateComplete.then(() => this.parts?.queue.focusRow());
    if (model.code.value) void model.open(next);
  }

  /** Closes one thing at a time, the topmost first. */
  private escape(): void {
    const { model } = this;
    if (this.querySelector("dialog[open]")) return;
    const typing = document.activeElement?.matches("input, textarea, select");
    if (model.form.value) model.form.value = "";
    else if (model.bulkForm.value) model.bulkForm.value = "";
    else if (typing) (document.activeElement as HTMLElement).blur();
    else if (model.picked.value.size) model.picked.value = new Set();
    else if (model.code.value) model.close();
  }

  private help(): void {
    const dialog = this.querySelector<HTMLDialogElement>("dialog.help");
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
  }

  protected override render(): TemplateResult {
    const { model, parts } = this;
    const home = model.home.value;
    if (!home || !parts) return this.waiting();
    const link = this.live.state.value;
    // On a phone the case covers the rest: what is under it is not there for keys and readers.
    const covered = COVERED.matches && model.code.value !== "";
    return html`<div class="desk ${model.code.value ? "has-case" : ""} ${link.kind === "lost" ? "is-lost" : ""}">
      <a class="skip" href="#list" @click=${(event: Event) => { event.preventDefault(); parts.queue.focusRow(); }}>${tell("skip")}</a>
      ${this.top()}
      ${link.kind === "lost" ? html`<p class="lost-bar" role="alert">${glyph("offline")}${tell("lost", { at: clock(link.sinceMs / 1000, true) })}</p>` : nothing}
      <aside class="desk-views" ?inert=${covered}>${viewNav(model)}</aside>
      <main class="desk-queue" ?inert=${covered}>${parts.queue}${parts.bulk}</main>
      <section class="desk-map" ?inert=${covered} aria-label=${tell("mapName")}>${parts.stage}</section>
      <section class="desk-case" aria-label=${model.code.value || tell("pick")}>${parts.file}</section>
      ${this.notices()}
      <dialog class="help" aria-label=${tell("help")} @click=${(event: Event) => event.target === event.currentTarget && this.help()}>
        <div class="help-body">${helpBody()}<button type="button" class="button primary" autofocus @click=${() => this.help()}>${tell("close")}</button></div></dialog>
    </div>`;
  }

  private notices(): TemplateResult {
    const { model } = this;
    const undo = model.undo.value;
    const toast = model.toast.value;
    return html`<div class="notices" aria-live="polite">
      ${undo ? html`<div class="undo-bar">${glyph("check")}<span>${undo.words}</span>
        <button type="button" class="button small" ?disabled=${undo.busy} @click=${() => void model.takeBack()}>
          ${glyph("undo")}${tell(undo.busy ? "undoing" : "undo")}<kbd aria-hidden="true">u</kbd></button>
        ${undo.busy ? nothing : html`<i class="undo-line" data-key=${undo.key}></i>`}</div>` : nothing}
      ${toast ? html`<div class="toast ${toast.tone}" role=${toast.tone === "bad" ? "alert" : "status"}>
        ${glyph(toast.tone === "bad" ? "alert" : "check")}<span>${toast.text}</span></div>` : nothing}</div>`;
  }

  private top(): TemplateResult {
    const home = this.model.home.value!;
    const catalogue = this.catalogue!;
    return html`<header class="desk-top">
      <a class="brand" href="/desk/"><span class="brand-mark">${glyph("inbox")}</span>
        <span><b><span class="wide-only">${tell("title")}</span><span class="narrow-only">${tell("titleShort")}</span></b><small>${say(catalogue.city.name)}${home.me.agency ? ` · ${say(home.me.agency.title)}` : ""}</small></span></a>
      ${catalogue.synthetic ? html`<span class="tag dashed" title=${tell("syntheticHint")}>${tell("synthetic")}</span>` : nothing}
      <span class="spacer"></span>
      ${home.me.may.set_up ? html`<a class="button small plain wide-only" href="/desk/setup/">${glyph("settings")}${tell("setUp")}</a>` : nothing}
      ${home.me.centre ? html`<a class="button small plain wide-only" href="/desk/cameras/">${glyph("camera")}${tell("toCameras")}</a>` : nothing}
      ${home.me.centre ? html`<a class="button small plain wide-only" href="/wall/">${glyph("map")}${tell("toWall")}</a>` : nothing}
      ${this.letters}
      ${themeButton()}
      ${languageButton()}
      <button type="button" class="icon-button wide-only" aria-label=${tell("help")} title="${tell("help")} (?)" @click=${() => this.help()}>${glyph("help")}</button>
      <span class="me wide-only"><b>${home.me.name}</b></span>
      ${signOutButton(home.me.name)}
    </header>`;
  }

  private waiting(): TemplateResult {
    if (!this.failure) {
      return html`<div class="starting" role="status"><span class="spinner"></span><p>${tell("loading")}</p></div>`;
    }
    return html`<div class="starting" role="alert">${glyph(this.refused ? "shield" : "offline")}
      <h1>${tell(this.refused ? "noSeat" : "failed")}</h1>
      <p>${this.refused ? this.failure : tell("failedWhy", { why: this.failure })}</p>
      ${this.refused ? nothing : html`<button type="button" class="button primary" @click=${() => void this.begin()}>${tell("retry")}</button>`}</div>`;
  }
}

customElements.define("ioc-desk", Desk);
