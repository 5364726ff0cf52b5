import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { LiveLink } from "../common/live";
import { theme } from "../common/prefs";
import { languageButton, signOutButton, themeButton } from "../common/top";
import { lang, say } from "../i18n";
import { clock, number } from "../i18n/format";
import type { AlertPart } from "./alertpart";
import { Dock } from "./dock";
import { VesselDrawer } from "./drawer";
import { toggleFavourite } from "./favourites";
import { glyph } from "./icons";
import { listenKeys } from "./keys";
import { FleetList } from "./list";
import { FleetModel, reasonOf, type Page } from "./model";
import { FleetStage } from "./stage";
import { helpBody, tell } from "./words";

const NARROW = matchMedia("(max-width: 48rem)");
const RETRY_MS = 6_000;
const CLOCK_MS = 10_000;
const LAYERS = ["vessels", "vessel-alerts"];
const SEEK_S = 600;

/** `<ioc-fleet>`: where fisheries officers watch the fleet and act on what it needs. */
class FleetApp extends IocElement {
  private readonly model = new FleetModel();
  private catalogue: Catalogue | null = null;
  private parts: { list: FleetList; stage: FleetStage; dock: Dock; drawer: VesselDrawer } | null = null;
  private readonly live = new LiveLink({
    changes: (changes) => this.parts?.stage.moved(this.model.apply(changes)),
    reset: () => this.follow(),
  });
  private failure = "";
  private refused = false;
  private wasLost = false;

  constructor() {
    super();
    const { model } = this;
    this.uses(model.state, model.open, model.page, model.night, model.toast, model.fleet, theme, this.live.state,
      model.past.picks, model.past.area);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { model } = this;
    this.until(lang.on(() => this.name()));
    const followLink = () => this.parts && model.followLink();
    addEventListener("hashchange", followLink);
    this.until(() => removeEventListener("hashchange", followLink));
    this.until(this.live.state.on((state) => {
      if (state.kind === "live" && this.wasLost) {
        model.say(tell("mended"), "good");
        model.hint();
      }
      this.wasLost = state.kind === "lost";
    }));
    const redraw = () => this.requestUpdate();
    NARROW.addEventListener("change", redraw);
    this.until(() => NARROW.removeEventListener("change", redraw));
    const tick = setInterval(redraw, CLOCK_MS);
    this.until(() => clearInterval(tick));
    this.listen();
    void this.begin();
  }

  private listen(): void {
    const { model } = this;
    this.until(listenKeys({
      step: (by) => {
        const next = model.neighbour(by);
        if (!next) return;
        model.cursor.value = next;
        model.hovered.value = next;
        if (model.open.value) model.show(next);
      },
      open: () => model.cursor.value && model.show(model.cursor.value),
      pick: () => {
        const id = model.cursor.value || model.open.value;
        if (id) model.past.togglePick(id);
      },
      tool: (tool) => (model.tool.value = model.tool.value === tool ? "" : tool),
      play: () => model.past.active && void model.past.play(),
      seek: (by) => model.past.active && model.past.seek((model.past.at.value ?? model.past.span.value.to) + by * SEEK_S),
      star: () => {
        const id = model.cursor.value || model.open.value;
        if (id) toggleFavourite(id);
      },
      night: () => model.setNight(!model.night.value),
      search: () => {
        model.page.value = "list";
        this.parts?.list.focusSearch();
      },
      full: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
      help: () => this.help(),
      escape: () => this.escape(),
    }));
  }

