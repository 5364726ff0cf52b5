import { html, nothing } from "lit";
import { serverNow } from "../common/catalogue";
import type { Field } from "../common/contract";
import { say, t } from "../i18n";
import { ago, dateTime, number } from "../i18n/format";
import type { LayerView } from "./layerbook";
import { menu } from "./menu";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { swatch } from "./swatch";

const FORMATS = [["geojson", "GeoJSON"], ["csv", "CSV"], ["gpkg", "GeoPackage"]] as const;

/** The layers of the catalogue: shown, ordered, filtered, explained, and how fresh each is. */
export class LayerPanel extends WallPart {
  private dragged: LayerView | null = null;

  constructor(model: WallModel) {
    super(model);
    this.uses(model.book.changed, model.feeding.poll.status, model.time.live, model.time.arrived);
  }

  protected override render() {
    const { model } = this;
    const { views } = model.book;
    const any = views.some((view) => view.visible);
    return html`
      <h2 class="visually-hidden">${t("layers.title")}</h2>
      ${views.length ? html`<ol class="layer-list">${views.map((view, i) => this.row(view, i))}</ol>
        <button type="button" class="toggle-all" @click=${() => model.book.showAll(!any)}>
          <ioc-icon name=${any ? "eye-off" : "eye"}></ioc-icon>${t(any ? "layers.hideall" : "layers.showall")}</button>`
        : html`<p class="empty">${t("layers.none")}</p>`}`;
  }

  private row(view: LayerView, i: number) {
    const { book } = this.model;
    const title = say(view.info.title);
    const status = this.model.feeding.poll.status.value?.layers[view.slug];
    const past = !this.model.time.live.value && view.replays;
    const count = past ? view.past.size : status?.count ?? view.info.count;
    return html`<li class="layer ${view.visible ? "" : "off"} ${view.open ? "open" : ""}" data-slug=${view.slug}
        @dragover=${(event: DragEvent) => this.over(event, view)} @drop=${(event: Event) => event.preventDefault()}>
      <div class="layer-line">
        <button type="button" class="grip" draggable="true" aria-label="${title}: ${t("layers.order")}" title=${t("layers.order")}
          @dragstart=${(event: DragEvent) => this.drag(event, view)} @dragend=${() => (this.dragged = null)}
          @keydown=${(event: KeyboardEvent) => this.nudge(event, view, i)}><ioc-icon name="grip"></ioc-icon></button>
        <button type="button" class="layer-toggle" role="switch" aria-checked=${view.visible}
          aria-label=${t(view.visible ? "layers.hide" : "layers.show", { layer: title })}
          @click=${() => book.show(view, !view.visible)}>
          ${swatch(view.info, view.styler)}
          <span class="layer-name"><b>${title}</b>${this.freshness(view)}</span></button>
        ${view.filtered ? html`<ioc-icon class="filter-on" name="filter"></ioc-icon>` : nothing}
        <span class="layer-count">${number(count, 0)}</span>
        <button type="button" class="icon-button small" aria-expanded=${view.open} aria-label=${t("layers.more", { layer: title })}
          @click=${() => { view.open = !view.open; book.tell(); }}><ioc-icon name=${view.open ? "down" : "right"}></ioc-icon></button>
      </div>
      ${view.open ? this.details(view, i) : nothing}</li>`;
  }

  /** A stale layer says so, and since when; a fresh one says how fresh, quietly. */
  private freshness(view: LayerView) {
    const status = this.model.feeding.poll.status.value?.layers[view.slug];
    const newest = status?.newest_at ?? view.info.newest_at;
    const now = serverNow();
    const past = !this.model.time.live.value;
    if (view.loading === "failed") return html`<small class="bad">${t("layers.failed")}</small>`;
    if (view.loading === "loading") return html`<small>${t("layers.loading")}</small>`;
    if ((status?.count ?? view.info.count) === 0) {
      return html`<small title=${t("layers.empty.hint")}>${t("layers.empty")}</small>`;
    }
    const synthetic = view.info.has_synthetic ? t("layers.synthetic") : "";
    if (status?.stale && !past) {
      const n = Math.round((view.info.stale_after_s ?? 0) / 60);
      return html`<small class="stale" title=${t("layers.stale.hint", { at: dateTime(newest), n })}>
        <ioc-icon name="warning"></ioc-icon><span>${t("layers.stale", { ago: ago(newest, now) })}</span></small>`;
    }
    if (!view.info.live || !newest || past) return synthetic ? html`<small>${synthetic}</small>` : nothing;
    return html`<small title=${t("layers.fresh.hint", { at: dateTime(newest) })}>
      ${t("layers.fresh", { ago: ago(newest, now) })}${synthetic && ` · ${synthetic}`}</small>`;
  }

