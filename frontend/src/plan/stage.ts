import L from "leaflet";
import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { theme } from "../common/prefs";
import { FeatureStore } from "../common/store";
import { say } from "../i18n";
import { createMap } from "../map/core";
import { PointCanvas } from "../map/points";
import { Styler } from "../map/styler";
import { TileLayer } from "../map/tiles";
import type { Found } from "./contract";
import { AreaLayer } from "./arealayer";
import { Drawing } from "./drawing";
import { glyph, type Glyph } from "./icons";
import { countWords, type PlanModel, type Tool } from "./model";
import { Printing } from "./printing";
import { ResultLayer } from "./resultlayer";
import { SwipeLayer } from "./swipelayer";
import { tell, type Said } from "./words";

const WARDS = "wards";
const QUIET = 0.55;
const FEW = 60;
const NEAR_ZOOM = 14;
const FIT_PX: L.PointTuple = [36, 36];

/** The map: the area, what lies in it, what an analysis found; in step with list, table and chart. */
export class PlanStage extends IocElement {
  map: L.Map | null = null;
  readonly printing: Printing;
  readonly points = new PointCanvas();
  private readonly store = new FeatureStore();
  private wards: TileLayer | null = null;
  private around: TileLayer | null = null;
  private shapes: L.GeoJSON | null = null;
  private found: ResultLayer | null = null;
  private shown = "";

