import { html, nothing, type TemplateResult } from "lit";
import L from "leaflet";
import { loadCatalogue } from "../common/catalogue";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { setTheme, theme } from "../common/prefs";
import { lang, setLang } from "../i18n";
import { dateTime } from "../i18n/format";
import { createMap } from "../map/core";
import "./answer";
import { byCode, unfollow, type Followed } from "./api";
import "./bell";
import { tidyCredits } from "./credits";
import { followHead, standingPanel, timeline, told } from "./followparts";
import { glyph } from "./icons";
import { forgetSeen, keepSeen, lastSeen } from "./lastseen";
import { categoryBadge, learnStates, meTooMark } from "./looks";
import { outbox } from "./outbox";
import "./rate";
import { shareButton } from "./share";
import { otherLanguage, tell } from "./words";

const REFRESH_MS = 60_000;
const GRID_M = 200;
/** Without the net the service worker answers every report's address with one kept page. */
const OWN_ADDRESS = /^\/r\/([A-Za-z0-9-]{6,16})$/;

/** `/r/CODE`: where a report stands. Its sender's phone holds the key that opens words and photos,
 * answers a question and says whether it was mended. */
class FollowPage extends IocElement {
  static override properties = { code: {} };
  declare code: string;
  private report: Followed | null = null;
  private problem: "" | "missing" | "failed" = "";
  /** When what is shown was seen, where the net is silent now. */
  private oldMs = 0;
  private said = "";
  private busy = false;
  private map: L.Map | null = null;

  constructor() {
    super();
    this.code = "";
    this.uses(theme, outbox.drafts);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.code = (OWN_ADDRESS.exec(location.pathname)?.[1] ?? this.code).toUpperCase();
    document.title = this.code;
    void this.start();
    const timer = setInterval(() => void this.load(), REFRESH_MS);
    this.until(() => clearInterval(timer));
  }

  /** This phone's key to the report, as its sender or as one who follows it. */
  private get key(): string {
    const own = outbox.about(this.code);
    return own && (own.code === this.code || own.state === "sent") ? own.key : "";
  }

  private async start(): Promise<void> {
    await outbox.start();
    await this.load();
    if (this.report) await this.startMap(this.report);
  }

  private async load(): Promise<void> {
    try {
      this.report = await byCode(this.code, this.key);
      this.problem = "";
      this.oldMs = 0;
      keepSeen(this.report, this.key !== "");
      document.title = tell("reportTitle", { code: this.report.code });
    } catch (error) {
      const missing = error instanceof HttpError && error.status === 404;
      if (missing) {
        this.report = null;
        forgetSeen(this.code);
      } else this.recallSeen();
      this.problem = missing ? "missing" : this.report ? "" : "failed";
    }
    this.requestUpdate();
  }

  /** The net is silent: what this phone saw last, with its time. */
  private recallSeen(): void {
    const seen = lastSeen(this.code);
    if (!seen) return;
    this.oldMs = seen.atMs;
    if (this.report) return;
    this.report = seen.report;
    document.title = tell("reportTitle", { code: this.code });
  }

  /** A small map with the grid square the report lies in: as near as anybody is told. */
  private async startMap(report: Followed): Promise<void> {
    const catalogue = await loadCatalogue().catch(() => null);
    if (!catalogue) return;
    learnStates(catalogue);
    this.requestUpdate();
    await this.updateComplete;
    const element = this.querySelector<HTMLElement>(".small-map");
    if (!element) return;
    const map = createMap(element, catalogue.city);
    tidyCredits(map, catalogue.city);
    map.setView([report.lat, report.lon], 15, { animate: false });
    map.scrollWheelZoom.disable();
    const square = L.latLng(report.lat, report.lon).toBounds(GRID_M);
    L.rectangle(square, { color: report.category.color, weight: 2, fillOpacity: 0.22 }).addTo(map);
    this.map = map;
    this.until(() => map.remove());
  }

  private async done(words: string): Promise<void> {
    this.said = words;
    await this.load();
    this.querySelector<HTMLElement>(".done-note")?.focus();
  }

  private async join(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.requestUpdate();
    await outbox.follow(this.code, this.report!.category);
    this.busy = false;
    await this.load();
  }

  private async leave(): Promise<void> {
    const own = outbox.about(this.code);
    if (!own?.follows) return;
    try {
      if (own.state === "sent") await unfollow(this.code, own.key);
      await outbox.remove(own);
    } catch {
      this.said = tell("tryAgain");
    }
    await this.load();
  }

  /** A key under which this phone is told of news: whoever has none follows first. */
  private async claim(): Promise<string> {
    if (!this.key) await this.join();
    if (!this.key) throw new Error("not followed");
    return this.key;
  }

