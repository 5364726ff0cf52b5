import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { ago, dateTime, number } from "../i18n/format";
import { bandMark, dueWords, shareBar } from "./bands";
import { BANDS, type Item } from "./contract";
import { clearFilters, filterPanel } from "./filters";
import { glyph, maki } from "./icons";
import type { DeskModel } from "./model";
import { narrowed } from "./permalink";
import { tell, type Said } from "./words";

const TYPING_MS = 300;
export const BAND_WORDS: Record<string, Said> = {
  within: "within", warning: "warning", breached: "breached", paused: "pausedBand", none: "none",
};
const EMPTY_WORDS: Record<string, Said> = {
  mine: "emptyMine", team: "emptyTeam", triage: "emptyTriage", moderation: "emptyModeration",
  escalated: "emptyEscalated", all: "emptyAll",
};

/** The list of reports: what is asked for, and a row for each. */
export class QueueList extends IocElement {
  private filtering = false;
  private selecting = false;
  private typing = 0;
  private watcher: IntersectionObserver | null = null;

  constructor(private readonly model: DeskModel) {
    super();
    this.uses(model.home, model.query, model.queue, model.queueState, model.adding, model.code,
      model.cursor, model.hovered, model.picked, model.area);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.watcher = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting)) void this.model.loadMore();
    }, { rootMargin: "300px" });
    this.until(() => this.watcher?.disconnect());
    const clock = setInterval(() => this.requestUpdate(), 30_000);
    this.until(() => clearInterval(clock));
    this.until(this.model.cursor.on(() => void this.updateComplete.then(() => this.reveal())));
  }

  focusSearch(): void {
    this.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  }

  focusRow(): void {
    (this.querySelector<HTMLElement>(".row.cursor .row-open") ?? this.querySelector<HTMLElement>(".row-open"))?.focus();
  }

  private reveal(): void {
    this.querySelector(".row.cursor")?.scrollIntoView({ block: "nearest" });
  }

  protected override updated(): void {
    this.watcher?.disconnect();
    const end = this.querySelector(".queue-end");
    if (end && this.model.queue.value.next) this.watcher?.observe(end);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const view = model.home.value?.views.find((each) => each.key === model.query.value.view);
    return html`<header class="queue-head">
        <h1>${say(view?.title) || tell("views")}</h1>
        <span class="quiet queue-total">${this.total()}</span>
        <label class="order"><span class="visually-hidden">${tell("order")}</span>
          <select @change=${(event: Event) => model.ask({ order: (event.target as HTMLSelectElement).value })}>
            <option value="" ?selected=${model.query.value.order !== "newest"}>${tell("orderDue")}</option>
            <option value="newest" ?selected=${model.query.value.order === "newest"}>${tell("orderNewest")}</option>
          </select></label>
        ${!model.home.value?.me.may.act ? nothing : html`<button type="button" class="icon-button tiny select-many" aria-pressed=${this.selecting} aria-label=${tell("selectMany")}
          title="${tell("selectMany")} (x)" @click=${() => this.select()}>${glyph("list-check")}</button>`}
      </header>
      ${this.finding()}
      ${this.filtering ? filterPanel(model) : nothing}
      ${this.bands()}
      <div class="rows-box ${this.selecting ? "selecting" : ""}" tabindex="-1">${this.body()}</div>`;
  }

  private select(): void {
    this.selecting = !this.selecting;
    if (!this.selecting) this.model.picked.value = new Set();
    this.requestUpdate();
  }

  private total(): string {
    const { total, total_capped: capped } = this.model.queue.value;
    if (this.model.queueState.value !== "ready") return "";
    if (total === 1) return tell("totalOne");
    return tell(capped ? "totalCapped" : "total", { n: number(total, 0) });
  }

  private finding(): TemplateResult {
    const { model } = this;
    const n = narrowed({ ...model.query.value, q: "", band: "" });
    return html`<div class="finding">
      <label class="find">${glyph("search")}<span class="visually-hidden">${tell("search")}</span>
        <input type="search" placeholder=${tell("search")} .value=${model.query.value.q}
          @input=${(event: Event) => this.typed((event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === "Escape") {
              // The browser would empty the field without a word to anybody.
              event.preventDefault();
              (event.target as HTMLElement).blur();
            }
            if (event.key === "Enter") this.focusRow();
          }}><kbd aria-hidden="true">/</kbd></label>
      <button type="button" class="button small filter-toggle ${n ? "on" : ""}" aria-expanded=${this.filtering}
        @click=${() => { this.filtering = !this.filtering; this.requestUpdate(); }}>${glyph("filter")}
        <span>${n ? tell("filtersOn", { n }) : tell("filters")}</span></button>
    </div>`;
  }

  private typed(q: string): void {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.model.ask({ q: q.trim() }), TYPING_MS);
  }

  private bands(): TemplateResult | typeof nothing {
    const { model } = this;
    const { bands } = model.queue.value;
    const now = model.query.value.band;
    if (!now && BANDS.every((band) => !bands[band])) return nothing;
    return html`<div class="bands" role="group" aria-label=${tell("byBand")}>
      ${BANDS.filter((band) => bands[band] || now === band).map((band) => html`
        <button type="button" class="band-button" aria-pressed=${now === band}
          @click=${() => model.ask({ band: now === band ? "" : band })}>
          ${bandMark(band)}<span>${tell(BAND_WORDS[band]!)}</span><b>${number(bands[band] ?? 0, 0)}</b></button>`)}
    </div>`;
  }

  private body(): TemplateResult {
    const { model } = this;
    const { items, next } = model.queue.value;
    const state = model.queueState.value;
    if (state === "loading") {
      return html`<div class="skeletons" role="status" aria-label=${tell("loading")}>
        ${Array.from({ length: 8 }, () => html`<i></i>`)}</div>`;
    }
    if (state === "failed") {
      return html`<div class="empty" role="alert">${glyph("offline")}<b>${tell("failed")}</b>
        <p>${tell("failedWhy", { why: model.problem })}</p>
        <button type="button" class="button small" @click=${() => void model.loadQueue()}>${tell("retry")}</button></div>`;
    }
    if (!items.length) return this.empty();
    return html`<ol class="rows" aria-label=${tell("views")}>${repeat(items, (item) => item.code, (item) => this.row(item))}</ol>
      <div class="queue-end">${next
        ? html`<button type="button" class="button small" ?disabled=${model.adding.value} @click=${() => void model.loadMore()}>
            ${model.adding.value ? tell("loading") : tell("more")}</button>
          <span class="quiet">${tell("moreOf", { n: number(items.length, 0), total: number(model.queue.value.total, 0) })}</span>`
        : html`<span class="quiet">${tell("end")}</span>`}</div>`;
  }

  private empty(): TemplateResult {
    const { model } = this;
    const filtered = narrowed(model.query.value) > 0;
    const why: Said = model.area.value ? "emptyArea" : filtered ? "emptyFiltered"
      : EMPTY_WORDS[model.query.value.view] ?? "emptyAll";
    return html`<div class="empty">${glyph(filtered ? "filter" : "inbox")}<b>${tell("empty")}</b><p>${tell(why)}</p>
      ${filtered ? html`<button type="button" class="button small" @click=${() => clearFilters(model)}>${tell("clear")}</button>` : nothing}</div>`;
  }

  private row(item: Item): TemplateResult {
    const { model } = this;
    const picked = model.picked.value.has(item.code);
    const classes = [
      "row", item.unread ? "unread" : "", model.code.value === item.code ? "open" : "",
      model.cursor.value === item.code ? "cursor" : "", model.hovered.value === item.code ? "hovered" : "",
      picked ? "picked" : "",
    ].filter(Boolean).join(" ");
    const due = dueWords(item);
    const newest = model.query.value.order === "newest";
    const band = tell(BAND_WORDS[item.band]!);
    return html`<li class=${classes} data-code=${item.code}
        @mouseenter=${() => (model.hovered.value = item.code)} @mouseleave=${() => (model.hovered.value = "")}>
      <button type="button" class="row-open" aria-current=${model.code.value === item.code ? "true" : nothing}
        @click=${() => void model.open(item.code)}>
        <span class="row-face" style="--tint:${item.category.color}">
          ${item.thumb ? html`<img src=${item.thumb} alt="" loading="lazy" width="56" height="56">` : nothing}
          <i>${maki(item.category.icon)}</i></span>
        <span class="row-body">
          <span class="row-top">
            ${item.unread ? html`<span class="dot"><span class="visually-hidden">${tell("unread")}</span></span>` : nothing}
            ${item.emergency ? html`<span class="tag urgent">${glyph("siren")}${tell("emergency")}</span>` : nothing}
            <span class="row-words">${item.words || tell("noWords")}</span>${marksOf(item)}</span>
          <span class="row-mid"><span class="row-kind">${say(item.category.title)} · ${say(item.district?.title) || "–"}</span>
            <span class=${newest ? "" : "code"} title=${dateTime(item.received_at)}>${newest ? ago(item.received_at, serverNow()) : item.code}</span></span>
          <span class="row-low">${shareBar(item.band, item.used, `${band}, ${tell("used", { n: number((item.used ?? 0) * 100, 0) })}`)}
            <span class="due band-${item.band}" title=${item.due_at ? tell("due", { at: dateTime(item.due_at) }) : ""}>
              ${bandMark(item.band)}${due}</span>
            <span class="state" style="--tint:${item.state.color}">${say(item.state.title)}</span></span>
        </span>
      </button>
      <label class="row-pick"><input type="checkbox" .checked=${picked}
        @change=${(event: Event) => model.togglePick(item.code, (event.target as HTMLInputElement).checked)}>
        <span class="visually-hidden">${tell("select", { code: item.code })}</span></label>
    </li>`;
  }
}

function marksOf(item: Item): TemplateResult {
  return html`${item.moderation !== "clear" ? html`<span class="tag">${tell(item.moderation === "held" ? "held" : "hidden")}</span>` : nothing}
    ${item.reopened ? html`<span class="tag">${tell("reopened", { n: item.reopened })}</span>` : nothing}
    ${item.me_too ? html`<span class="tag" title=${tell("meToo", { n: item.me_too })}>${glyph("users")}${item.me_too}</span>` : nothing}`;
}

customElements.define("ioc-queue", QueueList);
