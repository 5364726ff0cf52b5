import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue, serverNow } from "../common/catalogue";
import type { Catalogue, Choice } from "../common/contract";
import { getJson } from "../common/http";
import { IocElement } from "../common/element";
import { setTheme, theme } from "../common/prefs";
import { lang, say, setLang } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import { CityMap, ownPosition, type Seen } from "./citymap";
import { hasContent, type Category, type Draft } from "./draft";
import "./flow";
import { glyph, maki } from "./icons";
import { mineList, tray } from "./mine";
import { outbox } from "./outbox";
import { otherLanguage, tell } from "./words";

const RETRY_MS = 6_000;
const CLOCK_MS = 30_000;
type View = "home" | "new" | "mine";

/** `/`: the public map, and the way to report. The address's hash says what is open, so that
 * the phone's own back button goes a step back and nothing is lost. */
class Citizen extends IocElement {
  private catalogue: Catalogue | null = null;
  private categories: Category[] = [];
  private city: CityMap | null = null;
  private failed = false;
  private view: View = "home";
  private step = "";
  private draft: Draft | null = null;
  private listed = false;
  private note = "";
  private doomed = "";

  constructor() {
    super();
    this.uses(outbox.drafts, theme);
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
    if (!this.categories.length) {
      getJson<Category[]>("/api/v1/reports/categories")
        .then((categories) => (this.categories = categories))
        .catch(() => undefined)
        .finally(() => this.requestUpdate());
    }
    if (this.city) return;
    try {
      this.catalogue = await loadCatalogue();
      this.failed = false;
      await this.updateComplete;
      this.startMap(this.catalogue);
    } catch {
      this.failed = true;
      setTimeout(() => void this.load(), RETRY_MS);
    }
    this.requestUpdate();
  }

  private startMap(catalogue: Catalogue): void {
    if (this.city) return;
    const city = new CityMap(this.querySelector<HTMLElement>(".map")!, catalogue);
    this.city = city;
    document.title = `${say(catalogue.city.name)} · ${tell("title")}`;
    for (const signal of [city.inView, city.selected, city.link, city.loaded]) {
      this.until(signal.on(() => this.requestUpdate()));
    }
  }

