import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { theme } from "../common/prefs";
import { languageButton, themeButton } from "../common/top";
import { lang, say } from "../i18n";
import { glyph, type Glyph } from "./icons";
import "./addcamera";
import "./auditpage";
import "./camerapage";
import "./countspage";
import "./discoverypage";
import "./list";
import { CamerasModel, PAGES, reasonOf, type Page } from "./model";
import { waiting } from "./parts";
import "./platespage";
import "./precisionpage";
import "./reviewpage";
import { tell } from "./words";

const RETRY_MS = 6_000;
const ICONS: Record<Page, Glyph> = {
  cameras: "camera", review: "review", counts: "chart", precision: "target", plates: "plate", audit: "audit",
};

/** `/desk/cameras/`: cameras, what is asked of their pictures, and what people say of the answers. */
class CamerasApp extends IocElement {
  private readonly model = new CamerasModel();
  private ready = false;
  private failure = "";
  private refused = false;
  private offline = !navigator.onLine;

  constructor() {
    super();
    const { model } = this;
    this.uses(model.home, model.route, model.toast, model.problem, model.waiting, theme);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const follow = () => this.follow();
    const keep = (event: BeforeUnloadEvent) => this.model.unsaved.value && event.preventDefault();
    const line = () => { this.offline = !navigator.onLine; this.requestUpdate(); };
    addEventListener("hashchange", follow);
    addEventListener("beforeunload", keep);
    addEventListener("online", line);
    addEventListener("offline", line);
    this.until(() => removeEventListener("hashchange", follow));
    this.until(() => removeEventListener("beforeunload", keep));
    this.until(lang.on(() => { this.name(); if (this.ready) void this.model.load().catch(() => null); }));
    this.model.follow();
    void this.begin();
  }

  private follow(): void {
    this.model.follow();
    this.name();
  }

  private name(): void {
    const page = this.model.route.value.page;
    document.title = [tell(page), tell("title"), this.ready ? say(this.model.catalogue.city.name) : ""].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      const [catalogue] = await Promise.all([loadCatalogue(), this.model.load()]);
      this.model.catalogue = catalogue;
      this.ready = true;
      this.failure = "";
      this.name();
      void this.model.keep();
    } catch (error) {
      this.refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.failure = reasonOf(error);
      if (!this.refused) setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { page, id } = this.model.route.value;
    return html`<div class="cams" data-page=${page} data-open=${id ? "one" : "all"}>
      ${this.top()}${this.nav(page)}
      <main class="cams-main">${this.offline || this.model.problem.value ? html`<p class="notice warn" role="alert">${glyph("warning")}<span>${this.offline ? tell("offline") : this.model.problem.value}</span></p>` : nothing}
        ${this.ready ? this.page(page, id) : this.wait()}</main>
      ${this.toast()}</div>`;
  }

  private wait(): TemplateResult {
    if (!this.failure) return waiting();
    return html`<div class="wait" role="alert">${glyph("alert")}<h1>${tell(this.refused ? "refused" : "failed")}</h1>
      <p>${this.refused ? tell("refusedWhy") : this.failure}</p>
      ${this.refused ? html`<a class="button primary" href="/accounts/login/?next=/desk/cameras/">${tell("signIn")}</a>`
        : html`<button type="button" class="button" @click=${() => void this.begin()}>${glyph("retry")}${tell("retry")}</button>`}</div>`;
  }

  private top(): TemplateResult {
    return html`<header class="cams-top">
      <a class="icon-button" href="/desk/" aria-label=${tell("toDesk")} title=${tell("toDesk")}>${glyph("back")}</a>
      <div class="cams-name"><b>${tell("title")}</b><small>${this.ready ? say(this.model.catalogue.city.name) : ""}</small></div>
      <span class="spacer"></span>
      <a class="button small plain wide-only" href="/wall/">${glyph("map")}${tell("toWall")}</a>
      <span class="who wide-only">${this.model.home.value?.me.name ?? ""}</span>
      ${languageButton()}
      ${themeButton()}
    </header>`;
  }

  private nav(open: Page): TemplateResult {
    const waits = this.model.waiting.value;
    const shown = PAGES.filter((page) => (page !== "plates" || this.model.may("search_plate")) && (page !== "audit" || this.model.may("audit")));
    return html`<nav class="cams-nav" aria-label=${tell("title")}>${shown.map((page) => html`<a href="#/${page}" aria-current=${page === open ? "page" : nothing}>
      ${glyph(ICONS[page])}<span>${tell(page)}</span>${page === "review" && waits ? html`<small>${waits}</small>` : nothing}</a>`)}</nav>`;
  }

  private page(page: Page, id: string): TemplateResult {
    const { model } = this;
    if (page === "review") return html`<ioc-cam-review .model=${model}></ioc-cam-review>`;
    if (page === "counts") return html`<ioc-cam-counts .model=${model}></ioc-cam-counts>`;
    if (page === "precision") return html`<ioc-cam-precision .model=${model}></ioc-cam-precision>`;
    if (page === "plates" && model.may("search_plate")) return html`<ioc-cam-plates .model=${model}></ioc-cam-plates>`;
    if (page === "audit" && model.may("audit")) return html`<ioc-cam-audit .model=${model}></ioc-cam-audit>`;
    if (id === "find" && model.may("discover")) return html`<ioc-cam-discovery .model=${model}></ioc-cam-discovery>`;
    if (id === "new" && model.may("set_up")) return html`<ioc-cam-add .model=${model}></ioc-cam-add>`;
    if (/^\d+$/.test(id)) return html`<ioc-cam-page .model=${model}></ioc-cam-page>`;
    return html`<ioc-cam-list .model=${model}></ioc-cam-list>`;
  }

  private toast(): TemplateResult {
    const toast = this.model.toast.value;
    return html`<div class="toasts" role="status" aria-live="polite">${toast ? html`
      <div class="toast ${toast.tone}">${glyph(toast.tone === "good" ? "check" : "alert")}<span>${toast.text}</span>
        ${toast.undo ? html`<button type="button" class="button small" @click=${() => { const { undo } = toast; this.model.toast.value = null; void undo?.(); }}>${glyph("undo")}${tell("undo")}</button>` : nothing}
        <button type="button" class="icon-button tiny" aria-label=${tell("close")} @click=${() => (this.model.toast.value = null)}>${glyph("x")}</button></div>` : nothing}</div>`;
  }
}

customElements.define("ioc-cameras", CamerasApp);
