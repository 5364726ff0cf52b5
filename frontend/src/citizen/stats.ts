import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { dateTime, day, number } from "../i18n/format";
import { arrows } from "./arrows";
import { statistics, type By, type Statistics, type StatisticsRow } from "./api";
import { glyph } from "./icons";
import { tell, type Said } from "./words";

const DAY_MS = 86_400_000;
const SPANS = [30, 90, 365] as const;
const BYS: [By, Said][] = [["ward", "byWard"], ["category", "byCategory"], ["agency", "byAgency"]];
const ORDERS = ["in_time", "satisfied", "received"] as const;
type Order = (typeof ORDERS)[number];

/** The day so many days ago, as the server takes it. */
export function dayBefore(days: number): string {
  const [d, m, y] = day(new Date(serverNow() - days * DAY_MS).toISOString()).split("/");
  return `${y}-${m}-${d}`;
}

/** `/#/stats`: how the city answers, by ward, category and agency, and what is too little to say. */
class Stats extends IocElement {
  private by: By = "ward";
  private span: number = 90;
  private order: Order = "in_time";
  private table: Statistics | null = null;
  private failed = false;
  private asking: AbortController | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    const moved = () => {
      if (location.hash.startsWith("#/stats")) this.read();
    };
    addEventListener("hashchange", moved);
    this.until(() => removeEventListener("hashchange", moved));
    this.until(() => this.asking?.abort());
    this.read();
  }

  /** What is shown stands in the address. */
  private read(): void {
    const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
    this.by = BYS.find(([by]) => by === asked.get("by"))?.[0] ?? "ward";
    this.span = SPANS.find((days) => String(days) === asked.get("days")) ?? 90;
    void this.ask();
  }

  private choose(changes: { by?: By; span?: number }): void {
    Object.assign(this, changes);
    history.replaceState(null, "", `#/stats?by=${this.by}&days=${this.span}`);
    void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.failed = false;
    this.requestUpdate();
    try {
      this.table = await statistics(this.by, dayBefore(this.span), dayBefore(0), asking.signal);
    } catch {
      if (asking.signal.aborted) return;
      this.failed = true;
      this.table = null;
    }
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { table } = this;
    return html`<div class="sheet-head"><a class="icon-button" href="#/" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1>${tell("statsTitle")}</h1>
        <a class="icon-button" href="#/list" aria-label=${tell("doorList")} title=${tell("doorList")}>${glyph("list")}</a></div>
      <div class="sheet-body stats">
        <div class="stats-bar">
          <div class="quicks" role="radiogroup" @keydown=${arrows} aria-label=${tell("statsBy")}>${BYS.map(([by, title]) =>
            html`<button class="quick" role="radio" aria-checked=${this.by === by} @click=${() => this.choose({ by })}>${tell(title)}</button>`)}</div>
          <label class="pick on"><span class="visually-hidden">${tell("statsSpan")}</span>
            <select aria-label=${tell("statsSpan")} @change=${(event: Event) =>
              this.choose({ span: Number((event.target as HTMLSelectElement).value) })}>${SPANS.map((days) =>
              html`<option value=${days} ?selected=${this.span === days}>${tell(`since${days}`)}</option>`)}</select></label>
          <label class="pick on"><span class="visually-hidden">${tell("statsOrder")}</span>
            <select aria-label=${tell("statsOrder")} @change=${(event: Event) => {
              this.order = (event.target as HTMLSelectElement).value as Order;
              this.requestUpdate();
            }}>${ORDERS.map((order) =>
              html`<option value=${order} ?selected=${this.order === order}>${tell(`order_${order}`)}</option>`)}</select></label>
        </div>
        ${this.failed ? html`<p class="note warn" role="alert">${tell("statsFailed")}</p>
          <button class="button big" @click=${() => void this.ask()}>${glyph("retry")}${tell("retry")}</button>` : nothing}
        ${!table && !this.failed ? html`<p class="quiet" role="status">${tell("loading")}</p>` : nothing}
        ${table ? this.body(table) : nothing}
      </div>`;
  }

  private body(table: Statistics): TemplateResult {
    const { totals } = table;
    const tile = (title: Said, value: string, hint = "") => html`<div class="tile"><dt>${tell(title)}</dt>
      <dd>${value}</dd>${hint ? html`<dd class="quiet small">${hint}</dd>` : nothing}</div>`;
    if (!totals.received) {
      return html`<div class="empty-mine">${glyph("chart")}<p>${tell("statsNone")}</p></div>`;
    }
    return html`<dl class="tiles">
        ${tile("statReceived", number(totals.received, 0))}
        ${tile("statClosed", share(totals.closed, totals.received), tell("ofN", { n: number(totals.closed, 0) }))}
        ${tile("statInTime", share(totals.in_time, totals.timed), tell("statInTimeHint"))}
        ${tile("statSatisfied", share(totals.satisfied, totals.rated), tell("ofRated", { n: number(totals.rated, 0) }))}
      </dl>
      ${this.rows(table)}
      <p class="quiet small">${tell("statsAsOf", { at: dateTime(table.as_of) })}</p>`;
  }

  private rows(table: Statistics): TemplateResult {
    const happy = (row: StatisticsRow) => (row.rated >= table.min_count ? row.satisfied_share : null);
    const figure: Record<Order, (row: StatisticsRow) => number> = {
      received: (row) => row.received, in_time: (row) => row.in_time_share ?? -1,
      satisfied: (row) => happy(row) ?? -1,
    };
    const sorted = [...table.rows].sort((a, b) =>
      figure[this.order](b) - figure[this.order](a) || b.received - a.received);
    const ranked = sorted.filter((row) => row.rank !== null);
    const few = sorted.filter((row) => row.rank === null);
    const most = Math.max(1, ...table.rows.map((row) => row.received));
    const line = (row: StatisticsRow) => statRow(row, happy(row), most);
    return html`
      <section aria-labelledby="ranked-title"><h2 id="ranked-title">${tell("statsRanked")}</h2>
        ${ranked.length ? html`<ol class="stat-rows">${ranked.map(line)}</ol>`
          : html`<p class="quiet">${tell("statsNoneRanked", { n: table.min_count })}</p>`}</section>
      ${few.length ? html`<section class="few" aria-labelledby="few-title"><h2 id="few-title">${tell("statsFew")}</h2>
        <p class="note">${tell("statsFewHint", { n: table.min_count })}</p>
        <ul class="stat-rows">${few.map(line)}</ul></section>` : nothing}`;
  }
}