  private route(): void {
    const [view = "", step = ""] = location.hash.replace(/^#\/?/, "").split("/");
    this.view = view === "new" || view === "mine" ? view : "home";
    this.step = step;
    if (this.view === "new" && !this.draft) this.draft = outbox.unfinished();
    if (this.view !== "new") this.draft = null;
    this.doomed = "";
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
        <div class="map" data-pinning=${pinning ? "yes" : "no"}></div>
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
    return html`<header class="top">
      <a class="brand" href="#/">
        <span class="brand-mark">${maki("marker")}</span>
        <span class="brand-words"><strong>${name}</strong><span>${tell("title")}</span></span>
      </a>
      <nav class="top-tools">
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
    if (this.view === "new" && this.draft) {
      return html`<ioc-report-flow class="sheet" .draft=${this.draft} .step=${this.step}
        .categories=${this.categories} .city=${this.city}
        @retry=${() => void this.load()}></ioc-report-flow>`;
    }
    if (this.view === "mine") return this.mine();
    return this.home();
  }

  private mine(): TemplateResult {
    return html`<section class="sheet full" aria-labelledby="mine-title">
      <div class="sheet-head">
        <a class="icon-button" href="#/" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1 id="mine-title">${tell("mine")}</h1>
      </div>
      <div class="sheet-body">
        ${mineList(outbox.drafts.value.filter((one) => one.state !== "draft" || hasContent(one)), {
          categories: this.categories,
          doomed: this.doomed,
          doom: (key) => {
            this.doomed = key;
            this.requestUpdate();
          },
          open: (draft) => this.write(draft),
        })}
      </div>
    </section>`;
  }

  private write(draft: Draft): void {
    draft.state = "draft";
    this.draft = draft;
    location.hash = `#/new/${draft.mend || (draft.problem ? "check" : "photo")}`;
  }

  private home(): TemplateResult {
    const chosen = this.city?.selected.value ?? null;
    const kept = outbox.drafts.value.length;
    return html`<section class="sheet home ${this.listed ? "listed" : ""}">
      ${chosen ? this.card(chosen) : html`
        <div class="hero">
          <h1>${tell("hero")}</h1>
          <p class="quiet">${tell("heroText")}</p>
          <ol class="how">
            <li>${glyph("camera")}${tell("how1")}</li>
            <li>${glyph("pin")}${tell("how2")}</li>
            <li>${glyph("send")}${tell("how3")}</li>
          </ol>
        </div>`}
      ${this.note ? html`<p class="note" role="status">${this.note}</p>` : nothing}
      ${tray(outbox.drafts.value)}
      <div class="home-actions">
        <a class="button primary big" id="start" href="#/new/photo">${glyph("plus")}${tell("report")}</a>
        <button class="button big list-toggle" aria-expanded=${this.listed}
          @click=${() => this.toggleList()}>${glyph("list")}<span>${tell(this.listed ? "listHide" : "listShow")}</span></button>
        <a class="button big" href="#/mine" aria-label=${tell("mine")} title=${tell("mine")}
          >${glyph("text")}${kept ? html`<span class="count">${kept}</span>` : nothing}
          <span class="wide-only">${tell("mine")}</span></a>
      </div>
      <div class="in-view">
        <h2>${tell("latest")}</h2>
        ${this.list()}
      </div>
    </section>`;
  }

  private toggleList(): void {
    this.listed = !this.listed;
    this.requestUpdate();
  }

  private list(): TemplateResult {
    const seen = this.city?.inView.value ?? [];
    if (!this.city?.loaded.value) return html`<p class="quiet">${tell("mapLoading")}</p>`;
    if (!seen.length) return html`<p class="quiet empty">${tell("noneInView")}</p>`;
    return html`<ul class="rows">${seen.map((one) => html`<li>
      <button class="row" @click=${() => this.city?.show(one)}>
        ${this.badge(one)}
        <span class="row-words"><strong>${this.categoryOf(one)}</strong>
          <span class="quiet">${this.stateOf(one)} · ${ago(one.t, serverNow())}</span></span>
        ${glyph("next")}
      </button></li>`)}</ul>`;
  }

  private badge(one: Seen): TemplateResult {
    const color = this.choiceOf(one, "category_id")?.color || "var(--kind-report)";
    return html`<span class="badge" style="--badge:${color}">${maki(String(one.props.icon ?? "marker"))}</span>`;
  }

  private choiceOf(one: Seen, field: string): Choice | undefined {
    const value = String(one.props[field] ?? "");
    const choices = this.city?.reports?.fields.find((each) => each.name === field)?.choices ?? [];
    return choices.find((choice) => choice.value === value);
  }

  private categoryOf(one: Seen): string {
    return say(this.choiceOf(one, "category_id")?.title) || tell("title");
  }

  private stateOf(one: Seen): string {
    return say(this.choiceOf(one, "state")?.title);
  }

  private card(one: Seen): TemplateResult {
    const code = String(one.props.code ?? "");
    return html`<article class="card" aria-live="polite">
      ${this.badge(one)}
      <div class="card-words">
        <h1>${this.categoryOf(one)}</h1>
        <p class="quiet"><span class="state" style="--badge:${this.city?.styler?.lookOf(one.props).color ?? ""}"
          >${this.stateOf(one)}</span> · <span title=${dateTime(one.t)}>${ago(one.t, serverNow())}</span></p>
        <p class="quiet small">${code} · ${tell("cardPublic")}${one.props.synthetic
          ? html` · <span class="mark">${tell("syntheticOne")}</span>` : nothing}</p>
        <a class="button small" href="/r/${code}">${tell("open")}${glyph("next")}</a>
      </div>
      <button class="icon-button" aria-label=${tell("close")}
        @click=${() => this.city?.select("")}>${glyph("close")}</button>
    </article>`;
  }
}

/** The pin stands still in the middle; the map moves under it. */
function crosshair(): TemplateResult {
  return html`<div class="crosshair" aria-hidden="true"><svg viewBox="0 0 40 56">
    <ellipse class="crosshair-shade" cx="20" cy="53" rx="7" ry="2.6"></ellipse>
    <path d="M20 53C14 42 4 32 4 19a16 16 0 0 1 32 0c0 13-10 23-16 34Z"></path>
    <circle cx="20" cy="19" r="6"></circle></svg></div>`;
}

customElements.define("ioc-citizen", Citizen);
