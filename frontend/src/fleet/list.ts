import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { rootSize } from "../common/prefs";
import { say } from "../i18n";
import { ago, dateTime, number } from "../i18n/format";
import type { Order, State, Vessel } from "./contract";
import { favourites } from "./favourites";
import { glyph } from "./icons";
import { LOOKS, severityMark, stateMark } from "./looks";
import { EVERYTHING, type FleetModel } from "./model";
import { knots } from "./nautical";
import { clockLine } from "./time";
import { bareTitle } from "./titles";
import { tell, wordOf, type Said } from "./words";

const TYPING_MS = 120;
const TICK_MS = 20_000;
const SPARE_ROWS = 6;
const ROW_REM = 3.375;
const REASON_REM = 1.25;
const CLOCK_REM = 1.25;
const KINDS = ["fishing", "cargo", "tanker", "passenger", "tug", "pleasure", "official", "other", "unknown"];
const CHIPS: State[] = ["danger", "over_line", "silent", "at_sea", "in_port"];
const ORDERS: [Order, Said][] = [["need", "orderNeed"], ["name", "orderName"], ["length", "orderLength"]];

/** The fleet as a list, the gravest first; only the rows in sight are in the page. */
export class FleetList extends IocElement {
  private typing = 0;
  private tops = new Float64Array(1);
  private topsOf: Vessel[] | null = null;
  private topsAt = 0;

  constructor(private readonly model: FleetModel) {
    super();
    this.uses(model.version, model.state, model.query, model.open, model.cursor, model.hovered, model.past.picks, model.outages, model.places.zones, favourites, rootSize);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const tick = setInterval(() => this.requestUpdate(), TICK_MS);
    this.until(() => clearInterval(tick));
    const watch = new ResizeObserver(() => this.requestUpdate());
    void this.updateComplete.then(() => watch.observe(this.querySelector(".rows-box")!));
    this.until(() => watch.disconnect());
    this.until(this.model.cursor.on(() => this.reveal()));
    this.until(this.model.query.on(() => this.querySelector(".rows-box")?.scrollTo({ top: 0 })));
  }

  focusSearch(): void {
    this.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  }