function share(part: number, whole: number): string {
  return whole ? `${number((100 * part) / whole, 1)} %` : "–";
}

function statRow(row: StatisticsRow, happy: number | null, most: number): TemplateResult {
  const meter = (title: Said, value: number | null, kind: string) => html`<div class="meter ${kind}">
    <span class="meter-name">${tell(title)}</span>
    <span class="meter-bar"><i style="width:${value === null ? 0 : Math.round(value * 100)}%"></i></span>
    <span class="meter-value">${value === null ? "–" : `${number(value * 100, 0)} %`}</span></div>`;
  return html`<li class="stat-row" data-key=${row.key ?? ""} data-rank=${row.rank ?? nothing}>
    <span class="place">${row.rank ?? "–"}</span>
    <div class="stat-head"><strong>${say(row.title)}</strong>
      <span class="quiet small">${tell("statLine", { received: number(row.received, 0), open: number(row.open, 0) })}${row.median_h === null
        ? nothing : html` · ${tell("statMedian", { h: number(row.median_h, row.median_h < 10 ? 1 : 0) })}`}</span>
      <span class="volume" style="width:${Math.max(1, (100 * row.received) / most)}%"><i
        style="width:${row.received ? (100 * row.closed) / row.received : 0}%"></i></span></div>
    ${meter("statInTime", row.rank === null ? null : row.in_time_share, "time")}
    ${meter("statSatisfied", happy, "happy")}
  </li>`;
}

customElements.define("ioc-stats", Stats);
