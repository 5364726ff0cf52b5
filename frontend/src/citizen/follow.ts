import { html, nothing, type TemplateResult } from "lit";
import L from "leaflet";
import { loadCatalogue, serverNow } from "../common/catalogue";
import type { Text } from "../common/contract";
import { IocElement } from "../common/element";
import { getJson, HttpError } from "../common/http";
import { setTheme, theme } from "../common/prefs";
import { lang, say, setLang } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import { createMap } from "../map/core";
import { tidyCredits } from "./credits";
import type { Category } from "./draft";
import { glyph, maki } from "./icons";
import { keptDrafts } from "./keeping";
import { shareButton } from "./share";
import { otherLanguage, tell } from "./words";

const REFRESH_MS = 60_000;
const GRID_M = 200;

interface Followed {
  code: string;
  lon: number;
  lat: number;
  category: Category;
  state: { value: string; title: Text };
  created_at: string;
  district: Text | null;
  steps: { at: string; state: string; title: Text; words: string }[];
  mine: boolean;
  synthetic: boolean;
  emergency: boolean | null;
  words: string | null;
  photos: { url: string; thumb: string; width: number; height: number }[];
}

/** `/r/CODE`: where a report stands. Its sender's phone holds the key that opens words and photos. */
class FollowPage extends IocElement {
  static override properties = { code: {} };
  declare code: string;
  private report: Followed | null = null;
  private problem: "" | "missing" | "failed" = "";
  private key: string | undefined;
  private map: L.Map | null = null;

  constructor() {
    super();
    this.code = "";
    this.uses(theme);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.start();
    const timer = setInterval(() => void this.load(), REFRESH_MS);
    this.until(() => clearInterval(timer));
  }

  private async start(): Promise<void> {
    this.key = (await keptDrafts()).find((draft) => draft.code === this.code.toUpperCase())?.key;
    await this.load();
    if (this.report) await this.startMap(this.report);
  }

  private async load(): Promise<void> {
    try {
      this.report = await this.ask();
      this.problem = "";
      document.title = tell("reportTitle", { code: this.report.code });
    } catch (error) {
      const missing = error instanceof HttpError && error.status === 404;
      if (missing) this.report = null;
      this.problem = missing ? "missing" : this.report ? "" : "failed";
    }
    this.requestUpdate();
  }

  private async ask(): Promise<Followed> {
    const url = `/api/v1/reports/by-code/${encodeURIComponent(this.code)}`;
    if (!this.key) return getJson<Followed>(url);
    const headers = { Accept: "application/json", "X-Report-Key": this.key };
    const response = await fetch(url, { headers, credentials: "same-origin" });
    if (!response.ok) throw new HttpError(response.status, "http", "");
    return response.json() as Promise<Followed>;
  }

  /** A small map with the grid square the report lies in: as near as anybody is told. */
  private async startMap(report: Followed): Promise<void> {
    const catalogue = await loadCatalogue().catch(() => null);
    await this.updateComplete;
    const element = this.querySelector<HTMLElement>(".small-map");
    if (!catalogue || !element) return;
    const map = createMap(element, catalogue.city);
    tidyCredits(map, catalogue.city);
    map.setView([report.lat, report.lon], 15, { animate: false });
    map.scrollWheelZoom.disable();
    const square = L.latLng(report.lat, report.lon).toBounds(GRID_M);
    L.rectangle(square, { color: report.category.color, weight: 2, fillOpacity: 0.22 }).addTo(map);
    this.map = map;
    this.until(() => map.remove());
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
      <main class="follow-main">${this.report ? this.body(this.report) : this.instead()}</main>
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
    return html`<div class="follow-head">
        <span class="badge large" style="--badge:${report.category.color}">${maki(report.category.icon)}</span>
        <div><p class="code">${report.code}${report.synthetic
            ? html` <span class="mark">${tell("syntheticOne")}</span>` : nothing}</p>
          <h1>${say(report.category.title)}</h1>
          <p class="quiet">${say(report.district)}${report.district ? " · " : ""}
            <span title=${dateTime(report.created_at)}>${ago(report.created_at, serverNow())}</span></p></div>
      </div>
      <p><span class="state big-state" data-value=${report.state.value}>${say(report.state.title)}</span></p>
      <div class="small-map"></div>
      <section><h2>${tell("reportSteps")}</h2>
        <ol class="timeline">${[...report.steps].reverse().map((step) => html`<li>
          <strong>${say(step.title)}</strong><time class="quiet" datetime=${step.at}>${dateTime(step.at)}</time>
          ${step.words ? html`<p>${step.words}</p>` : nothing}</li>`)}</ol>
        <p class="quiet small">${tell("updated")}</p></section>
      ${report.words !== null ? html`<section>
        ${report.photos.length ? html`<ul class="photos" data-n=${report.photos.length}>${report.photos.map((photo, n) =>
          html`<li><a href=${photo.url} target="_blank" rel="noopener"><img src=${report.photos.length > 1 ? photo.thumb : photo.url}
            alt=${tell("photoAlt", { n: n + 1 })}></a></li>`)}</ul>` : nothing}
        ${report.words ? html`<p class="said">${report.words}</p>` : nothing}</section>` : nothing}
      <p class="quiet small">${tell(report.mine ? "reportMineHint" : "reportPublicHint")}</p>
      ${shareButton(report.code)}`;
  }
}

customElements.define("ioc-report", FollowPage);
