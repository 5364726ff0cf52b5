import { html, nothing } from "lit";
import { serverNow } from "../common/catalogue";
import { csrfToken } from "../common/http";
import { setTheme, theme } from "../common/prefs";
import { lang, say, setLang, t } from "../i18n";
import { ago, clock, day, number } from "../i18n/format";
import { menu } from "./menu";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { SearchBox } from "./searchbox";
import { viewsMenu } from "./views";

const NARROW = matchMedia("(max-width: 60rem)");

/** City, clock, how fresh the data is, search, and what belongs to the person. */
export class TopBar extends WallPart {
  onHelp: () => void = () => undefined;
  readonly search: SearchBox;

  constructor(model: WallModel) {
    super(model);
    this.search = new SearchBox(model);
    this.uses(model.time.at, model.feeding.poll.status, model.incidents, theme, model.leftOpen, model.rightOpen);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const redraw = () => this.requestUpdate();
    NARROW.addEventListener("change", redraw);
    this.until(() => NARROW.removeEventListener("change", redraw));
  }

  protected override willUpdate(): void {
    this.search.stage = this.stage;
  }

  protected override render() {
    const { model } = this;
    const { city, synthetic } = model.catalogue;
    const now = serverNow();
    const unread = model.incidents.value.filter((each) => !each.acknowledged_by).length;
    return html`
      <button type="button" class="icon-button only-narrow" aria-label=${t("top.layers")}
        @click=${() => (model.leftOpen.value = !model.leftOpen.value)}><ioc-icon name="layers"></ioc-icon></button>
      <div class="city"><span class="city-dot"></span><h1>${say(city.name)}</h1></div>
      <time class="clock" datetime=${new Date(now).toISOString()} title=${city.time_zone}>
        <b>${clock(now / 1000, true)}</b><span>${day(now / 1000)}</span></time>
      ${this.freshness()}
      ${synthetic ? html`<span class="synthetic-mark" title=${t("top.synthetic.hint")}>
        <ioc-icon name="radio"></ioc-icon><span>${t("top.synthetic")}</span></span>` : nothing}
      ${city.schematic ? html`<span class="synthetic-mark plain" title=${t("top.schematic.hint")}>${t("top.schematic")}</span>` : nothing}
      <span class="spacer"></span>
      ${this.search}
      <button type="button" class="icon-button bell ${unread ? "has" : ""}" aria-label=${t("top.notices", { n: unread })}
        title=${t("top.notices", { n: unread })} aria-expanded=${model.rightOpen.value}
        @click=${() => (model.rightOpen.value = !model.rightOpen.value)}>
        <ioc-icon name="bell"></ioc-icon>${unread ? html`<b>${number(unread, 0)}</b>` : nothing}</button>
      ${NARROW.matches ? nothing : html`<span class="bar-group">${this.choices()}</span>`}
      ${this.account()}`;
  }

  private freshness() {
    const { model } = this;
    const status = model.feeding.poll.status.value;
    if (!status) return nothing;
    const watched = model.book.views.filter((view) => view.info.stale_after_s && status.layers[view.slug]);
    if (!watched.length) return nothing;
    const stale = watched.filter((view) => status.layers[view.slug]!.stale);
    const n = watched.length - stale.length;
    const hint = stale.length
      ? t("top.stale", { layers: stale.map((view) =>
        `${say(view.info.title)} (${ago(status.layers[view.slug]!.newest_at, serverNow())})`).join(", ") })
      : t("top.fresh.hint", { n, m: watched.length });
    return html`<span class="weather ${stale.length ? "some-stale" : ""}" title=${hint}>
      <i></i><span>${t("top.fresh", { n, m: watched.length })}</span>
      <span class="visually-hidden">${hint}</span></span>`;
  }

  private choices(views = true) {
    const dark = theme.value === "dark";
    const other = t(dark ? "theme.light" : "theme.dark");
    return html`
      <button type="button" class="icon-button" aria-label=${t("top.theme", { theme: other })} title=${t("top.theme", { theme: other })}
        @click=${() => setTheme(dark ? "light" : "dark")}><ioc-icon name=${dark ? "moon" : "sun"}></ioc-icon></button>
      <button type="button" class="icon-button lang" aria-label="${lang.value.toUpperCase()}: ${t("top.language")}" title=${t("top.language")}
        @click=${() => setLang(lang.value === "vi" ? "en" : "vi")}>${lang.value.toUpperCase()}</button>
      ${views ? viewsMenu(this.model, this.stage, () => this.requestUpdate()) : nothing}
      <button type="button" class="icon-button" aria-label=${t("top.full")} title="${t("top.full")} (f)"
        @click=${() => toggleFullScreen()}><ioc-icon name="maximize"></ioc-icon></button>
      <button type="button" class="icon-button" aria-label=${t("top.help")} title="${t("top.help")} (?)"
        @click=${() => this.onHelp()}><ioc-icon name="help"></ioc-icon></button>`;
  }

  private account() {
    const { viewer } = this.model.catalogue;
    const name = viewer.name ?? t("top.public");
    return menu({
      id: "menu-account",
      label: `${t("top.menu")}: ${name}`,
      className: "avatar",
      face: html`<ioc-icon name="user"></ioc-icon>`,
      body: html`<p class="menu-head"><b>${name}</b></p>
        ${NARROW.matches ? html`<div class="menu-row">${this.choices(false)}</div>` : nothing}
        <button type="button" data-close @click=${() => (this.model.wallMode.value = true)}>
          <ioc-icon name="screen"></ioc-icon>${t("top.wallmode")}</button>
        ${DESK.has(viewer.role ?? "") ? html`<a href="/desk/"><ioc-icon name="list"></ioc-icon>${t("top.desk")}</a>
          <a href="/plan/"><ioc-icon name="target"></ioc-icon>${t("top.plan")}</a>` : nothing}
        ${viewer.name ? html`<form method="post" action="/accounts/logout/">
          <input type="hidden" name="csrfmiddlewaretoken" .value=${csrfToken()}>
          <button type="submit"><ioc-icon name="logout"></ioc-icon>${t("top.signout")}</button></form>`
        : html`<a href="/accounts/login/?next=/wall/"><ioc-icon name="user"></ioc-icon>${t("top.signin")}</a>`}`,
    });
  }
}

/** Who has a seat at the desks of reports and of planning; the server judges for itself. */
const DESK = new Set(["operator", "planner", "administrator"]);

export function toggleFullScreen(): void {
  // Refused where the page is framed or a person forbade it: nothing is lost.
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
  else void document.documentElement.requestFullscreen().catch(() => undefined);
}

customElements.define("ioc-top-bar", TopBar);