  protected override updated(): void {
    this.map?.invalidateSize({ animate: false });
  }

  override render(): TemplateResult {
    const dark = theme.value === "dark";
    return html`<div class="follow">
      <header class="top">
        <a class="brand" href="/">${glyph("back")}<span class="brand-words"><strong>${tell("toMap")}</strong></span></a>
        <nav class="top-tools">
          <button class="icon-button language" lang=${lang.value === "vi" ? "en" : "vi"}
            aria-label=${otherLanguage()}
            @click=${() => setLang(lang.value === "vi" ? "en" : "vi")}>${lang.value === "vi" ? "EN" : "VI"}</button>
          <button class="icon-button" aria-label=${tell(dark ? "themeLight" : "themeDark")}
            @click=${() => setTheme(dark ? "light" : "dark")}>${glyph(dark ? "sun" : "moon")}</button>
        </nav>
      </header>
      <main class="follow-main ${this.report ? "two" : ""}">${this.report ? this.body(this.report) : this.instead()}</main>
    </div>`;
  }

  private instead(): TemplateResult {
    if (!this.problem) return html`<p class="quiet" role="status">${tell("reportLoading")}</p>`;
    const missing = this.problem === "missing";
    return html`<div class="instead"><div class="seal bad">${glyph("alert")}</div>
      <h1>${tell(missing ? "reportMissing" : "reportFailed")}</h1>
      ${missing ? html`<p class="quiet">${tell("reportMissingHint")}</p>` : nothing}
      ${missing ? html`<a class="button primary big" href="/">${tell("toMap")}</a>`
        : html`<button class="button primary big" @click=${() => void this.load()}>${tell("retry")}</button>`}</div>`;
  }

  private body(report: Followed): TemplateResult {
    const can = report.can ?? [];
    const done = (event: CustomEvent<string>) => void this.done(event.detail);
    return html`<div class="follow-story">
        ${followHead(report, categoryBadge(report.category, true))}
        ${this.oldMs ? html`<p class="note warn old-note" role="status">${glyph("offline")}<span>${tell("reportOld", { at: dateTime(this.oldMs / 1000) })}
          <button type="button" class="link" @click=${() => void this.load()}>${tell("retry")}</button></span></p>` : nothing}
        ${this.said ? html`<p class="note good done-note" role="status" tabindex="-1">${glyph("check")}${this.said}</p>` : nothing}
        ${standingPanel(report)}
        ${report.question && can.includes("answer")
          ? html`<ioc-answer .report=${report} .key=${this.key} @done=${done}></ioc-answer>` : nothing}
        ${can.includes("rate") || can.includes("dispute")
          ? html`<ioc-rate .report=${report} .key=${this.key} @done=${done}></ioc-rate>` : nothing}
        ${told(report)}
        ${timeline(report)}
      </div>
      <aside class="follow-side">
        <div class="small-map"></div>
        <p class="quiet small">${tell("reportPublicHint")}</p>
        <section class="panel doings">${this.doings(report)}</section>
      </aside>`;
  }

  private doings(report: Followed): TemplateResult {
    const own = outbox.about(report.code);
    const follows = Boolean(own?.follows) || Boolean(report.following && !report.mine);
    const waits = own?.follows && own.state !== "sent";
    return html`
      ${report.me_too ? html`<p class="me-too-line">${meTooMark(report.me_too)}</p>` : nothing}
      ${waits ? html`<p class="note" role="status">${own.problem || tell("followWaitsHint")}</p>` : nothing}
      ${report.mine ? nothing : follows
        ? own ? html`<button class="button big wide" id="unfollow" @click=${() => void this.leave()}>${glyph("check")}${tell("unfollow")}</button>`
          : html`<p class="note">${tell("nearbyFollowed")}</p>`
        : (report.can ?? []).includes("follow") ? this.joining(CLOSED.has(report.state.value)) : nothing}
      ${this.oldMs ? nothing : html`<ioc-bell .code=${report.code} .claim=${() => this.claim()}></ioc-bell>`}
      ${shareButton(report.code)}`;
  }

  private joining(closed: boolean): TemplateResult {
    return html`<button class="button big wide ${closed ? "" : "primary"}" id="me-too" ?disabled=${this.busy}
        @click=${() => void this.join()}>${glyph(closed ? "plus" : "people")}${tell(closed ? "followNews" : "meToo")}</button>
      ${closed ? nothing : html`<p class="quiet small">${tell("meTooHint")}</p>`}`;
  }
}

const CLOSED = new Set(["resolved", "rejected", "duplicate"]);
customElements.define("ioc-report", FollowPage);
