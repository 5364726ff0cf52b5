import { html, nothing } from "lit";
import { serverNow } from "../common/catalogue";
import type { CardAction, CardLink, FeatureDetail, Field, Props } from "../common/contract";
import { HttpError, send } from "../common/http";
import { loadFeature } from "../common/services";
import { lang, say, t } from "../i18n";
import { ago, dateTime, measure, position } from "../i18n/format";
import { type StationPart } from "../environment/station";
import "../environment/station";
import "./chart";
import type { LayerView } from "./layerbook";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { swatch } from "./swatch";

const REFRESH_MS = 30_000;
/** Facts that stand on the card already, as a mark or beside a value. */
const SAID_ELSEWHERE = new Set(["synthetic", "unit"]);

/** All about one feature, in the words of the catalogue. Follows the time that the map shows. */
export class Card extends WallPart {
  private detail: FeatureDetail | null = null;
  private state: "busy" | "ready" | "gone" | "failed" = "busy";
  private key = "";
  private asking: AbortController | null = null;
  private timer = 0;
  private following = false;
  private sure: CardAction | null = null;

  constructor(model: WallModel) {
    super(model);
    this.uses(model.selected, model.time.live, model.time.arrived, model.feeding.arrived, model.book.changed);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.model.selected.on(() => this.chosen()));
    this.until(this.model.feeding.arrived.on(() => this.follow()));
    this.until(this.model.time.arrived.on(() => this.follow()));
    this.until(() => clearTimeout(this.timer));
    this.chosen();
  }

  private view(): LayerView | undefined {
    return this.model.book.get(this.model.selected.value?.slug);
  }

  private chosen(): void {
    const chosen = this.model.selected.value;
    const key = chosen ? `${chosen.slug}/${chosen.id}` : "";
    if (key === this.key) return;
    this.key = key;
    this.detail = null;
    this.following = false;
    this.sure = null;
    this.state = "busy";
    if (chosen) void this.load();
    else clearTimeout(this.timer);
  }

  private async load(): Promise<void> {
    const chosen = this.model.selected.value;
    const view = this.view();
    clearTimeout(this.timer);
    if (!chosen || !view) return;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      this.detail = await loadFeature(view.info, chosen.id, asking.signal);
      this.state = "ready";
      const geometry = this.detail.geometry;
      // The canvas rings what it holds; for a feature of a tile a mark says which one it is.
      if (!view.held && geometry?.type === "Point") {
        this.stage?.ring(geometry.coordinates[0]!, geometry.coordinates[1]!);
      }
      const error = Number(this.detail.properties.error_m ?? 0);
      if (geometry?.type === "Point" && error) this.stage?.doubt(geometry.coordinates[0]!, geometry.coordinates[1]!, error);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.state = error instanceof HttpError && error.status === 404 ? "gone" : "failed";
    }
    this.timer = setTimeout(() => void this.load(), REFRESH_MS);
    this.requestUpdate();
  }

  /** Properties at the time shown: from the store, which moves, else from the detail. */
  private props(view: LayerView, id: string): { props: Props; at: number | null } {
    const store = this.model.time.live.value || !view.replays ? view.store : view.past;
    const i = store.row(id);
    const detail = this.detail?.properties ?? {};
    if (i < 0) {
      const at = this.detail?.at ? Date.parse(this.detail.at) / 1000 : null;
      return { props: detail, at };
    }
    const rest = this.model.time.live.value ? detail : {};
    return { props: { ...rest, ...store.props[i] }, at: store.t[i]! || null };
  }

  private follow(): void {
    const chosen = this.model.selected.value;
    if (!this.following || !chosen) return;
    const at = this.stage?.whereIs(chosen.slug, chosen.id);
    if (at) this.stage!.map.panTo([at[1], at[0]]);
  }

  protected override render() {
    const chosen = this.model.selected.value;
    const view = this.view();
    if (!chosen || !view) return nothing;
    const { props, at } = this.props(view, chosen.id);
    const by = view.info.style.by;
    const look = by && props[by] !== undefined ? String(props[by]) : undefined;
    const title = view.titleOf(props, lang.value) || this.detail?.title || `${say(view.info.title)} ${chosen.id}`;
    const now = this.model.time.live.value ? serverNow() : this.model.time.at.value;
    const broad = view.info.style.kind === "sensor";
    const synthetic = this.detail?.synthetic ?? Boolean(props.synthetic);
    return html`<article class="card ${broad ? "broad" : ""}" aria-labelledby="card-title">
      <header>${swatch(view.info, view.styler, look)}
        <div><small>${say(view.info.title)}</small><h2 id="card-title">${title}</h2></div>
        <button type="button" class="icon-button small" aria-label=${t("card.close")} title="${t("card.close")} (Esc)"
          @click=${() => (this.model.selected.value = null)}><ioc-icon name="x"></ioc-icon></button></header>
      <div class="card-body" tabindex="0" role="group" aria-labelledby="card-title">
        <p class="card-marks">${this.stateBadge(view, look)}
          ${at ? html`<time datetime=${new Date(at * 1000).toISOString()} title=${dateTime(at)}>${ago(at, now)}</time>` : nothing}
          ${at && view.styler.isOld(at, now / 1000) ? html`<span class="mark stale">${t("card.stale")}</span>` : nothing}
          ${synthetic ? html`<span class="mark synthetic">${t("card.synthetic")}</span>` : nothing}
          ${this.model.time.live.value ? nothing : html`<span class="mark past">${t("card.asof", { at: dateTime(this.model.time.at.value / 1000) })}</span>`}</p>
        ${this.media()}${broad ? [this.series(view), this.facts(view, props, look)] : [this.facts(view, props, look), this.series(view)]}${this.links()}${this.note()}</div>
      ${this.footer(chosen)}</article>`;
  }

  private stateBadge(view: LayerView, look: string | undefined) {
    const field = view.info.fields.find((each) => each.name === view.info.style.by);
    const choice = field?.choices.find((each) => each.value === look);
    if (!choice) return nothing;
    return html`<span class="mark state" style="--c:${choice.color || view.info.style.color}">${this.words(view, choice)}</span>`;
  }

  /** A station's classes name river and air in one legend; its card says its own half. */
  private words(view: LayerView, choice: Field["choices"][number]): string {
    const whole = say(choice.title);
    if (view.info.style.kind !== "sensor") return whole;
    const halves = whole.split(" · ");
    return (this.detail?.properties.kind === "air" ? halves.at(-1) : halves[0]) ?? whole;
  }

  private note() {
    if (this.state === "busy" && !this.detail) return html`<p class="quiet">${t("card.loading")}</p>`;
    if (this.state === "gone") return html`<p class="bad">${t("card.gone")}</p>`;
    if (this.state === "failed") return html`<p class="bad">${t("card.failed")}</p>`;
    return nothing;
  }

  private facts(view: LayerView, props: Props, look: string | undefined) {
    const { info } = view;
    const twin = /_(vi|en)$/;
    const rows = info.fields.filter((field) =>
      field.card && field.name !== info.title_field && !SAID_ELSEWHERE.has(field.name) && !(field.name === info.style.by && look !== undefined) &&
      !(twin.test(field.name) && twin.test(info.title_field)) &&
      props[field.name] !== undefined && props[field.name] !== null && props[field.name] !== "");
    const geometry = this.detail?.geometry;
    const where = this.stage?.whereIs(view.slug, this.model.selected.value!.id) ??
      (geometry?.type === "Point" ? (geometry.coordinates as [number, number]) : null);
    return html`<dl class="facts">${rows.map((field) => html`<div><dt>${say(field.title)}</dt>
      <dd>${this.fact(field, props[field.name], field.name === info.style.value ? String(props.unit ?? "") : "")}</dd></div>`)}
      ${where ? html`<div><dt>${t("card.position")}</dt><dd>${position(where[0], where[1])}</dd></div>` : nothing}</dl>`;
  }

  private fact(field: Field, value: unknown, unit: string) {
    switch (field.type) {
      case "time": return html`<time title=${dateTime(value)}>${dateTime(value)}</time>`;
      case "number": return field.name === "confidence" ? measure(Math.round(Number(value) * 100), "%") : measure(value, field.unit || unit);
      case "bool": return t(value ? "yes" : "no");
      case "choice": {
        const choice = field.choices.find((each) => each.value === String(value));
        return choice ? say(choice.title) : String(value);
      }
      default: return /^\d{4}-\d\d-\d\d$/.test(String(value))
        ? String(value).split("-").reverse().join("/") : String(value);
    }
  }

  private media() {
    const media = this.detail?.card?.media ?? [];
    if (!media.length) return nothing;
    return html`<div class="card-media">${media.map((each) => html`<a href=${each.url} target="_blank" rel="noopener">
      <img src=${each.thumb ?? each.url} alt=${each.alt ?? ""} loading="lazy"></a>`)}</div>`;
  }

  private series(view: LayerView) {
    const code = this.detail?.properties.code;
    if (view.info.style.kind === "sensor" && code) return this.station(String(code));
    return (this.detail?.card?.series ?? []).map((series) =>
      html`<ioc-chart .series=${series} .at=${this.model.time.at}></ioc-chart>`);
  }

  private station(code: string) {
    const { time, flood, hasFlood } = this.model;
    const open: StationPart["openFlood"] = hasFlood ? (gauge, cm) => void flood.open(gauge, cm) : null;
    return html`<ioc-station .code=${code} .clock=${time} .openFlood=${open}></ioc-station>`;
  }

  private links() {
    const links = this.detail?.card?.links ?? [];
    if (!links.length) return nothing;
    return html`<h3>${t("card.links")}</h3><ul class="card-links">${links.map((link) => html`<li>${link.layer && link.id
      ? html`<button type="button" @click=${() => this.goTo(link)}><ioc-icon name="right"></ioc-icon>${say(link.title)}</button>`
      : link.url?.startsWith("/api/")
      ? html`<button type="button" aria-pressed=${this.stage?.trackUrl === link.url} @click=${() => this.track(link.url!)}>
          <ioc-icon name="route"></ioc-icon>${say(link.title)}</button>`
      : html`<a href=${link.url ?? "#"}><ioc-icon name="right"></ioc-icon>${say(link.title)}</a>`}</li>`)}</ul>`;
  }

  /** A link to data with lines in it is drawn on the map, not opened as text. */
  private async track(url: string): Promise<void> {
    if (!(await this.stage?.toggleTrack(url))) this.model.say(t("card.notrack"));
    this.requestUpdate();
  }

  private async goTo(link: CardLink): Promise<void> {
    const view = this.model.book.get(link.layer);
    if (!view || !link.id) return;
    this.model.book.show(view);
    this.model.select(view.slug, link.id);
    const at = this.stage?.whereIs(view.slug, link.id);
    if (at) return this.stage?.flyTo(at[0], at[1]);
    const found = await loadFeature(view.info, link.id).catch(() => null);
    if (found?.geometry?.type === "Point") this.stage?.flyTo(found.geometry.coordinates[0]!, found.geometry.coordinates[1]!);
  }

  private footer(chosen: { slug: string; id: string }) {
    const actions = this.detail?.card?.actions ?? [];
    const where = this.stage?.whereIs(chosen.slug, chosen.id);
    if (!actions.length && !where) return nothing;
    const { sure } = this;
    return html`<footer>
      ${sure ? html`<span class="card-sure">${say(sure.confirm) || t("card.sure")}</span>
        <button type="button" class="button small primary" @click=${() => this.act(sure)}>${t("yes")}</button>
        <button type="button" class="button small" @click=${() => this.ask(null)}>${t("no")}</button>`
      : html`${where ? html`<button type="button" class="button small" @click=${() => this.stage?.flyTo(where[0], where[1])}>
          <ioc-icon name="crosshair"></ioc-icon>${t("card.fly")}</button>
        <button type="button" class="button small" aria-pressed=${this.following}
          @click=${() => { this.following = !this.following; this.follow(); this.requestUpdate(); }}>
          <ioc-icon name="target"></ioc-icon>${t("card.follow")}</button>` : nothing}
        ${actions.map((action) => html`<button type="button" class="button small primary"
          @click=${() => (action.confirm ? this.ask(action) : this.act(action))}>${say(action.title)}</button>`)}`}</footer>`;
  }

  private ask(action: CardAction | null): void {
    this.sure = action;
    this.requestUpdate();
  }

  private async act(action: CardAction): Promise<void> {
    this.sure = null;
    try {
      await send(action.url, {}, action.method);
      this.model.say(t("card.done"), "good");
      void this.model.loadIncidents();
    } catch (error) {
      this.model.say(error instanceof HttpError ? error.message : t("card.failed"), "bad");
    }
    void this.load();
  }
}

customElements.define("ioc-card", Card);
