import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { FloodPanel } from "../environment/floodpanel";
import { tell } from "../environment/words";
import { recall, remember, setTheme, theme } from "../common/prefs";
import { lang, say, t } from "../i18n";
import { clock } from "../i18n/format";
import { Card } from "./card";
import { Feed } from "./feed";
import { helpBody } from "./help";
import { InView } from "./inview";
import { listenKeys } from "./keys";
import { LayerPanel } from "./layerpanel";
import { WallModel } from "./model";
import type { WallPart } from "./part";
import * as permalink from "./permalink";
import { Situation } from "./situation";
import { Stage } from "./stage";
import { TimeBar } from "./timebar";
import { TopBar, toggleFullScreen } from "./topbar";

const RETRY_MS = 5_000;
const SESSION_CHECK_MS = 20_000;
const NARROW = matchMedia("(max-width: 60rem)");
/** Too little room for the flood panel, a card and the feed beside each other. */
const CRAMPED = matchMedia("(max-width: 96rem)");

/** `<ioc-wall>`: the operators' wall. Loads the catalogue, then lays out the parts round the map. */
export class Wall extends IocElement {
  private model: WallModel | null = null;
  private stage: Stage | null = null;
  private parts!: {
    top: TopBar; layers: LayerPanel; list: InView; feed: Feed;
    situation: Situation; bar: TimeBar; card: Card;
  };
  private flood!: FloodPanel;
  private failure = "";
  private helpOpen = false;
  private linkTimer = 0;
  private mended = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(lang.on(() => this.name()));
    void this.begin();
  }

  private name(): void {
    const city = this.model ? say(this.model.catalogue.city.name) : "";
    document.title = [t("wall.title"), city].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      this.ready(await loadCatalogue());
      this.failure = "";
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  private ready(catalogue: Catalogue): void {
    const model = new WallModel(catalogue);
    this.model = model;
    this.name();
    const link = permalink.read(location.hash, model.book);
    if (link.theme && link.theme !== theme.value) setTheme(link.theme);
    const folded = (recall("folded") ?? "").split(",");
    model.leftOpen.value = !NARROW.matches && !folded.includes("left");
    model.rightOpen.value = !NARROW.matches && !folded.includes("right");
    this.parts = {
      top: new TopBar(model), layers: new LayerPanel(model), list: new InView(model),
      feed: new Feed(model), situation: new Situation(model), bar: new TimeBar(model), card: new Card(model),
    };
    this.flood = new FloodPanel(model.flood, {
      say: (text, tone) => model.say(text, tone),
      pick: (slug, id) => this.goTo(slug, id),
    });
    this.parts.top.onHelp = () => void this.help(true);
    for (const signal of [model.leftOpen, model.rightOpen, model.leftTab, model.wallMode, model.toast,
      model.selected, model.time.live, model.time.playing, model.feeding.link.state, model.measuring, model.flood.spot]) {
      this.until((signal as { on(l: () => void): () => void }).on(() => this.requestUpdate()));
    }
    setInterval(() => void this.stillSignedIn(model), SESSION_CHECK_MS);
    model.feeding.link.state.on((state) => {
      if (state.kind === "live" && this.mended < 0) model.say(t("link.mended"), "good");
      this.mended = state.kind === "lost" ? -1 : 0;
    });
    this.requestUpdate();
    void this.updateComplete.then(() => this.standMap(model, link));
  }

  /** A session that ended refuses the stream for ever: the page asks for the sign-in instead. */
  private async stillSignedIn(model: WallModel): Promise<void> {
    if (model.feeding.link.state.value.kind !== "lost" || !model.catalogue.viewer.name) return;
    const now = await loadCatalogue().catch(() => null);
    if (now && !now.viewer.name) location.reload();
  }

  private standMap(model: WallModel, link: permalink.LinkState): void {
    const stage = new Stage(model, this.querySelector<HTMLElement>(".map")!);
    this.stage = stage;
    for (const part of Object.values(this.parts) as WallPart[]) part.stage = stage;
    if (link.place) stage.map.setView([link.place.lat, link.place.lon], link.place.zoom, { animate: false });
    if (link.selected) model.select(link.selected.slug, link.selected.id);
    if (link.atMs) model.time.seek(link.atMs);
    if (link.flood && link.place) stage.flood.framed = link.flood.gauge;
    if (link.flood && model.hasFlood) void model.flood.open(link.flood.gauge, link.flood.aCm, link.flood.bCm, link.flood.tideCm);
    model.start();
    const keep = () => this.keepLink();
    model.moved.on(keep);
    model.book.changed.on(keep);
    model.selected.on(keep);
    model.flood.spot.on(keep);
    model.flood.spot.on((spot) => spot && CRAMPED.matches && (model.rightOpen.value = false));
    model.time.live.on(keep);
    model.time.arrived.on(keep);
    theme.on(keep);
    const fold = () => remember("folded", [model.leftOpen.value ? "" : "left", model.rightOpen.value ? "" : "right"].filter(Boolean).join());
    if (!NARROW.matches) {
      model.leftOpen.on(fold);
      model.rightOpen.on(fold);
    }
    this.until(listenKeys(model, {
      search: () => this.parts.top.search.focus(),
      help: () => void this.help(!this.helpOpen),
      full: toggleFullScreen,
      list: () => this.focusList(),
      flood: () => this.toggleFlood(),
      escape: () => (this.helpOpen ? (void this.help(false), true) : this.flood.shut()),
    }));
    this.requestUpdate();
  }

  /** The address always says what is on screen; written at rest, for browsers ration it. */
  private keepLink(): void {
    clearTimeout(this.linkTimer);
    this.linkTimer = setTimeout(() => {
      const { model, stage } = this;
      if (!model || !stage) return;
      const { lat, lng } = stage.map.getCenter();
      const hash = permalink.write({
        place: { zoom: stage.map.getZoom(), lat, lon: lng },
        selected: model.selected.value,
        atMs: model.time.live.value ? null : model.time.at.value,
        theme: theme.value,
        flood: model.flood.spot.value,
      }, model.book);
      if (hash !== location.hash) history.replaceState(null, "", hash);
    }, 500);
  }

  private toggleFlood(): void {
    const { model } = this;
    if (!model?.hasFlood || model.wallMode.value) return;
    if (model.flood.spot.value) model.flood.close();
    else void model.flood.open();
  }

  /** To a feature that stands in the water. */
  private goTo(slug: string, id: string): void {
    const view = this.model?.book.get(slug);
    if (!view) return;
    this.model!.book.show(view);
    this.model!.select(slug, id);
    const at = this.stage?.whereIs(slug, id);
    if (at) this.stage!.flyTo(at[0], at[1]);
  }

  private focusList(): void {
    const { model } = this;
    if (!model) return;
    model.leftOpen.value = true;
    model.leftTab.value = "list";
    this.parts.list.focusFirst();
  }

  private async help(open: boolean): Promise<void> {
    if (this.model?.wallMode.value) return;
    await import("@awesome.me/webawesome/dist/components/dialog/dialog.js");
    this.helpOpen = open;
    this.requestUpdate();
  }

  protected override render() {
    const { model } = this;
    if (!model) return this.waiting();
    const live = model.time.live.value;
    const link = model.feeding.link.state.value;
    const classes = [
      "wall", model.leftOpen.value ? "left-open" : "", model.rightOpen.value ? "right-open" : "",
      live ? "" : "is-past", link.kind === "lost" ? "is-lost" : "", model.wallMode.value ? "wall-mode" : "",
      model.selected.value ? "has-card" : "", model.flood.spot.value ? "has-flood" : "",
    ].filter(Boolean).join(" ");
    return html`<div class=${classes}>
      <a class="skip" href="#list" @click=${(event: Event) => { event.preventDefault(); this.focusList(); }}>${t("wall.skip")}</a>
      <header class="top">${this.parts.top}</header>
      <aside class="left" aria-label=${t("layers.title")} ?inert=${!model.leftOpen.value}>${this.left(model)}</aside>
      <main class="centre">
        ${model.wallMode.value ? html`<h1 class="visually-hidden">${say(model.catalogue.city.name)}</h1>` : nothing}
        <div class="map" tabindex="0"></div>
        ${this.controls(model)}
        ${link.kind === "lost" ? html`<div class="lost-bar" role="alert"><ioc-icon name="offline"></ioc-icon>
          ${t("link.lost", { at: clock(link.sinceMs / 1000, true) })}</div>` : nothing}
        ${live ? nothing : html`<div class="past-badge" role="status"><ioc-icon name="clock"></ioc-icon>
          <b>${t(model.time.playing.value ? "bar.replay" : "bar.paused")}</b></div>`}
        ${this.parts.card}${this.flood}
        ${model.toast.value ? html`<div class="toast ${model.toast.value.tone}" role="status">${model.toast.value.text}</div>` : nothing}
      </main>
      <aside class="right" aria-label=${t("feed.title")} ?inert=${!model.rightOpen.value && !model.wallMode.value}>${this.parts.feed}</aside>
      <section class="tiles" aria-label=${t("tiles.title")}>${this.parts.situation}</section>
      <footer class="bottom" aria-label=${t("bar.slider")}>${this.parts.bar}</footer>
      <button type="button" class="scrim" tabindex="-1" aria-label=${t("close")} @click=${() => {
        model.leftOpen.value = false;
        model.rightOpen.value = false;
      }}></button>
      ${model.wallMode.value ? html`<button type="button" class="button small leave" @click=${() => (model.wallMode.value = false)}>
        <ioc-icon name="minimize"></ioc-icon>${t("wallmode.leave")}</button>` : nothing}
      ${this.helpOpen ? html`<wa-dialog open without-header light-dismiss label=${t("help.title")}
        @wa-after-hide=${() => void this.help(false)}>${helpBody()}
        <button type="button" class="button primary dialog-close" data-dialog="close" autofocus>${t("close")}</button></wa-dialog>` : nothing}
    </div>`;
  }

  private left(model: WallModel) {
    const tab = model.leftTab.value;
    const choose = (next: "layers" | "list") => () => (model.leftTab.value = next);
    return html`<div class="tab-row"><div class="tabs" role="tablist" aria-label=${t("layers.title")}>
        <button type="button" role="tab" id="tab-layers" aria-controls="left-body" aria-selected=${tab === "layers"} @click=${choose("layers")}>
          <ioc-icon name="layers"></ioc-icon>${t("layers.tab")}</button>
        <button type="button" role="tab" id="tab-list" aria-controls="left-body" aria-selected=${tab === "list"} @click=${choose("list")}>
          <ioc-icon name="list"></ioc-icon>${t("layers.inview")}</button></div>
        <button type="button" class="icon-button small" aria-label=${t("layers.fold")} title="${t("layers.fold")} (l)"
          @click=${() => (model.leftOpen.value = false)}><ioc-icon name="left"></ioc-icon></button></div>
      <div class="panel-body" role="tabpanel" id="left-body" aria-labelledby="tab-${tab}">
        ${keyed(tab, tab === "layers" ? this.parts.layers : this.parts.list)}</div>`;
  }

  private controls(model: WallModel) {
    const { stage } = this;
    const button = (icon: string, label: string, act: () => void, pressed?: boolean) => html`
      <button type="button" aria-label=${label} title=${label} aria-pressed=${pressed === undefined ? nothing : pressed} @click=${act}>
        <ioc-icon name=${icon}></ioc-icon></button>`;
    return html`${model.leftOpen.value ? nothing : html`<button type="button" class="unfold left-unfold" aria-label=${t("layers.unfold")}
        title="${t("layers.unfold")} (l)" @click=${() => (model.leftOpen.value = true)}><ioc-icon name="layers"></ioc-icon></button>`}
      <div class="map-controls" role="group" aria-label=${t("wall.map", { city: say(model.catalogue.city.name) })}>
        <span>${button("plus", t("map.zoomin"), () => stage?.map.zoomIn())}${button("minus", t("map.zoomout"), () => stage?.map.zoomOut())}</span>
        <span>${button("home", t("map.home"), () => stage?.showWhole())}${button("locate", t("map.locate"), () => stage?.locate())}
        ${button("ruler", t("map.measure"), () => (model.measuring.value = !model.measuring.value), model.measuring.value)}</span>
        ${model.hasFlood ? html`<span>${button("waves", tell("floodOpen"), () => this.toggleFlood(), model.flood.spot.value !== null)}</span>` : nothing}</div>`;
  }

  private waiting() {
    return html`<div class="starting" role="status">${this.failure
      ? html`<ioc-icon name="offline"></ioc-icon><h1>${t("wall.failed")}</h1><p>${t("wall.failed.why", { why: this.failure })}</p>
        <button type="button" class="button primary" @click=${() => void this.begin()}>${t("wall.retry")}</button>`
      : html`<span class="spinner"></span><p>${t("wall.loading")}</p>`}</div>`;
  }
}

customElements.define("ioc-wall", Wall);