  private details(view: LayerView, i: number) {
    const { book } = this.model;
    const by = view.info.fields.find((field) => field.name === view.info.style.by && field.choices.length);
    const filters = view.info.fields.filter((field) => field.filter && field.choices.length && field !== by);
    return html`<div class="layer-more">
      ${by ? this.choices(view, by, true) : nothing}
      ${filters.map((field) => html`<h3>${say(field.title)}</h3>${this.choices(view, field, false)}`)}
      ${view.filtered ? html`<button type="button" class="button small" @click=${() => book.clearFilter(view)}>
        <ioc-icon name="x"></ioc-icon>${t("layers.all")}</button>` : nothing}
      <label class="opacity"><span>${t("layers.opacity")}</span>
        <input type="range" min="0.1" max="1" step="0.1" .value=${String(view.opacity)}
          @input=${(event: Event) => book.setOpacity(view, Number((event.target as HTMLInputElement).value))}>
        <output>${number(view.opacity * 100, 0)}%</output></label>
      <div class="layer-actions">
        <button type="button" class="icon-button small" aria-label=${t("layers.up")} title=${t("layers.up")} ?disabled=${i === 0}
          @click=${() => book.move(view, i - 1)}><ioc-icon name="down" class="flip"></ioc-icon></button>
        <button type="button" class="icon-button small" aria-label=${t("layers.down")} title=${t("layers.down")}
          ?disabled=${i === book.views.length - 1} @click=${() => book.move(view, i + 1)}><ioc-icon name="down"></ioc-icon></button>
        <button type="button" class="icon-button small" aria-label=${t("layers.zoomto")} title=${t("layers.zoomto")}
          @click=${() => this.stage?.showWhole(view.info)}><ioc-icon name="crosshair"></ioc-icon></button>
        <span class="spacer"></span>${this.exports(view)}</div></div>`;
  }

  /** A legend that is the filter as well: each value with its mark, its count, and a tick. */
  private choices(view: LayerView, field: Field, legend: boolean) {
    const hidden = view.hidden.get(field.name);
    const counts = legend ? this.counts(view) : undefined;
    return html`<ul class="legend">${field.choices.map((choice) => {
      const off = hidden?.has(choice.value) ?? false;
      const face = html`${legend ? swatch(view.info, view.styler, choice.value) : nothing}
        <span>${say(choice.title)}</span>${counts ? html`<b>${number(counts[choice.value] ?? 0, 0)}</b>` : nothing}`;
      return html`<li>${field.filter ? html`<button type="button" role="checkbox" aria-checked=${!off}
        @click=${() => this.model.book.toggleValue(view, field.name, choice.value)}>
        <i class="tick"><ioc-icon name="check"></ioc-icon></i>${face}</button>` : html`<span class="legend-line">${face}</span>`}</li>`;
    })}</ul>`;
  }

  /** How many of each value: the server's figures, or those of the moment that is replayed. */
  private counts(view: LayerView): Record<string, number> | undefined {
    if (this.model.time.live.value || !view.replays) {
      return this.model.feeding.poll.status.value?.layers[view.slug]?.by;
    }
    const counts: Record<string, number> = {};
    for (const props of view.past.props) {
      const value = String(props[view.info.style.by!]);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    return counts;
  }

  private exports(view: LayerView) {
    const bounds = this.stage?.map.getBounds();
    const bbox = bounds ? `&bbox=${[bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
      .map((n) => n.toFixed(5)).join(",")}` : "";
    const link = (format: string, label: string, area: string, note: string) => html`
      <a data-close download href="${view.info.urls.export}?format=${format}${area}">
        <ioc-icon name="download"></ioc-icon>${label}${note ? html`<small>${note}</small>` : nothing}</a>`;
    return menu({
      id: `menu-export-${view.slug}`,
      label: `${t("layers.export")}: ${say(view.info.title)}`,
      className: "button small",
      face: html`<ioc-icon name="download"></ioc-icon>${t("layers.export")}`,
      body: html`${FORMATS.map(([format, label]) => link(format, label, "", ""))}
        ${FORMATS.slice(0, 2).map(([format, label]) => link(format, label, bbox, t("layers.export.view")))}`,
    });
  }

  private drag(event: DragEvent, view: LayerView): void {
    this.dragged = view;
    event.dataTransfer?.setData("text/plain", view.slug);
    const row = (event.target as HTMLElement).closest("li");
    if (row) event.dataTransfer?.setDragImage(row, 12, 18);
  }

  private over(event: DragEvent, view: LayerView): void {
    if (!this.dragged) return;
    event.preventDefault();
    if (this.dragged !== view) this.model.book.move(this.dragged, this.model.book.views.indexOf(view));
  }

  private nudge(event: KeyboardEvent, view: LayerView, i: number): void {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.model.book.move(view, i + step);
    void this.updateComplete.then(() =>
      this.querySelector<HTMLElement>(`[data-slug="${view.slug}"] .grip`)?.focus());
  }
}


customElements.define("ioc-layer-panel", LayerPanel);
