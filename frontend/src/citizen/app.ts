import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { setTheme, theme } from "../common/prefs";
import { lang, say, setLang } from "../i18n";
import { categoriesNow } from "./api";
import "./browse";
import { CityMap, ownPosition } from "./citymap";
import type { Category, Draft } from "./draft";
import "./flow";
import { homeSheet } from "./home";
import { glyph, maki } from "./icons";
import { inboxState, refreshInbox } from "./inbox";
import { learnStates } from "./looks";
import "./mine";
import { outbox } from "./outbox";
import "./stats";
import { otherLanguage, tell } from "./words";

const RETRY_MS = 6_000;
const CLOCK_MS = 30_000;
const VIEWS = ["home", "new", "mine", "list", "stats", "inbox"] as const;
type View = (typeof VIEWS)[number];

/** `/`: the public map, and the way to report. The address's hash says what is open, so that
 * the phone's own back button goes a step back and nothing is lost. */
class Citizen extends IocElement {
  catalogue: Catalogue | null = null;
  categories: Category[] = [];
  city: CityMap | null = null;
  note = "";
  private failed = false;
  private view: View = "home";
  private step = "";
  private draft: Draft | null = null;

  constructor() {
    super();
    this.uses(outbox.drafts, theme, inboxState);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
    // What was left unfinished is read first: a page that opens on a question opens on its answer.
    void outbox.start().then(() => this.route());
    const on = (target: EventTarget, name: string, listener: () => void) => {
      target.addEventListener(name, listener);
      this.until(() => target.removeEventListener(name, listener));
    };
    on(window, "hashchange", () => this.route());
    for (const name of ["online", "offline"]) on(window, name, () => this.requestUpdate());
    on(window, "online", () => void this.load());
    const timer = setInterval(() => this.requestUpdate(), CLOCK_MS);
    this.until(() => clearInterval(timer));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.city?.stop();
    this.city = null;
  }

  private async load(): Promise<void> {
    if (!this.categories.length) void this.loadCategories();
    if (this.city) return;
    try {
      this.catalogue = await loadCatalogue();
      this.failed = false;
      learnStates(this.catalogue);
      if (this.catalogue.viewer.name) void refreshInbox();
      await this.updateComplete;
      this.startMap(this.catalogue);
    } catch {
      this.failed = true;
      setTimeout(() => void this.load(), RETRY_MS);
    }
    this.requestUpdate();
  }

  /** Asked again where a category turned out to be retired. */
  private async loadCategories(): Promise<void> {
    this.categories = await categoriesNow().catch(() => this.categories);
    this.requestUpdate();
  }

  private startMap(catalogue: Catalogue): void {
    if (this.city) return;
    const city = new CityMap(this.querySelector<HTMLElement>(".map")!, catalogue);
    this.city = city;
    document.title = `${say(catalogue.city.name)} · ${tell("title")}`;
    for (const signal of [city.inView, city.selected, city.link, city.loaded, city.floods.zones]) {
      this.until(signal.on(() => this.requestUpdate()));
    }
  }