  focusRow(): void {
    const first = this.model.cursor.value || this.model.neighbour(0);
    this.model.cursor.value = first;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".row.cursor .row-open")?.focus());
  }

  /** Tops of all rows in pixels, and the end of the last: rows with a reason are taller. */
  private measure(shown: Vessel[]): Float64Array {
    if (this.topsOf === shown && this.topsAt === rootSize.value) return this.tops;
    this.topsOf = shown;
    this.topsAt = rootSize.value;
    this.tops = new Float64Array(shown.length + 1);
    shown.forEach((vessel, i) => {
      this.tops[i + 1] = this.tops[i]! + heightRem(vessel) * rootSize.value;
    });
    return this.tops;
  }

  private reveal(): void {
    const box = this.querySelector(".rows-box");
    const { shown } = this.model.answer.value;
    const i = shown.findIndex((vessel) => String(vessel.id) === this.model.cursor.value);
    if (!box || i < 0) return;
    const tops = this.measure(shown);
    if (tops[i]! < box.scrollTop) box.scrollTop = tops[i]!;
    else if (tops[i + 1]! > box.scrollTop + box.clientHeight) box.scrollTop = tops[i + 1]! - box.clientHeight;
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { shown } = model.answer.value;
    return html`<div class="finding">
        <label class="find">${glyph("search")}<span class="visually-hidden">${tell("search")}</span>
          <input type="search" placeholder=${tell("search")} .value=${model.query.value.q}
            @input=${(event: Event) => this.typed((event.target as HTMLInputElement).value)}
            @keydown=${(event: KeyboardEvent) => {
              if (event.key === "Enter" || event.key === "ArrowDown") this.focusRow();
              if (event.key === "Escape") { event.preventDefault(); (event.target as HTMLElement).blur(); }
            }}><kbd aria-hidden="true">/</kbd></label>
      </div>
      ${this.chips()}${this.filters()}${this.outages()}
      <div class="list-head"><h1>${tell(model.query.value.order === "need" ? "listNeed" : "listAll")}</h1>
        <span class="quiet">${model.state.value === "ready" ? tell("shown", { n: number(shown.length, 0) }) : ""}</span>
        ${model.answer.value.counts.unknown ? html`<button type="button" class="link" aria-pressed=${model.query.value.state === "unknown"} @click=${() => model.toggleState("unknown")}>${tell("unknownN", { n: number(model.answer.value.counts.unknown, 0) })}</button>` : nothing}<span class="spacer"></span>
        <label class="order"><span class="visually-hidden">${tell("order")}</span>
          <select @change=${(event: Event) => model.ask({ order: (event.target as HTMLSelectElement).value as Order })}>
            ${ORDERS.map(([order, word]) => html`<option value=${order} ?selected=${model.query.value.order === order}>${tell(word)}</option>`)}
          </select></label></div>
      <div class="rows-box" id="list" tabindex="-1" @scroll=${() => this.requestUpdate()}>${this.body(shown)}</div>`;
  }

  private typed(q: string): void {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.model.ask({ q: q.trim() }), TYPING_MS);
  }

  private chips(): TemplateResult {
    const { model } = this;
    const { counts } = model.answer.value;
    const now = model.query.value.state;
    const chip = (state: State | "", word: Said, n: number) => html`<button type="button" class="chip ${state ? `state-${state}` : ""}" data-state=${state || "all"}
      aria-pressed=${now === state} @click=${() => model.toggleState(state)}>${state ? stateMark(state) : glyph("ship")}
      <span>${tell(word)}</span><b>${number(n, 0)}</b></button>`;
    return html`<div class="chips" role="group" aria-label=${tell("byState")}>
      ${CHIPS.map((state) => chip(state, LOOKS[state].word, counts[state]))}${chip("", "all", counts.total)}</div>`;
  }

  private filters(): TemplateResult {
    const { model } = this;
    const { kind, zone, starred } = model.query.value;
    const chosen = (event: Event): string => (event.target as HTMLSelectElement).value;
    return html`<div class="filters" role="group" aria-label=${tell("filters")}>
      <label><span class="visually-hidden">${tell("kindFilter")}</span><select data-filter="kind" .value=${kind} @change=${(event: Event) => model.ask({ kind: chosen(event) })}>
        <option value="">${tell("allKinds")}</option>${KINDS.map((one) => html`<option value=${one} ?selected=${kind === one}>${wordOf(one)}</option>`)}</select></label>
      <label><span class="visually-hidden">${tell("zoneFilter")}</span><select data-filter="zone" .value=${zone} @change=${(event: Event) => model.ask({ zone: chosen(event) })}>
        <option value="">${tell("allZones")}</option>${model.places.zones.value.map((one) => html`<option value=${one.code} ?selected=${zone === one.code}>${say(one.name)}</option>`)}</select></label>
      <button type="button" class="star" aria-pressed=${starred} @click=${() => model.ask({ starred: !starred })}>${glyph("star")}<span class="visually-hidden">${tell("starredOnly")}</span> ${number(favourites.value.size, 0)}</button></div>`;
  }

  private outages(): TemplateResult[] {
    return this.model.outages.value.map((alert) => html`<p class="outage" title=${dateTime(alert.opened_at)}>${glyph("tower")}
      <span><b>${say(alert.title)}</b> <small>${tell("outageHeld", { ago: ago(alert.opened_at, serverNow()) })}</small></span></p>`);
  }

  private body(shown: Vessel[]): TemplateResult {
    const { model } = this;
    const state = model.state.value;
    if (state === "loading" && !model.vessels.size) {
      return html`<div class="skeletons" role="status" aria-label=${tell("loading")}>${Array.from({ length: 9 }, () => html`<i></i>`)}</div>`;
    }
    if (state === "failed") {
      return html`<div class="empty" role="alert">${glyph("offline")}<b>${tell("failed")}</b><p>${tell("failedWhy", { why: model.problem })}</p>
        <button type="button" class="button small" @click=${() => void model.load()}>${tell("retry")}</button></div>`;
    }
    if (!shown.length) return this.empty();
    const tops = this.measure(shown);
    const box = this.querySelector(".rows-box");
    const [from, to] = inSight(tops, box?.scrollTop ?? 0, box?.clientHeight || 900);
    const rows: { vessel: Vessel; i: number }[] = [];
    for (let i = from; i < to; i++) rows.push({ vessel: shown[i]!, i });
    return html`<ol class="rows" aria-label=${tell("listName")} style="height:${tops.at(-1)}px">
      ${repeat(rows, ({ vessel }) => vessel.id, ({ vessel, i }) => this.row(vessel, i, tops[i]!, shown.length))}</ol>`;
  }

  private empty(): TemplateResult {
    const { model } = this;
    const { q, state, kind, zone, starred } = model.query.value;
    const narrowed = q !== "" || state !== "" || kind !== "" || zone !== "" || starred;
    const why: Said = q ? "emptySearch" : state || narrowed ? "emptyState" : "emptyFleet";
    return html`<div class="empty">${glyph(q ? "search" : "check")}<b>${q ? tell("emptyFor", { q }) : tell("emptyTitle")}</b><p>${tell(why)}</p>
      ${narrowed ? html`<button type="button" class="button small" @click=${() => model.ask({ ...EVERYTHING, order: model.query.value.order })}>${tell("clear")}</button>` : nothing}</div>`;
  }

  private row(vessel: Vessel, i: number, top: number, count: number): TemplateResult {
    const { model } = this;
    const id = String(vessel.id);
    const color = model.past.colorOf(id);
    const classes = ["row", vessel.need ? "in-need" : "", model.open.value === id ? "open" : "", model.cursor.value === id ? "cursor" : "",
      model.hovered.value === id ? "hovered" : "", color ? "picked" : ""].filter(Boolean).join(" ");
    return html`<li class=${classes} data-id=${id} style="top:${top}px;height:${heightRem(vessel)}rem;--way:${color || "transparent"}"
        aria-setsize=${count} aria-posinset=${i + 1}
        @mouseenter=${() => (model.hovered.value = id)} @mouseleave=${() => (model.hovered.value = "")}>
      <button type="button" class="row-open" aria-current=${model.open.value === id ? "true" : nothing}
        @click=${(event: MouseEvent) => (event.shiftKey || event.ctrlKey || event.metaKey ? model.past.togglePick(id) : model.show(id))}>
        <span class="row-mark state-${vessel.state}">${stateMark(vessel.state)}<span class="visually-hidden">${tell(LOOKS[vessel.state]?.word ?? "unknown")}</span></span>
        <span class="row-top"><b>${favourites.value.has(id) ? html`<i class="starred" title=${tell("star")}>★</i> ` : nothing}${vessel.plate || vessel.name}</b><span class="row-speed">${vessel.state === "in_port" ? "" : knots(vessel.speed_kn)}</span></span>
        <span class="row-mid"><span class="row-name">${[vessel.plate && vessel.name !== vessel.plate ? vessel.name : "", vessel.length_m ? `${number(vessel.length_m, 1)} m` : ""].filter(Boolean).join(" · ")}</span>
          <time title=${dateTime(vessel.observed_at)}>${(vessel.source ?? "").toUpperCase()} ${ago(vessel.observed_at, serverNow())}</time></span>
        ${vessel.need ? html`<span class="row-reason sev-text-${vessel.need.severity}">${severityMark(vessel.need.severity)}<span>${bareTitle(vessel.need.reason, vessel)}</span></span>
          ${vessel.need.clock ? clockLine(vessel.need.clock) : nothing}` : nothing}
      </button>
      <label class="row-pick" title="${tell("pickTrack")} (x)"><input type="checkbox" .checked=${color !== ""} @change=${() => { model.past.togglePick(id); this.requestUpdate(); }}>
        <i aria-hidden="true">${glyph("route")}</i><span class="visually-hidden">${tell("pickTrackOf", { name: vessel.plate || vessel.name })}</span></label>
    </li>`;
  }
}

function heightRem(vessel: Vessel): number {
  if (!vessel.need) return ROW_REM;
  return ROW_REM + REASON_REM + (vessel.need.clock?.due_at ? CLOCK_REM : 0);
}

/** The first row in sight and the one after the last, some spare on both sides. */
function inSight(tops: Float64Array, top: number, height: number): [number, number] {
  let low = 0;
  let high = tops.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= top) low = middle;
    else high = middle - 1;
  }
  let end = low;
  while (end < tops.length - 1 && tops[end]! < top + height) end++;
  return [Math.max(0, low - SPARE_ROWS), Math.min(tops.length - 1, end + SPARE_ROWS)];
}

customElements.define("ioc-fleet-list", FleetList);
