import L from "leaflet";
import { html, nothing, type TemplateResult } from "lit";
import type { Catalogue, LayerInfo, Props } from "../common/contract";
import { IocElement } from "../common/element";
import { theme } from "../common/prefs";
import { FeatureStore } from "../common/store";
import { number } from "../i18n/format";
import type { Atlas } from "../map/atlas";
import { createMap } from "../map/core";
import { AreaLabels } from "../map/labels";
import { PointCanvas } from "../map/points";
import { Styler, type Detail } from "../map/styler";
import { drawBadge, drawReport } from "../map/symbols";
import { TileLayer } from "../map/tiles";
import { bandMark, LOOKS } from "./bands";
import { BANDS, type Band, type Item } from "./contract";
import { glyph } from "./icons";
import type { DeskModel } from "./model";
import { BAND_WORDS } from "./queue";
import { tell } from "./words";

const SLUG = "desk";
const REACH_PX = 18;
const CASE_ZOOM = 16;
const SETTLE_MS = 350;

/** What a styler needs of a layer; the desk's pins are drawn by their clock, not by a catalogue. */
const PINS = {
  slug: SLUG, fields: [], stale_after_s: null,
  style: { kind: "report", color: "#f5a524", by: null, bearing: null, course: null },
} as unknown as LayerInfo;

/** A drop with the category's icon, coloured by its clock, with the clock's shape at its shoulder. */
class BandStyler extends Styler {
  constructor() {
    super(PINS);
  }

  override lookOf(props: Props): { color: string; shape: string } {
    return LOOKS[props.band as Band] ?? LOOKS.none;
  }

  override sprite(atlas: Atlas, props: Props, _t: number, _nowS: number, detail: Detail): number {
    const band = props.band as Band;
    const { color, shape, hollow } = LOOKS[band] ?? LOOKS.none;
    const s = detail.size < 0.7 ? 0.62 : detail.size;
    const icon = String(props.icon ?? "");
    return atlas.sprite(`${SLUG}/${band}/${icon}/${s}`, 38 * s + 2, 64 * s + 2, (ctx) => {
      ctx.scale(s, s);
      ctx.save();
      drawReport(ctx, color, icon, hollow);
      ctx.restore();
      ctx.translate(2, -17);
      drawBadge(ctx, color, shape);
    });
  }
}

/** The map in step with the list: the same reports, the same one open, the same one pointed at. */
export class DeskStage extends IocElement {
  map: L.Map | null = null;
  private readonly store = new FeatureStore();
  private readonly points = new PointCanvas();
  private readonly areas: TileLayer[] = [];
  private pointer: L.Marker | null = null;
  private accuracy: L.Circle | null = null;
  private fitted = "";
  private settle = 0;
  /** Where the map stood before a case moved it. */
  private cameFrom: { centre: L.LatLng; zoom: number } | null = null;

  constructor(private readonly model: DeskModel, private readonly catalogue: Catalogue) {
    super();
    this.uses(model.queue, model.area, model.query, model.code);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { model } = this;
    void this.updateComplete.then(() => this.begin());
    this.until(model.queue.on(() => this.fill()));
    this.until(model.file.on(() => this.toCase()));
    this.until(model.code.on(() => this.mark()));
    this.until(model.hovered.on(() => this.point(model.hovered.value)));
    this.until(theme.on(() => requestAnimationFrame(() => {
      this.points.restyle();
      for (const area of this.areas) area.repaint();
    })));
  }

