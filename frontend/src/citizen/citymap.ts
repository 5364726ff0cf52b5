import L from "leaflet";
import { loadSnapshot } from "../common/catalogue";
import type { Catalogue, Change, LayerInfo, Props } from "../common/contract";
import { LiveLink, type LinkState } from "../common/live";
import { recall, remember, theme } from "../common/prefs";
import { PublicZones } from "../environment/publiczones";
import { Signal } from "../common/signal";
import { FeatureStore, latOf, lonOf } from "../common/store";
import { cityBounds, createMap } from "../map/core";
import { lang } from "../i18n";
import { AreaLabels } from "../map/labels";
import { PointCanvas } from "../map/points";
import { Styler } from "../map/styler";
import { TileLayer } from "../map/tiles";
import { tidyCredits } from "./credits";

export const REPORTS = "reports";
const STREET_ZOOM = 16;
const FIRST_VIEW = "citizen.view";
const LIST_MOST = 40;
const REACH_PX = 22;
const FEW_REPORTS = 3;
const SNAPSHOT_RETRY_MS = 8_000;

/** One report as the map holds it. `t` in epoch seconds. */
export interface Seen {
  id: string;
  lon: number;
  lat: number;
  t: number;
  props: Props;
}

/** The city's map with everybody's reports on it, kept live. */
export class CityMap {
  readonly map: L.Map;
  readonly inView = new Signal<Seen[]>([]);
  readonly selected = new Signal<Seen | null>(null);
  readonly link = new Signal<LinkState>({ kind: "connecting" });
  readonly loaded = new Signal(false);
  readonly floods: PublicZones;
  /** Told when ward borders have arrived: `wardAt` may know more. */
  readonly areasDrawn = new Signal(true);
  readonly reports: LayerInfo | undefined;
  readonly styler: Styler | null;
  private readonly store = new FeatureStore();
  private readonly points = new PointCanvas();
  private readonly areas: TileLayer[] = [];
  private density: TileLayer | null = null;
  private readonly live: LiveLink;
  private readonly releases: (() => void)[] = [];
  private accuracy: L.Circle | null = null;
  /** Somebody chose where to look; the map no longer chooses for them. */
  private roamed = false;
  private queued = 0;

  constructor(element: HTMLElement, readonly catalogue: Catalogue) {
    this.map = createMap(element, catalogue.city, { marginDeg: 0.6 });
    tidyCredits(this.map, catalogue.city);
    this.toWhereItWas();
    this.map.once("dragstart zoomstart", () => (this.roamed = true));
    this.reports = catalogue.layers.find((layer) => layer.slug === REPORTS);
    this.styler = this.reports ? new Styler(this.reports) : null;
    this.live = new LiveLink({
      changes: (changes) => this.changed(changes),
      reset: () => this.load(),
    });
    this.releases.push(this.live.state.on((state) => (this.link.value = state)));
    this.addAreas();
    this.floods = new PublicZones(this.map);
    if (this.reports) this.addReports(this.reports);
    this.map.on("moveend resize", () => this.look());
    this.map.on("click", (event) => this.pick(event.containerPoint));
    this.releases.push(theme.on(() => this.restyle()));
  }

  stop(): void {
    this.live.stop();
    this.floods.stop();
    for (const release of this.releases) release();
    this.map.remove();
  }

  private addAreas(): void {
    for (const layer of this.catalogue.layers) {
      if (layer.geometry !== "polygon" || layer.style.kind !== "district") continue;
      const area = new TileLayer(layer, "areas").addTo(this.map);
      this.areas.push(area);
      area.on("load", () => this.areasDrawn.tell());
      // The basemap names places itself; two names for one ward help nobody.
      if (!this.catalogue.city.basemap) new AreaLabels(layer).addTo(this.map);
    }
  }

  private addReports(layer: LayerInfo): void {
    if (layer.count > layer.snapshot_limit) {
      this.density = new TileLayer(layer, "density").addTo(this.map);
      this.loaded.value = true;
      return;
    }
    this.points.sets = [
      { slug: REPORTS, store: this.store, styler: this.styler!, opacity: 1, shows: null },
    ];
    this.points.addTo(this.map);
    this.loadFirst();
  }

  /** A list that draws its own pins wants the map without the rest. */
  hideReports(hidden: boolean): void {
    const layer = this.density ?? this.points;
    if (!hidden) layer.addTo(this.map);
    else layer.remove();
  }

  private async load(): Promise<void> {
    const snapshot = await loadSnapshot(this.reports!);
    this.store.clear();
    this.store.load(snapshot);
    this.toWhereItHappens();
    this.points.touch();
    this.loaded.value = true;
    this.look();
    this.live.start([REPORTS], snapshot.seq);
  }

  private loadFirst(): void {
    this.load().catch(() => setTimeout(() => this.loadFirst(), SNAPSHOT_RETRY_MS));
  }

