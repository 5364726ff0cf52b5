import { html, nothing, type TemplateResult } from "lit";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { theme } from "../common/prefs";
import { languageButton, themeButton } from "../common/top";
import { lang, say } from "../i18n";
import "./calendarform";
import "./categoryform";
import { glyph, type Glyph } from "./icons";
import { calendarList, categoryList, planList } from "./lists";
import { NEW, reasonOf, SetupModel, TABS, type Tab } from "./model";
import "./planform";
import "./ruleform";
import "./rulelist";
import { tell } from "./words";

const RETRY_MS = 6_000;
const ICONS: Record<Tab, Glyph> = {
  rules: "route", categories: "shapes", plans: "timer", calendars: "calendar",
};

/** `/desk/setup/`: what the centre decides once and cases follow ever after. */
class SetupApp extends IocElement {
  private readonly model = new SetupModel();
  private catalogue: Catalogue | null = null;
  private failure = "";
  private refused = false;

  constructor() {
    super();
    const { model } = this;
    this.uses(model.data, model.toast, model.route, model.drafted, theme);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const follow = () => this.model.follow();
    const keep = (event: BeforeUnloadEvent) => this.model.drafts.size && event.preventDefault();
    addEventListener("hashchange", follow);
    addEventListener("beforeunload", keep);
    this.until(() => removeEventListener("hashchange", follow));
    this.until(() => removeEventListener("beforeunload", keep));
    this.until(lang.on(() => this.name()));
    follow();
    void this.begin();
  }

  private name(): void {
    const city = this.catalogue ? say(this.catalogue.city.name) : "";
    document.title = [tell("title"), city].filter(Boolean).join(" · ");
  }

  private async begin(): Promise<void> {
    try {
      const [catalogue] = await Promise.all([loadCatalogue(), this.model.load()]);
      this.catalogue = catalogue;
      this.failure = "";
      this.name();
    } catch (error) {
      this.refused = error instanceof HttpError && (error.status === 401 || error.status === 403);
      this.failure = reasonOf(error);
      if (!this.refused) setTimeout(() => void this.begin(), RETRY_MS);
    }
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { tab, key } = this.model.route.value;
    return html`<div class="setup ${key ? "has-form" : ""}" data-tab=${tab}>
      ${this.top()}${this.tabs(tab)}
      ${this.catalogue ? html`
        <section class="setup-list" aria-labelledby="list-title">${this.list(tab)}</section>
        <main class="setup-form">${this.form(tab, key)}</main>`
        : html`<main class="setup-wait" role="status">${this.waiting()}</main>`}
      ${this.toast()}
    </div>`;
  }

  private waiting(): TemplateResult {
    if (!this.failure) return html`<span class="spinner"></span><p>${tell("loading")}</p>`;
    return html`${glyph("alert")}<h1>${tell(this.refused ? "refused" : "failed")}</h1>
      <p>${this.refused ? tell("refusedWhy") : this.failure}</p>
      ${this.refused ? html`<a class="button primary" href="/accounts/login/?next=/desk/setup/">${tell("signIn")}</a>`
        : html`<button type="button" class="button" @click=${() => void this.begin()}>${glyph("retry")}${tell("retry")}</button>`}`;
  }

  private top(): TemplateResult {
    return html`<header class="setup-top">
      <a class="icon-button" href="/desk/" aria-label=${tell("toDesk")} title=${tell("toDesk")}>${glyph("back")}</a>
      <div class="setup-name"><b>${tell("title")}</b><small>${this.catalogue ? say(this.catalogue.city.name) : ""}</small></div>
      <span class="spacer"></span>
      <span class="who">${this.catalogue?.viewer.name ?? ""}</span>
      ${languageButton()}
      ${themeButton()}
    </header>`;
  }

  private tabs(open: Tab): TemplateResult {
    const data = this.model.data.value;
    return html`<nav class="setup-tabs" aria-label=${tell("title")}>${TABS.map((tab) => {
      const unsaved = [...this.model.drafts.keys()].some((key) => key.startsWith(`${tab}/`));
      return html`<a href="#/${tab}" aria-current=${tab === open ? "page" : nothing}>
        ${glyph(ICONS[tab])}<span>${tell(tab)}</span>
        ${unsaved ? html`<i class="unsaved" title=${tell("unsaved")}></i>`
          : html`<small>${data?.[tab].length ?? ""}</small>`}</a>`;
    })}</nav>`;
  }

  private list(tab: Tab): TemplateResult {
    if (tab === "rules") return html`<ioc-rule-list .model=${this.model}></ioc-rule-list>`;
    if (tab === "categories") return categoryList(this.model);
    if (tab === "plans") return planList(this.model);
    return calendarList(this.model);
  }

  private form(tab: Tab, key: string): TemplateResult {
    const { model } = this;
    const data = model.data.value!;
    const known = key === NEW || (tab === "rules"
      ? data.rules.some((rule) => String(rule.id) === key)
      : (data[tab] as { code: string }[]).some((one) => one.code === key));
    if (!key || !known) return html`<div class="setup-wait">${glyph(ICONS[tab])}
      <h2>${tell(key ? "gone" : `${tab}Pick`)}</h2><p>${tell(`${tab}Why`)}</p>
      ${key ? html`<a class="button" href="#/${tab}">${tell("back")}</a>` : nothing}</div>`;
    const city = this.catalogue!.city;
    if (tab === "rules") return html`<ioc-rule-form .model=${model} .key=${key} .city=${city}></ioc-rule-form>`;
    if (tab === "categories") return html`<ioc-category-form .model=${model} .key=${key}></ioc-category-form>`;
    if (tab === "plans") return html`<ioc-plan-form .model=${model} .key=${key}></ioc-plan-form>`;
    return html`<ioc-calendar-form .model=${model} .key=${key}></ioc-calendar-form>`;
  }

  private toast(): TemplateResult {
    const toast = this.model.toast.value;
    return html`<div class="toasts" role="status" aria-live="polite">${toast ? html`
      <div class="toast ${toast.tone}">${glyph(toast.tone === "good" ? "check" : "alert")}<span>${toast.text}</span>
        ${toast.undo ? html`<button type="button" class="button small" @click=${() => void this.model.takeBack()}>${glyph("undo")}${tell("undo")}</button>` : nothing}
        <button type="button" class="icon-button tiny" aria-label=${tell("close")}
          @click=${() => (this.model.toast.value = null)}>${glyph("x")}</button></div>` : nothing}</div>`;
  }
}

customElements.define("ioc-setup", SetupApp);
