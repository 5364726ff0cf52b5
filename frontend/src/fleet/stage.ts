import L from "leaflet";
import { html, nothing, type TemplateResult } from "lit";
import type { Catalogue } from "../common/contract";
import { IocElement } from "../common/element";
import { theme } from "../common/prefs";
import { FeatureStore } from "../common/store";
import { ago } from "../i18n/format";
import { serverNow } from "../common/catalogue";
import { createMap } from "../map/core";
import { PointCanvas } from "../map/points";
import { TileLayer } from "../map/tiles";
import type { Vessel } from "./contract";
import { glyph } from "./icons";
import { FleetStyler, LOOKS, SLUG, stateMark } from "./looks";
import type { FleetModel } from "./model";
import { OVERLAYS, Overlays, type Overlay } from "./overlays";
import { spotAt } from "./past";
import { knots, NauticalScale } from "./nautical";
import { Tools } from "./tools";
import { WaysLayer } from "./wayslayer";
import { tell } from "./words";
import { Zones } from "./zones";

const ZONES = "fishing-zones";
const FILE_ZOOM = 11;
const NEED = `${SLUG}-need`;
const PAST = `${SLUG}-past`;
const FADED = 0.14;
const FIRST_ZOOM = 8;
const NARROW_PX = 640;
const OVERLAY_LOOKS = {
  "vessel-tracks": { icon: "route", word: "overlayTracks" }, "fishing-effort": { icon: "effort", word: "overlayEffort" },
} as const satisfies Record<Exclude<Overlay, "">, object>;

/** The sea, its zones, and every vessel on it; in step with the list, the file and the past. */
export class FleetStage extends IocElement {
  map: L.Map | null = null;
  readonly points = new PointCanvas();
  private readonly quiet = new FeatureStore();
  private readonly needs = new FeatureStore();
  private readonly past = new FeatureStore();
  private tip: L.Marker | null = null;
  private opened: L.Marker | null = null;
  private filled = "";
  private overlays: Overlays | null = null;
  private restFrame = 0;
  /** A link names a vessel whose place is not known yet. */
  private toShow = false;

  constructor(private readonly model: FleetModel, private readonly catalogue: Catalogue) {
    super();
    this.uses(model.tool, model.past.area, model.query);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { model } = this;
    void this.updateComplete.then(() => this.begin());
    this.until(model.version.on(() => this.fill()));
    this.until(model.open.on(() => this.toOpen()));
    this.until(model.hovered.on(() => this.point()));
    for (const signal of [model.past.at, model.past.pointed, model.past.replayed, model.past.ways]) {
      this.until((signal as typeof model.past.at).on(() => this.rewind()));
    }
    const night = () => {
      FleetStyler.night = model.night.value;
      this.quiet.restyle();
      this.needs.restyle();
      if (this.map) this.points.invalidate();
    };
    night();
    this.until(model.night.on(night));
    this.until(theme.on(() => requestAnimationFrame(() => this.points.restyle())));
  }

  private begin(): void {
    if (this.map) return;
    const { model, points } = this;
    const map = createMap(this.querySelector<HTMLElement>(".map")!, this.catalogue.city, { marginDeg: 5, wardNames: false });
    this.map = map;
    map.setMinZoom(7);
    new NauticalScale().addTo(map);
    const zones = this.catalogue.layers.find((layer) => layer.slug === ZONES);
    if (zones) new Zones(map, zones);
    if (!this.catalogue.city.basemap) this.land(map);
    this.live();
    points.addTo(map);
    this.overlays = new Overlays(map, this.catalogue);
    this.until(this.overlays.shown.on(() => this.requestUpdate()));
    this.requestUpdate();
    new WaysLayer(map, model);
    new Tools(map, model);
    if (model.view.value) map.setView([model.view.value.lat, model.view.value.lon], model.view.value.zoom, { animate: false });
    map.on("moveend", () => {
      const { lat, lng } = map.getCenter();
      model.view.value = { lat, lon: lng, zoom: map.getZoom() };
    });
    map.on("click", (event) => this.clicked(event));
    map.on("mousemove", (event) => {
      if (model.tool.value) return;
      model.hovered.value = this.under(event.containerPoint);
    });
    map.on("mouseout", () => (model.hovered.value = ""));
    const watch = new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.toShow = !model.view.value && !model.past.picks.value.length;
    this.fill();
    void document.fonts.ready.then(() => points.restyle());
  }

  /** Without a basemap the wards are the only land one can draw. */
  private land(map: L.Map): void {
    const wards = this.catalogue.layers.find((layer) => layer.geometry === "polygon" && layer.style.kind === "district");
    if (wards) new TileLayer(wards, "areas").addTo(map);
  }

