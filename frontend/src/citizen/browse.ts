import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Text } from "../common/contract";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { number } from "../i18n/format";
import { publicReports, statistics, type PublicReport } from "./api";
import type { CityMap } from "./citymap";
import type { Category } from "./draft";
import { filterBar, queryOf, readFilters, writeFilters, type Filters } from "./filters";
import { glyph } from "./icons";
import { lateMark, meTooMark, nameOf, picture, since, stateMark } from "./looks";
import { Pins } from "./pins";
import { dayBefore } from "./stats";
import { tell } from "./words";

const PAGE = 40;
const SETTLE_MS = 280;

/** `/#/list`: everybody's reports as a list and on the map, both the answer to one question. */
class Browse extends IocElement {
  static override properties = { categories: { attribute: false }, city: { attribute: false } };
  declare categories: Category[];
  declare city: CityMap | null;
  private filters: Filters = readFilters("");
  private reports: PublicReport[] = [];
  private nextPage: string | null = null;
  private wards: { key: string | null; title: Text }[] = [];
  private chosen = "";
  private state: "asking" | "more" | "done" | "failed" = "asking";
  private pins: Pins | null = null;
  private hooked: CityMap | null = null;
  private asking: AbortController | null = null;
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.filters = readFilters(location.hash.split("?")[1] ?? "");
    const moved = () => {
      if (location.hash.startsWith("#/list")) this.change(readFilters(location.hash.split("?")[1] ?? ""));
    };
    addEventListener("hashchange", moved);
    this.until(() => removeEventListener("hashchange", moved));
    this.until(() => this.asking?.abort());
    this.until(() => clearTimeout(this.timer));
    statistics("ward", dayBefore(365), dayBefore(0)).then(({ rows }) => {
      this.wards = rows.filter((row) => row.key !== null).sort((a, b) => say(a.title).localeCompare(say(b.title), "vi"));
      this.requestUpdate();
    }).catch(() => undefined);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pins?.stop();
    this.hooked?.hideReports(false);
    this.pins = this.hooked = null;
  }

  protected override updated(_changed: PropertyValues): void {
    if (!this.city || this.hooked) return;
    const city = (this.hooked = this.city);
    city.hideReports(true);
    this.pins = new Pins(city.map, (codes) => this.choose(codes[0]!, true));
    const moved = () => {
      if (this.filters.here !== "0") this.soon();
    };
    city.map.on("moveend", moved);
    this.until(() => city.map.off("moveend", moved));
    // The map takes its new size first: what is asked for is what is then in view.
    requestAnimationFrame(() => {
      city.map.invalidateSize({ animate: false });
      this.soon(0);
    });
  }

  private soon(ms = SETTLE_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), ms);
  }

  private change(changes: Partial<Filters>): void {
    this.filters = { ...this.filters, ...changes };
    const query = writeFilters(this.filters);
    history.replaceState(null, "", `#/list${query ? `?${query}` : ""}`);
    this.requestUpdate();
    void this.ask();
  }

  private async ask(cursor = ""): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.state = cursor ? "more" : "asking";
    this.requestUpdate();
    const bounds = this.city?.map.getBounds();
    const query = queryOf(this.filters, bounds?.toBBoxString() ?? "");
    query.set("limit", String(PAGE));
    if (cursor) query.set("cursor", cursor);
    try {
      const page = await publicReports(query, asking.signal);
      this.reports = cursor ? [...this.reports, ...page.reports] : page.reports;
      this.nextPage = page.next;
      this.state = "done";
      this.pins?.show(this.reports);
    } catch {
      if (asking.signal.aborted) return;
      this.state = "failed";
    }
    this.requestUpdate();
  }

  private choose(code: string, scroll = false): void {
    this.chosen = code;
    this.pins?.ring(code);
    this.requestUpdate();
    if (scroll) {
      void this.updateComplete.then(() =>
        this.querySelector(`[data-code="${code}"]`)?.scrollIntoView({ block: "nearest", behavior: "smooth" }));
    }
  }

  private toMap(one: PublicReport): void {
    this.choose(one.code);
    const { map } = this.city!;
    map.setView([one.lat, one.lon], Math.max(map.getZoom(), 15));
  }

  override render(): TemplateResult {
    const states = new Map<string, Text>();
    for (const choice of this.city?.reports?.fields.find((each) => each.name === "state")?.choices ?? []) {
      states.set(choice.value, choice.title);
    }
    return html`<div class="sheet-head"><a class="icon-button" href="#/" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1>${tell("listTitle")}</h1>
        <a class="icon-button" href="#/stats" aria-label=${tell("doorStats")} title=${tell("doorStats")}>${glyph("chart")}</a></div>
      ${filterBar(this.filters, { categories: this.categories, wards: this.wards, states }, (changes) => this.change(changes))}
      <div class="sheet-body" aria-busy=${this.state === "asking"}>${this.body()}</div>`;
  }

  private body(): TemplateResult {
    if (this.state === "failed" && !this.reports.length) {
      return html`<p class="note warn" role="alert">${tell(navigator.onLine ? "listFailed" : "listOffline")}</p>
        <button class="button big" @click=${() => void this.ask()}>${glyph("retry")}${tell("retry")}</button>`;
    }
    if (this.state === "asking" && !this.reports.length) {
      return html`<p class="visually-hidden" role="status">${tell("loading")}</p>
        <ul class="public">${[1, 2, 3, 4].map(() => html`<li class="public-row ghost"><span></span><span></span></li>`)}</ul>`;
    }
    if (!this.reports.length) {
      const narrowed = writeFilters({ ...this.filters, here: "" }) !== "";
      return html`<div class="empty-mine">${glyph("search")}<p>${tell(narrowed ? "listNone" : "noneInView")}</p>
        ${narrowed ? html`<button class="button big" @click=${() => this.change(readFilters(""))}>${tell("filterClear")}</button>` : nothing}</div>`;
    }
    const late = this.reports.filter((one) => one.overdue).length;
    return html`<p class="quiet small list-count" role="status">${tell(this.nextPage ? "listSome" : "listAll",
        { n: number(this.reports.length, 0) })}${late ? html` · <span class="late-words">${tell("listLate", { n: late })}</span>` : nothing}</p>
      <ul class="public">${this.reports.map((one) => this.row(one))}</ul>
      ${this.nextPage ? html`<button class="button big wide" ?disabled=${this.state === "more"}
        @click=${() => void this.ask(this.nextPage!)}>${tell(this.state === "more" ? "loading" : "listMore")}</button>` : nothing}`;
  }

  private row(one: PublicReport): TemplateResult {
    const ward = nameOf(one.district);
    return html`<li class="public-row ${this.chosen === one.code ? "chosen" : ""}" data-code=${one.code}
      @mouseenter=${() => this.pins?.ring(one.code)} @mouseleave=${() => this.pins?.ring(this.chosen)}>
      <a href=${one.url} @focus=${() => this.pins?.ring(one.code)}>
        ${picture(one.thumb, one.category)}
        <span class="public-words"><strong>${say(one.category.title)}</strong>
          ${one.words ? html`<span class="clamp">${one.words}</span>` : nothing}
          <span class="near-marks">${stateMark(one.state)}${lateMark(one.overdue)}${meTooMark(one.me_too)}</span>
          <span class="quiet small">${ward ? `${ward} · ` : ""}${since(one.created_at)}</span></span></a>
      <button class="icon-button" aria-label="${tell("showOnMap")}: ${one.code}" title=${tell("showOnMap")}
        @click=${() => this.toMap(one)}>${glyph("pin")}</button></li>`;
  }
}

customElements.define("ioc-browse", Browse);