  private begin(): void {
    if (this.map) return;
    const { city } = this.catalogue;
    const map = createMap(this.querySelector<HTMLElement>(".map")!, city, { marginDeg: 0.6 });
    this.map = map;
    for (const layer of this.catalogue.layers) {
      if (layer.geometry !== "polygon" || layer.style.kind !== "district") continue;
      this.areas.push(new TileLayer(layer, "areas").addTo(map));
      if (!city.basemap) new AreaLabels(layer).addTo(map);
    }
    this.points.sets = [{ slug: SLUG, store: this.store, styler: new BandStyler(), opacity: 1, shows: null }];
    this.points.addTo(map);
    const [west, south, east, north] = this.model.area.value.split(",").map(Number);
    if (north !== undefined) {
      // A little less than was seen, or rounding would choose the next smaller scale.
      map.fitBounds(L.latLngBounds([south!, west!], [north, east!]).pad(-0.02), { animate: false });
    }
    map.on("moveend", () => this.moved());
    map.on("click", (event) => {
      const code = this.under(event.containerPoint);
      if (code) void this.model.open(code);
    });
    map.on("mousemove", (event) => (this.model.hovered.value = this.under(event.containerPoint)));
    map.on("mouseout", () => (this.model.hovered.value = ""));
    const watch = new ResizeObserver(() => map.invalidateSize({ animate: false }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.fill();
    this.toCase();
  }

  private under(point: L.Point): string {
    return this.points.at(point, REACH_PX)[0]?.id ?? "";
  }

  /** The same rows as the list; what was gone from it is gone from the map. */
  private fill(): void {
    if (!this.map) return;
    const { items } = this.model.queue.value;
    this.store.clear();
    // The gravest is drawn last and so lies on top.
    for (const item of [...items].reverse()) this.put(item);
    const file = this.model.file.value;
    if (file && this.store.row(file.code) < 0) this.put(file);
    this.points.touch();
    this.mark();
    this.fitOnce(items);
  }

  private put(item: Item): void {
    this.store.upsert(item.code, item.lon, item.lat, 0, { band: item.band, icon: item.category.icon });
  }

  /** A new question shows its whole answer; afterwards the map stays where the person left it. */
  private fitOnce(items: Item[]): void {
    const asked = JSON.stringify(this.model.query.value);
    if (this.model.area.value || this.model.code.value || asked === this.fitted || !items.length) return;
    this.fitted = asked;
    this.fit(items);
  }

  private fit(items: Item[]): void {
    const lons = items.map((item) => item.lon).sort((a, b) => a - b);
    const lats = items.map((item) => item.lat).sort((a, b) => a - b);
    // Without the few that lie far out, where there are many: the rest would be one blot.
    const cut = items.length > 12 ? Math.floor(items.length * 0.06) : 0;
    const box = L.latLngBounds(
      [lats[cut]!, lons[cut]!], [lats.at(-1 - cut)!, lons.at(-1 - cut)!]);
    this.map?.fitBounds(box, { paddingTopLeft: [48, 72], paddingBottomRight: [48, 56], maxZoom: 15, animate: false });
  }

  private moved(): void {
    if (!this.model.area.value) return;
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.model.within(this.box()), SETTLE_MS);
  }

  private box(): string {
    const bounds = this.map!.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
      .map((value) => value.toFixed(5)).join(",");
  }

  private mark(): void {
    const code = this.model.code.value;
    this.points.selected = code ? { slug: SLUG, id: code } : null;
    if (this.map) this.points.invalidate();
    if (code || !this.cameFrom) return;
    this.map?.setView(this.cameFrom.centre, this.cameFrom.zoom, { animate: false });
    this.cameFrom = null;
  }

  private toCase(): void {
    const { map } = this;
    const file = this.model.file.value;
    this.accuracy?.remove();
    this.accuracy = null;
    if (!map || !file) return;
    if (this.store.row(file.code) < 0) {
      this.put(file);
      this.points.touch();
    }
    const place = L.latLng(file.lat, file.lon);
    if (file.accuracy_m) {
      const color = getComputedStyle(document.documentElement).getPropertyValue("--kind-camera").trim();
      this.accuracy = L.circle(place, {
        radius: file.accuracy_m, color, weight: 1.5, fillOpacity: 0.12, interactive: false,
      }).addTo(map);
    }
    const near = map.getZoom() >= CASE_ZOOM - 1 && map.getBounds().pad(-0.15).contains(place);
    // While the map limits the list it stays put: moving it would change the list under the hand.
    if (near || this.model.area.value) return;
    this.cameFrom ??= { centre: map.getCenter(), zoom: map.getZoom() };
    map.setView(place, Math.max(map.getZoom(), CASE_ZOOM), { animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  private point(code: string): void {
    const { map } = this;
    this.pointer?.remove();
    this.pointer = null;
    if (!map) return;
    map.getContainer().style.cursor = code ? "pointer" : "";
    const item = code ? this.model.item(code) : undefined;
    if (!item) return;
    const face = document.createElement("span");
    face.textContent = item.words || tell("noWords");
    this.pointer = L.marker([item.lat, item.lon], {
      interactive: false, keyboard: false,
      icon: L.divIcon({ className: "desk-pointer", html: face, iconSize: [0, 0] }),
    }).addTo(map);
  }

  protected override render(): TemplateResult {
    const { model, map } = this;
    const { items, total } = model.queue.value;
    const on = model.area.value !== "";
    const button = (icon: string, label: string, act: () => void) => html`<button type="button" aria-label=${label}
      title=${label} @click=${act}>${glyph(icon)}</button>`;
    return html`<div class="map" aria-label=${tell("mapName")}></div>
      <div class="map-top">
        <button type="button" class="button small area-toggle" aria-pressed=${on}
          @click=${() => map && model.within(on ? "" : this.box())}>${glyph("map")}${tell("mapOnly")}</button>
        ${model.code.value ? nothing : html`<span class="chip keys-hint wide-only">${tell("pickHint").split("|").map((part, i) => (i % 2 ? html`<kbd>${part}</kbd>` : part))}</span>`}
        ${total > items.length ? html`<span class="chip">${tell("mapShows", { n: number(items.length, 0), total: number(total, 0) })}</span>` : nothing}
      </div>
      <div class="map-legend" aria-hidden="true">${BANDS.filter((band) => band !== "none").map((band) =>
        html`<span>${bandMark(band)}${tell(BAND_WORDS[band]!)}</span>`)}</div>
      <div class="map-controls" role="group" aria-label=${tell("mapName")}>
        <span>${button("plus", tell("zoomIn"), () => map?.zoomIn())}${button("minus", tell("zoomOut"), () => map?.zoomOut())}</span>
        <span>${button("locate", tell("zoomAll"), () => items.length && this.fit(items))}</span></div>`;
  }
}

customElements.define("ioc-desk-stage", DeskStage);