  private route(): void {
    const path = location.hash.replace(/^#\/?/, "").split("?")[0]!;
    const [view = "", step = ""] = path.split("/");
    this.view = VIEWS.find((each) => each === view) ?? "home";
    this.step = step;
    if (this.view === "new" && !this.draft) this.draft = outbox.current();
    if (this.view !== "new") this.draft = null;
    if (this.view !== "home") this.city?.select("");
    this.requestUpdate();
  }

  protected override updated(): void {
    const map = this.city?.map;
    if (map) requestAnimationFrame(() => map.invalidateSize({ animate: false }));
  }

  override render(): TemplateResult {
    const pinning = this.view === "new" && this.step === "pin";
    return html`<div class="citizen" data-view=${this.view} data-step=${this.step}>
      ${this.top()}
      <main class="whole">
      <div class="stage">
        <div class="map" data-pinning=${pinning || this.view === "list" ? "yes" : "no"}></div>
        ${this.city ? nothing : html`<p class="stage-note" role="status">
          ${this.failed ? tell("mapFailed") : tell("mapLoading")}</p>`}
        ${pinning ? crosshair() : nothing}
        ${this.stageButtons(pinning)}
        ${this.chips()}
      </div>
      ${this.sheet()}
      </main>
    </div>`;
  }

  private top(): TemplateResult {
    const name = this.catalogue ? say(this.catalogue.city.name) : "";
    const viewer = this.catalogue?.viewer.name;
    const dark = theme.value === "dark";
    const { unread } = inboxState.value;
    return html`<header class="top">
      <a class="brand" href="#/">
        <span class="brand-mark">${maki("marker")}</span>
        <span class="brand-words"><strong>${name}</strong><span>${tell("title")}</span></span>
      </a>
      <nav class="top-tools">
        ${viewer ? html`<a class="icon-button bell" href="#/inbox" title=${tell("inbox")}
          aria-label=${unread ? tell("inboxUnread", { n: unread }) : tell("inbox")}>${glyph("bell")}${unread
            ? html`<span class="count">${unread}</span>` : nothing}</a>` : nothing}
        <button class="icon-button language" lang=${lang.value === "vi" ? "en" : "vi"}
          aria-label=${otherLanguage()} title=${tell("otherLanguage")}
          @click=${() => setLang(lang.value === "vi" ? "en" : "vi")}
          >${lang.value === "vi" ? "EN" : "VI"}</button>
        <button class="icon-button" aria-label=${tell(dark ? "themeLight" : "themeDark")}
          title=${tell(dark ? "themeLight" : "themeDark")}
          @click=${() => setTheme(dark ? "light" : "dark")}>${glyph(dark ? "sun" : "moon")}</button>
        <a class="icon-button" href=${viewer ? "/accounts/email/" : "/accounts/login/?next=/"}
          aria-label=${viewer ? `${tell("account")}: ${viewer}` : tell("signIn")}
          title=${viewer ?? tell("signIn")}>${glyph(viewer ? "user" : "signin")}</a>
      </nav>
    </header>`;
  }

  private chips(): TemplateResult {
    const lost = this.city?.link.value.kind === "lost";
    return html`<div class="chips">
      ${navigator.onLine ? nothing
        : html`<p class="chip warn" role="status">${glyph("offline")}${tell("offline")}</p>`}
      ${lost && navigator.onLine ? html`<p class="chip warn" role="status">${tell("lost")}</p>` : nothing}
      ${this.catalogue?.synthetic
        ? html`<p class="chip" title=${tell("syntheticHint")}>${tell("synthetic")}</p>` : nothing}
      ${this.catalogue?.city.schematic
        ? html`<p class="chip">${tell("schematic")}</p>` : nothing}
    </div>`;
  }

  private stageButtons(pinning: boolean): TemplateResult {
    return html`<div class="stage-buttons">
      <button class="round wide-only" aria-label=${tell("zoomIn")}
        @click=${() => this.city?.map.zoomIn()}>${glyph("plus")}</button>
      <button class="round wide-only minus" aria-label=${tell("zoomOut")}
        @click=${() => this.city?.map.zoomOut()}><span></span></button>
      ${pinning ? nothing : html`<button class="round" aria-label=${tell("locate")}
        title=${tell("locate")} @click=${() => this.locate()}>${glyph("locate")}</button>`}
    </div>`;
  }

  private async locate(): Promise<void> {
    try {
      const { longitude, latitude, accuracy } = (await ownPosition()).coords;
      if (!this.city?.inCity(longitude, latitude)) throw new Error("outside");
      this.note = "";
      this.city.toStreet(longitude, latitude);
      this.city.showAccuracy(longitude, latitude, accuracy);
    } catch (error) {
      this.note = tell((error as Error).message === "outside" ? "locateOutside" : "locateDenied");
    }
    this.requestUpdate();
  }

  private sheet(): TemplateResult {
    switch (this.view) {
      case "new":
        return this.draft ? html`<ioc-report-flow class="sheet" .draft=${this.draft} .step=${this.step}
          .categories=${this.categories} .city=${this.city}
          @retry=${() => void this.loadCategories()}></ioc-report-flow>` : html``;
      case "mine":
        return html`<ioc-mine class="sheet full" .categories=${this.categories}
          .signedIn=${Boolean(this.catalogue?.viewer.name)}
          @write=${(event: CustomEvent<Draft>) => this.write(event.detail)}></ioc-mine>`;
      case "list":
        return html`<ioc-browse class="sheet listing" .categories=${this.categories} .city=${this.city}></ioc-browse>`;
      case "stats":
        return html`<ioc-stats class="sheet full broad"></ioc-stats>`;
      case "inbox":
        return html`<ioc-inbox class="sheet full"></ioc-inbox>`;
      default:
        return homeSheet(this);
    }
  }

  /** A new report, apart from those that lie unfinished. */
  begin(): void {
    this.draft = outbox.fresh();
  }

  private write(draft: Draft): void {
    const step = draft.mend || (draft.problem ? "check" : "photo");
    if (draft.follows && draft.state === "refused") draft.follows = "";
    draft.state = "draft";
    this.draft = outbox.take(draft);
    if (draft.mend === "category") void this.loadCategories();
    location.hash = `#/new/${step}`;
  }
}

/** The pin stands still in the middle; the map moves under it. */
function crosshair(): TemplateResult {
  return html`<div class="crosshair" aria-hidden="true"><svg viewBox="0 0 40 56">
    <ellipse class="crosshair-shade" cx="20" cy="53" rx="7" ry="2.6"></ellipse>
    <path d="M20 53C14 42 4 32 4 19a16 16 0 0 1 32 0c0 13-10 23-16 34Z"></path>
    <circle cx="20" cy="19" r="6"></circle></svg></div>`;
}

export type { Citizen };
customElements.define("ioc-citizen", Citizen);