  constructor(private readonly model: PlanModel) {
    super();
    this.printing = new Printing(model, () => this.map, () => this.found?.bounds() ?? null);
    this.uses(model.tool, model.mode, model.answer);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.begin());
    this.until(this.printing.listen());
    this.until(theme.on(() => requestAnimationFrame(() => {
      this.points.restyle();
      this.wards?.repaint();
      this.around?.repaint();
    })));
  }

  private begin(): void {
    if (this.map) return;
    const { model } = this;
    const map = createMap(this.querySelector<HTMLElement>(".map")!, model.catalogue.city);
    this.map = map;
    const wards = model.layer(WARDS);
    if (wards) this.wards = new TileLayer(wards, "areas").addTo(map);
    this.points.addTo(map);
    new AreaLayer(map, model);
    this.found = new ResultLayer(map, model);
    new SwipeLayer(map, model, this);
    new Drawing(map, model, { ward: (at) => this.wards?.at(at)[0]?.id ?? "", feature: (at) => this.featureAt(at) });
    const redraw = () => this.fill();
    if (model.view.value) map.setView([model.view.value.lat, model.view.value.lon], model.view.value.zoom, { animate: false });
    map.on("moveend", () => {
      const { lat, lng } = map.getCenter();
      model.view.value = { lat, lon: lng, zoom: map.getZoom() };
    });
    map.on("zoomend", redraw);
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => (model.pointed.value = ""));
    for (const signal of [model.detail, model.question, model.mode, model.runs.run, model.draft, model.answer]) this.until((signal as typeof model.detail).on(redraw));
    this.until(model.pointed.on((id) => this.point(id)));
    this.until(model.fit.on(() => this.toArea()));
    this.until(model.asking.on((asking) => !asking && this.pendingFit && this.toArea()));
    const watch = new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.fill();
    if (!model.view.value && model.question.value.area) model.fit.value++;
    this.requestUpdate();
    void document.fonts.ready.then(() => this.points.restyle());
  }

  /** The map goes to the area once the answer tells where it lies. */
  private pendingFit = false;

  private toArea(): void {
    const { map, model } = this;
    if (!map) return;
    if (!model.question.value.area) {
      this.pendingFit = false;
      const [west, south, east, north] = model.catalogue.city.bounds;
      map.fitBounds([[south, west], [north, east]]);
      return;
    }
    this.pendingFit = model.asking.value;
    if (this.pendingFit || model.question.value.relation !== "intersects") return;
    const box = model.answer.value?.area.bbox;
    if (box) map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { padding: FIT_PX, maxZoom: 16 });
  }

  /** What the list holds stands out; where nothing narrows the layer, its tiles lie beneath. */
  private fill(): void {
    const { map, model } = this;
    if (!map) return;
    const layer = model.focus;
    const bare = !model.terms().length && !model.question.value.period && model.question.value.relation === "intersects";
    const results = model.mode.value === "analyse" && model.runs.run.value !== null;
    const wanted = layer && bare && layer.slug !== WARDS && model.mode.value !== "compare" && !results ? layer.slug : "";
    if (wanted !== this.shown) {
      this.around?.remove();
      this.around = wanted ? new TileLayer(layer, "density").addTo(map) : null;
      this.around?.setOpacity(QUIET);
      this.shown = wanted;
    }
    this.shapes?.remove();
    this.shapes = null;
    this.store.clear();
    if (!results && model.mode.value !== "compare") this.list(model.listed);
    // Whole symbols where there is room for them, else dots.
    const dots = this.store.size > FEW && map.getZoom() < NEAR_ZOOM;
    const info = dots ? { ...layer, style: { ...layer.style, kind: "district" as const } } : layer;
    this.points.sets = [{ slug: layer.slug, store: this.store, styler: new Styler(info), opacity: 1, shows: null }];
    this.store.restyle();
    this.points.invalidate();
  }

  private list(listed: Found[]): void {
    if (this.model.focus.geometry !== "point") return this.outline(listed);
    for (const one of listed) {
      if (one.geometry?.type !== "Point") continue;
      const [lon, lat] = one.geometry.coordinates;
      this.store.upsert(String(one.id), lon!, lat!, 0, one.properties ?? {});
    }
  }

  private outline(listed: Found[]): void {
    const data = { type: "FeatureCollection", features: listed.filter((one) => one.geometry) } as GeoJSON.FeatureCollection;
    this.shapes = L.geoJSON(data, { interactive: false, style: { color: this.model.focus.style.color, weight: 1.4, fillOpacity: 0.12 } }).addTo(this.map!);
  }

  private featureAt(at: L.LatLng): { layer: string; id: string } | null {
    const { map, model } = this;
    const near = this.points.at(map!.latLngToContainerPoint(at), 16)[0];
    if (near) return { layer: near.slug, id: near.id };
    const hit = this.around?.at(at, 14).find((one) => one.id && one.props.n === undefined);
    return hit ? { layer: model.focus.slug, id: hit.id } : null;
  }

  private hover(event: L.LeafletMouseEvent): void {
    const { model } = this;
    if (model.tool.value || model.mode.value === "compare") return;
    model.pointed.value = this.points.at(event.containerPoint)[0]?.id ?? "";
  }

  private point(id: string): void {
    this.points.selected = id ? { slug: this.model.focus.slug, id } : null;
    if (this.map) this.points.invalidate();
  }

  /** Brings a listed feature into view. */
  bring(lon: number, lat: number): void {
    this.map?.setView([lat, lon], Math.max(this.map.getZoom(), 15));
  }

  /** On a phone the answer is another page: its figure stays with the map. */
  private figure(): TemplateResult | typeof nothing {
    const { model } = this;
    const told = model.focusAnswer;
    if (!told?.count || model.mode.value !== "ask") return nothing;
    return html`<button type="button" class="map-figure" @click=${() => (model.page.value = "answer")}><b>${countWords(told.count)}</b><small>${say(told.title)}</small></button>`;
  }

  protected override render(): TemplateResult {
    const { model, map } = this;
    const tool = model.tool.value;
    const button = (icon: Glyph, label: string, act: () => void, pressed?: boolean) => html`<button type="button"
      aria-label=${label} title=${label} aria-pressed=${pressed === undefined ? nothing : String(pressed)} @click=${act}>${glyph(icon)}</button>`;
    const use = (one: Tool) => (model.tool.value = tool === one ? "" : one);
    return html`<div class="map"></div>
      ${tool ? html`<p class="tool-hint" role="status">${tell(`hint_${tool}` as Said)}<button type="button" class="link" @click=${() => (model.tool.value = "")}>${tell("close")}</button></p>` : nothing}
      ${this.figure()}<div class="map-controls" role="group" aria-label=${tell("mapTools")}>
        <span>${button("plus", tell("zoomIn"), () => map?.zoomIn())}${button("minus", tell("zoomOut"), () => map?.zoomOut())}</span>
        <span>${button("fit", tell("zoomAll"), () => model.fit.value++)}</span>
        <span>${button("polygon", `${tell("polygon")} (p)`, () => use("polygon"), tool === "polygon")}${button("circle", `${tell("circle")} (c)`, () => use("circle"), tool === "circle")}
          ${button("ruler", `${tell("measure")} (m)`, () => use("measure"), tool === "measure")}</span></div>`;
  }
}

customElements.define("ioc-plan-stage", PlanStage);
