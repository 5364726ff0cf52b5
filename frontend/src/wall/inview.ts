import { html, nothing } from "lit";
import { serverNow } from "../common/catalogue";
import { loadFeatures } from "../common/services";
import { worldX, worldY } from "../common/store";
import { lang, say, t } from "../i18n";
import { ago, measure, number } from "../i18n/format";
import type { LayerView } from "./layerbook";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { swatch } from "./swatch";

const MOST_ROWS = 120;
const WAIT_MS = 250;

interface Row {
  view: LayerView;
  id: string;
  title: string;
  value: string;
  look: string;
  t: number;
}

/** What the map shows, as a list: in step with it, and the way in for keyboard and screen reader. */
export class InView extends WallPart {
  private rows: Row[] = [];
  private total = 0;
  private dense: { view: LayerView; n: number }[] = [];
  private timer = 0;
  private wantsFocus = false;
  private asking: AbortController | null = null;

  constructor(model: WallModel) {
    super(model);
    this.uses(model.selected);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const soon = () => this.soon();
    this.until(this.model.moved.on(soon));
    this.until(this.model.book.changed.on(soon));
    this.until(this.model.time.live.on(soon));
    this.soon();
  }

  /** Puts the focus on the first row, as soon as there is one. */
  focusFirst(): void {
    this.wantsFocus = true;
    this.soon();
  }

  protected override updated(): void {
    const first = this.wantsFocus && this.querySelector<HTMLElement>(".feature-list button");
    if (!first) return;
    this.wantsFocus = false;
    first.focus();
  }

  private soon(): void {
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      if (this.isConnected && this.stage) void this.collect();
    }, WAIT_MS);
  }

  private async collect(): Promise<void> {
    const bounds = this.stage!.map.getBounds();
    const west = worldX(bounds.getWest());
    const east = worldX(bounds.getEast());
    const north = worldY(bounds.getNorth());
    const south = worldY(bounds.getSouth());
    const rows: Row[] = [];
    this.total = 0;
    for (const view of this.model.book.views) {
      if (!view.visible || !view.held) continue;
      const store = this.model.time.live.value || !view.replays ? view.store : view.past;
      for (let i = 0; i < store.size; i++) {
        const x = store.x[i]!;
        const y = store.y[i]!;
        if (x < west || x > east || y < north || y > south) continue;
        if (view.filtered && !view.shows(store.props[i]!)) continue;
        this.total++;
        if (rows.length < MOST_ROWS) rows.push(this.row(view, store.ids[i]!, store.props[i]!, store.t[i]!));
      }
    }
    this.rows = rows;
    this.requestUpdate();
    await this.collectTiles(`${bounds.getWest()},${bounds.getSouth()},${bounds.getEast()},${bounds.getNorth()}`);
  }

  /** Layers drawn from tiles are counted, and listed where they are few, by the server. */
  private async collectTiles(bbox: string): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const dense: { view: LayerView; n: number }[] = [];
    for (const view of this.model.book.views) {
      if (!view.visible || view.held || view.info.geometry !== "point") continue;
      try {
        const page = await loadFeatures(view.info, { bbox, limit: "1" }, asking.signal);
        dense.push({ view, n: page.count_in_view ?? page.features.length });
      } catch {
        if (asking.signal.aborted) return;
      }
    }
    if (!dense.length && !this.dense.length) return;
    this.dense = dense;
    this.requestUpdate();
  }

  private row(view: LayerView, id: string, props: Record<string, unknown>, at: number): Row {
    const { style, fields } = view.info;
    const unit = fields.find((field) => field.name === style.value)?.unit ?? "";
    const speedUnit = fields.find((field) => field.name === style.speed)?.unit ?? "";
    const value = style.value && props[style.value] !== null ? measure(props[style.value], unit)
      : style.speed && props[style.speed] !== null ? measure(props[style.speed], speedUnit) : "";
    return {
      view, id, t: at, value: value.startsWith("–") ? "" : value,
      title: view.titleOf(props, lang.value) || `${say(view.info.title)} ${id}`,
      look: style.by ? String(props[style.by] ?? "") : "",
    };
  }

  protected override render() {
    if (!this.rows.length && !this.dense.length) {
      return html`<div class="empty"><b>${t("inview.empty")}</b><p>${t("inview.empty.hint")}</p></div>`;
    }
    const chosen = this.model.selected.value;
    const now = this.model.time.live.value ? serverNow() : this.model.time.at.value;
    return html`<p class="list-count" role="status">${t("inview.count", { n: number(this.total, 0) })}</p>
      ${this.dense.map(({ view, n }) => html`<p class="list-dense">${swatch(view.info, view.styler)}
        <span><b>${say(view.info.title)}</b> ${t("inview.dense", { n: number(n, 0) })}</span></p>`)}
      <ul class="feature-list" @keydown=${this.keys}>${this.rows.map((row) => html`<li>
        <button type="button" aria-current=${chosen?.slug === row.view.slug && chosen.id === row.id ? "true" : nothing}
          @click=${() => this.choose(row)}>
          ${swatch(row.view.info, row.view.styler, row.look || undefined)}
          <span><b>${row.title}</b><small>${say(row.view.info.title)} · ${ago(row.t, now)}</small></span>
          <em>${row.value}</em></button></li>`)}</ul>
      ${this.total > this.rows.length ? html`<p class="list-more">${t("inview.more", { n: number(this.total - this.rows.length, 0) })}</p>` : nothing}`;
  }

  private choose(row: Row): void {
    this.model.select(row.view.slug, row.id);
    const at = this.stage?.whereIs(row.view.slug, row.id);
    if (at && this.stage && !this.stage.map.getBounds().pad(-0.1).contains([at[1], at[0]])) {
      this.stage.map.panTo([at[1], at[0]]);
    }
  }

  /** Arrows walk the list, as in any list. */
  private keys = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...this.querySelectorAll<HTMLButtonElement>(".feature-list button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
  };
}

customElements.define("ioc-in-view", InView);