  private live(): void {
    const { state } = this.model.query.value;
    const shows = state ? (props: Record<string, unknown>) => props.state === state : null;
    this.points.sets = [
      { slug: SLUG, store: this.quiet, styler: new FleetStyler(), opacity: 1, shows },
      { slug: NEED, store: this.needs, styler: new FleetStyler(1.5), opacity: 1, shows },
      { slug: PAST, store: this.past, styler: new FleetStyler(1.1), opacity: 1, shows: null },
    ];
  }

  /** Every vessel to where it is known now; those in need lie above the rest. */
  private fill(): void {
    if (!this.map) return;
    const { state } = this.model.query.value;
    if (state !== this.filled) {
      this.filled = state;
      this.live();
      this.quiet.restyle();
      this.needs.restyle();
    }
    this.quiet.clear();
    this.needs.clear();
    const all = this.narrowed ? this.model.answer.value.shown : this.model.vessels.values();
    for (const vessel of all) this.put(vessel);
    this.first();
    this.points.touch();
    this.rewind();
    this.mark();
  }

  /** A search or a filter leaves some out of the map as well; a state only hides them. */
  private get narrowed(): boolean {
    const { q, kind, zone, starred } = this.model.query.value;
    return q !== "" || kind !== "" || zone !== "" || starred;
  }

  private put(vessel: Vessel): void {
    if (vessel.lon === null || vessel.lat === null) return;
    const store = vessel.state === "danger" || vessel.state === "over_line" ? this.needs : this.quiet;
    store.upsert(String(vessel.id), vessel.lon, vessel.lat, 0, vessel as unknown as Record<string, unknown>);
  }

  /** Positions that came by the stream: only those rows are touched. */
  moved(ids: string[]): void {
    for (const id of ids) {
      const vessel = this.model.vessel(id);
      // While a search narrows the map, what it left out stays out.
      if (vessel && (!this.narrowed || this.quiet.row(id) >= 0 || this.needs.row(id) >= 0)) this.put(vessel);
    }
    this.points.touch();
    if (ids.includes(this.model.open.value)) this.mark();
  }

  /** Nearly all of the fleet, and all of it that needs someone. */
  private first(): void {
    if (this.toShow && this.model.vessel(this.model.open.value)) {
      this.toShow = false;
      this.toOpen();
    }
    if (this.model.view.value || !this.map || this.quiet.size < 2) return;
    const some = [...this.model.vessels.values()].filter((vessel) => vessel.lon !== null && vessel.lat !== null);
    const lons = some.map((vessel) => vessel.lon!).sort((a, b) => a - b);
    const lats = some.map((vessel) => vessel.lat!).sort((a, b) => a - b);
    const cut = Math.floor(some.length * 0.02);
    const box = L.latLngBounds([lats[cut]!, lons[cut]!], [lats.at(-1 - cut)!, lons.at(-1 - cut)!]);
    for (const { state, lon, lat } of some) if (state === "danger" || state === "over_line") box.extend([lat!, lon!]);
    // A narrow screen shows where most are, large enough to tell them apart.
    const zoom = Math.max(FIRST_ZOOM, this.map.getBoundsZoom(box.pad(0.02)));
    const middle = this.map.getSize().x < NARROW_PX ? L.latLng(lats[some.length >> 1]!, lons[some.length >> 1]!) : box.getCenter();
    this.map.setView(middle, zoom, { animate: false });
  }

  private under(point: L.Point): string {
    const reach = matchMedia("(pointer: coarse)").matches ? 22 : 14;
    const hits = this.points.at(point, reach);
    return (hits.find((hit) => hit.slug === NEED) ?? hits[0])?.id ?? "";
  }

  private clicked(event: L.LeafletMouseEvent): void {
    if (this.model.tool.value) return;
    const id = this.under(event.containerPoint);
    if (!id) return;
    if (event.originalEvent.shiftKey || event.originalEvent.ctrlKey || event.originalEvent.metaKey) this.model.past.togglePick(id);
    else this.model.show(id);
  }

  private toOpen(): void {
    this.mark();
    // A frame later, when the file has taken its part of the screen.
    requestAnimationFrame(() => this.bring());
  }