  /** The first view: where most reports lie, for most of a city's ground is hill and sea. */
  private toWhereItHappens(): void {
    const n = this.store.size;
    if (this.roamed || n < FEW_REPORTS) return;
    this.roamed = true;
    const middle = (values: Float64Array): [number, number] => {
      const sorted = values.slice(0, n).sort();
      return [sorted[Math.floor(n * 0.15)]!, sorted[Math.ceil(n * 0.85) - 1]!];
    };
    const [west, east] = middle(this.store.x);
    const [north, south] = middle(this.store.y);
    const box = L.latLngBounds([latOf(south), lonOf(west)], [latOf(north), lonOf(east)]);
    this.map.fitBounds(box, { padding: [24, 48], maxZoom: 14, animate: false });
    const { lat, lng } = this.map.getCenter();
    remember(FIRST_VIEW, JSON.stringify([lat, lng, this.map.getZoom()]));
  }

  /** As the last visit began: without the net nobody can tell where the reports are now. */
  private toWhereItWas(): void {
    try {
      const [lat, lon, zoom] = JSON.parse(recall(FIRST_VIEW) ?? "[]") as number[];
      if (this.inCity(lon!, lat!)) this.map.setView([lat!, lon!], zoom, { animate: false });
    } catch {
      // Nothing that can be read was kept: the whole city is a view as well.
    }
  }

  private changed(changes: Change[]): void {
    for (const change of changes) {
      if (change.l !== REPORTS) continue;
      const known = this.store.row(change.id) >= 0;
      if (this.store.apply(change) && !known && change.op === "upsert") {
        this.points.pulses.add(REPORTS, change.id);
      }
      if (this.selected.value?.id === change.id) this.select(change.id);
    }
    this.points.touch();
    this.look();
  }

  private restyle(): void {
    // The next frame has the new theme's tokens.
    requestAnimationFrame(() => {
      this.points.restyle();
      for (const area of this.areas) area.repaint();
    });
  }

  /** What of the reports is in view, the newest first; worked out once a frame at most. */
  private look(): void {
    this.queued ||= requestAnimationFrame(() => {
      this.queued = 0;
      const bounds = this.map.getBounds();
      const seen: Seen[] = [];
      for (let i = 0; i < this.store.size; i++) {
        const one = this.at(i);
        if (bounds.contains([one.lat, one.lon])) seen.push(one);
      }
      seen.sort((a, b) => b.t - a.t);
      this.inView.value = seen.slice(0, LIST_MOST);
    });
  }

  private at(row: number): Seen {
    const { ids, x, y, t, props } = this.store;
    return { id: ids[row]!, lon: lonOf(x[row]!), lat: latOf(y[row]!), t: t[row]!, props: props[row]! };
  }

  private pick(point: L.Point): void {
    if (!this.reports || this.map.getContainer().dataset.pinning === "yes") return;
    // A drop's body stands above its tip, and a finger lands on the body.
    const hit = this.points.at(point.add([0, 12]), REACH_PX)[0];
    this.select(hit?.id ?? "");
  }

  select(id: string): void {
    const row = id ? this.store.row(id) : -1;
    this.selected.value = row < 0 ? null : this.at(row);
    this.points.selected = row < 0 ? null : { slug: REPORTS, id };
    this.points.invalidate();
  }

  show(one: Seen): void {
    this.select(one.id);
    this.map.setView([one.lat, one.lon], Math.max(this.map.getZoom(), 15));
  }

  /** The whole city again. */
  home(): void {
    this.map.fitBounds(cityBounds(this.catalogue.city));
  }

  /** Close enough to tell one doorway from the next. */
  toStreet(lon: number, lat: number): void {
    this.roamed = true;
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), STREET_ZOOM));
  }

  showAccuracy(lon: number, lat: number, metres: number | null): void {
    this.accuracy?.remove();
    this.accuracy = null;
    if (metres === null) return;
    const style = getComputedStyle(document.documentElement);
    const color = style.getPropertyValue("--kind-camera").trim();
    this.accuracy = L.circle([lat, lon], {
      radius: metres, color, weight: 1.5, fillOpacity: 0.14, interactive: false,
    }).addTo(this.map);
  }

  inCity(lon: number, lat: number): boolean {
    const [west, south, east, north] = this.catalogue.city.bounds;
    return lon >= west && lon <= east && lat >= south && lat <= north;
  }

  /** The ward at a place, where its tile is loaded. */
  wardAt(lon: number, lat: number): string {
    for (const area of this.areas) {
      const hit = area.at(L.latLng(lat, lon))[0];
      const name = area.info.title_field;
      if (hit) return String(hit.props[name.replace(/_vi$/, `_${lang.value}`)] || hit.props[name] || "");
    }
    return "";
  }
}

/** The phone's own position. Rejects where it is refused or cannot be found in time. */
export function ownPosition(): Promise<GeolocationPosition> {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("this browser has no position"));
      return;
    }
    navigator.geolocation.getCurrentPosition(resolve, reject, {
      enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000,
    });
  });
}