  private name(): void {
    document.title = [tell("title"), this.catalogue ? say(this.catalogue.city.name) : ""].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      this.catalogue = await loadCatalogue();
      this.failure = "";
      const { model } = this;
      model.begin();
      void model.places.load(this.catalogue);
      this.parts ??= {
        list: new FleetList(model), stage: new FleetStage(model, this.catalogue),
        dock: new Dock(model), drawer: new VesselDrawer(model),
      };
      this.name();
      const followed = LAYERS.filter((slug) => this.catalogue!.layers.some((layer) => layer.slug === slug));
      if (followed.length) this.live.start(followed, this.catalogue.seq);
    } catch (error) {
      this.refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.failure = reasonOf(error);
      if (!this.refused) setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  /** After a gap that the stream cannot fill: everything is asked anew. */
  private async follow(): Promise<void> {
    const { seq, layers } = await loadCatalogue();
    this.model.hint();
    this.live.start(LAYERS.filter((slug) => layers.some((layer) => layer.slug === slug)), seq);
  }

  /** Closes one thing at a time, the topmost first. */
  private escape(): void {
    const { model } = this;
    if (this.querySelector<AlertPart>("ioc-alert-part")?.shutSheet() || this.querySelector("dialog[open]")) return;
    const typing = document.activeElement?.matches("input:not([type=range]), textarea, select");
    if (model.tool.value) model.tool.value = "";
    else if (typing) (document.activeElement as HTMLElement).blur();
    else if (model.handling.stage.value) model.handling.choose("");
    else if (model.open.value) model.show("");
    else if (model.past.active) model.past.clear();
  }

  private help(): void {
    const dialog = this.querySelector<HTMLDialogElement>("dialog.help");
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
  }

  protected override render(): TemplateResult {
    const { model, parts } = this;
    if (!parts || model.state.value === "refused") return this.waiting();
    const link = this.live.state.value;
    const page = model.page.value;
    const away = (one: Page) => NARROW.matches && page !== one;
    const classes = ["fleet", `page-${page}`, model.open.value ? "has-file" : "", model.past.active ? "has-dock" : "",
      link.kind === "lost" ? "is-lost" : "", model.night.value ? "is-night" : ""].filter(Boolean).join(" ");
    return html`<div class=${classes}>
      <a class="skip" href="#list" @click=${(event: Event) => { event.preventDefault(); parts.list.focusRow(); }}>${tell("skip")}</a>
      ${this.top()}
      ${link.kind === "lost" ? html`<p class="lost-bar" role="alert">${glyph("offline")}${tell("lost", { at: clock(link.sinceMs / 1000, true) })}</p>` : nothing}
      <main class="fleet-list" ?inert=${away("list")} aria-label=${tell("listName")}>${parts.list}</main>
      <section class="fleet-sea" ?inert=${away("map")} aria-label=${tell("mapName")}>${parts.stage}<div class="dock" ?hidden=${!model.past.active} role="region" aria-label=${tell("dockName")}>${parts.dock}</div></section>
      <aside class="fleet-file" ?inert=${away("file")} ?hidden=${!model.open.value} aria-label=${tell("file")}>${parts.drawer}</aside>
      ${this.tabs()}
      <div class="notices" aria-live="polite">${model.toast.value ? html`<div class="toast ${model.toast.value.tone}" role=${model.toast.value.tone === "bad" ? "alert" : "status"}>
        ${glyph(model.toast.value.tone === "bad" ? "warning" : "check")}<span>${model.toast.value.text}</span></div>` : nothing}</div>
      <dialog class="help" aria-label=${tell("help")} @click=${(event: Event) => event.target === event.currentTarget && this.help()}>
        <div class="help-body">${helpBody()}<button type="button" class="button primary" autofocus @click=${() => this.help()}>${tell("close")}</button></div></dialog>
      ${model.night.value ? html`<div class="night-veil" aria-hidden="true"></div><div class="night-red" aria-hidden="true"></div>` : nothing}
    </div>`;
  }

  private top(): TemplateResult {
    const { model } = this;
    const catalogue = this.catalogue!;
    const lost = this.live.state.value.kind === "lost";
    return html`<header class="fleet-top">
      <a class="brand" href="/fleet/"><span class="brand-mark">${glyph("anchor")}</span>
        <span><b>${tell("title")}</b><small>${say(catalogue.city.name)}${model.vessels.size ? ` · ${tell("vessels", { n: number(model.vessels.size, 0) })}` : ""}</small></span></a>
      ${catalogue.synthetic ? html`<span class="tag dashed" title=${tell("syntheticHint")}>${tell("synthetic")}</span>` : nothing}
      <span class="spacer"></span>
      <span class="live-state wide-only ${lost ? "off" : ""}"><i></i>${lost ? tell("offNow") : tell("liveNow")} <time>${clock(Date.now() / 1000)}</time></span>
      ${["operator", "admin", "fisheries_officer"].includes(catalogue.viewer.role ?? "") ? html`<a class="button small plain wide-only" href="/wall/">${glyph("map")}${tell("toWall")}</a>` : nothing}
      <button type="button" class="icon-button night-button" aria-pressed=${model.night.value} aria-label=${tell("night")} title="${tell("night")} (n)" @click=${() => model.setNight(!model.night.value)}>${glyph("night")}</button>
      ${themeButton()}
      ${languageButton()}
      <button type="button" class="icon-button wide-only" aria-label=${tell("help")} title="${tell("help")} (?)" @click=${() => this.help()}>${glyph("help")}</button>
      <span class="me wide-only">${catalogue.viewer.name}</span>
      ${signOutButton(catalogue.viewer.name ?? "")}</header>`;
  }

  /** On a phone the list, the map and the file are pages. */
  private tabs(): TemplateResult {
    const { model } = this;
    const tab = (page: Page, icon: Parameters<typeof glyph>[0], label: string, off = false) => html`<button type="button" ?disabled=${off}
      aria-current=${model.page.value === page ? "page" : nothing} @click=${() => (model.page.value = page)}>${glyph(icon)}<span>${label}</span></button>`;
    return html`<nav class="tabs" aria-label=${tell("pages")}>${tab("list", "list", tell("tabList"))}${tab("map", "map", tell("tabMap"))}
      ${tab("file", "ship", model.open.value ? model.nameOf(model.open.value) : tell("tabFile"), !model.open.value)}</nav>`;
  }

  private waiting(): TemplateResult {
    const refused = this.refused || this.model.state.value === "refused";
    const why = this.failure || this.model.problem;
    if (!this.failure && !refused) return html`<div class="starting" role="status"><span class="spinner"></span><p>${tell("loading")}</p></div>`;
    return html`<div class="starting" role="alert">${glyph(refused ? "shield" : "offline")}<h1>${tell(refused ? "noSeat" : "failed")}</h1>
      <p>${refused ? why : tell("failedWhy", { why })}</p>
      ${refused ? nothing : html`<button type="button" class="button primary" @click=${() => void this.begin()}>${tell("retry")}</button>`}</div>`;
  }
}

customElements.define("ioc-fleet", FleetApp);