  private bring(): void {
    const { map } = this;
    const vessel = this.model.vessel(this.model.open.value);
    if (!map || !vessel || vessel.lat === null || vessel.lon === null) return;
    map.invalidateSize({ animate: false, pan: false });
    const place = L.latLng(vessel.lat, vessel.lon);
    if (map.getZoom() >= FILE_ZOOM - 2 && map.getBounds().pad(-0.15).contains(place)) return;
    map.setView(place, Math.max(map.getZoom(), FILE_ZOOM), { animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  private mark(): void {
    const id = this.model.open.value;
    const vessel = this.model.vessel(id);
    this.points.selected = id ? { slug: this.needs.row(id) >= 0 ? NEED : SLUG, id } : null;
    if (!this.map) return;
    this.points.invalidate();
    this.opened?.remove();
    this.opened = null;
    if (vessel?.lat == null || vessel.lon === null || this.model.past.moment !== null) return;
    this.opened = this.label(vessel, "vessel-tip is-open");
  }

  private point(): void {
    this.tip?.remove();
    this.tip = null;
    const { map } = this;
    const id = this.model.hovered.value;
    if (!map) return;
    map.getContainer().classList.toggle("can-pick", id !== "");
    const vessel = this.model.vessel(id);
    if (!vessel || vessel.lat === null || id === this.model.open.value) return;
    this.tip = this.label(vessel, "vessel-tip");
  }

  private label(vessel: Vessel, className: string): L.Marker {
    const face = document.createElement("span");
    const name = document.createElement("b");
    name.textContent = vessel.plate || vessel.name;
    face.append(name, ` ${knots(vessel.speed_kn)} · ${ago(vessel.observed_at, serverNow())}`);
    face.style.setProperty("--tint", LOOKS[vessel.state]?.color ?? "");
    return L.marker([vessel.lat!, vessel.lon!], { interactive: false, keyboard: false,
      icon: L.divIcon({ className, html: face, iconSize: [0, 0] }) }).addTo(this.map!);
  }

  /** While one looks back the present fades, and what stands on the map is where they were. */
  private rewind(): void {
    this.restFrame ||= requestAnimationFrame(() => {
      this.restFrame = 0;
      const { past } = this.model;
      const t = past.moment;
      const back = t !== null;
      const { sets } = this.points;
      const opacity = back || past.ways.value.length ? (back ? FADED : 0.4) : 1;
      if (sets[0]) sets[0].opacity = opacity;
      if (sets[1]) sets[1].opacity = back ? FADED : 1;
      this.past.clear();
      if (back) {
        for (const way of [...past.replayed.value, ...past.ways.value]) {
          const spot = spotAt(way, t);
          if (!spot) continue;
          this.past.upsert(way.id, spot.lon, spot.lat, 0, {
            state: spot.silent ? "silent" : "at_sea", color: way.color || "#9fb4d0",
            course_deg: spot.course, speed_kn: spot.speed,
          });
        }
      }
      this.map?.getContainer().classList.toggle("looking-back", back);
      if (this.map) this.points.invalidate();
      if (back !== (this.opened === null)) this.mark();
    });
  }

  showWhole(): void {
    const ids = this.model.answer.value.shown;
    const box = L.latLngBounds([]);
    for (const vessel of ids) if (vessel.lat !== null && vessel.lon !== null) box.extend([vessel.lat, vessel.lon]);
    if (box.isValid()) this.map?.fitBounds(box, { padding: [30, 30], maxZoom: 12 });
  }

  protected override render(): TemplateResult {
    const { model, map } = this;
    const button = (icon: Parameters<typeof glyph>[0], label: string, act: () => void, pressed?: boolean) => html`<button type="button"
      aria-label=${label} title=${label} aria-pressed=${pressed === undefined ? nothing : String(pressed)} @click=${act}>${glyph(icon)}</button>`;
    const tool = model.tool.value;
    return html`<div class="map"></div>
      ${tool ? html`<p class="tool-hint" role="status">${glyph(tool === "area" ? "area" : "ruler")}${tell(tool === "area" ? "areaHint" : "measureHint")}
        <button type="button" class="link" @click=${() => (model.tool.value = "")}>${tell("cancel")}</button></p>` : nothing}
      <div class="map-legend" aria-hidden="true">${(["danger", "over_line", "silent", "at_sea", "in_port"] as const).map((state) =>
        html`<span>${stateMark(state)}${tell(LOOKS[state].word)}</span>`)}</div>
      ${this.overlays ?? nothing}
      <div class="map-controls" role="group" aria-label=${tell("mapTools")}>
        <span>${button("plus", tell("zoomIn"), () => map?.zoomIn())}${button("minus", tell("zoomOut"), () => map?.zoomOut())}</span>
        <span>${OVERLAYS.filter((slug) => this.overlays?.info(slug)).map((slug) => button(OVERLAY_LOOKS[slug].icon, tell(OVERLAY_LOOKS[slug].word),
          () => this.overlays?.toggle(slug), this.overlays?.shown.value === slug))}</span>
        <span>${button("locate", tell("zoomAll"), () => this.showWhole())}</span>
        <span>${button("area", `${tell("areaDraw")} (a)`, () => (model.tool.value = tool === "area" ? "" : "area"), tool === "area")}
          ${button("ruler", `${tell("measure")} (m)`, () => (model.tool.value = tool === "measure" ? "" : "measure"), tool === "measure")}</span></div>`;
  }
}

customElements.define("ioc-fleet-stage", FleetStage);
