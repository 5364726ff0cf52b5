import L from "leaflet";
import type { LayerInfo } from "../common/contract";
import { getJson } from "../common/http";
import { rootSize, theme } from "../common/prefs";
import { latOf, lonOf } from "../common/store";
import { lang, t } from "../i18n";
import { cityBounds, createMap } from "../map/core";
import { AreaLabels } from "../map/labels";
import { FloodLayer } from "../environment/floodlayer";
import { PointCanvas } from "../map/points";
import { RasterLayer } from "../map/rasters";
import { TileLayer } from "../map/tiles";
import { Hover, type Picked } from "./hover";
import type { LayerView } from "./layerbook";
import { Measure } from "./measure";
import type { WallModel } from "./model";

const REFRESH_TILES_MS = 60_000;
const MOST_DOUBT_M = 100;
const OLD_CHECK_MS = 30_000;

/** The map of the wall: shows what the model says, and tells it what was picked. */
export class Stage {
  readonly map: L.Map;
  readonly points = new PointCanvas();
  readonly measure: Measure;
  private readonly tiles = new Map<string, TileLayer>();
  private readonly rasters = new Map<string, RasterLayer>();
  readonly flood: FloodLayer;
  private readonly labels = new Map<string, AreaLabels>();
  private readonly newest = new Map<string, string>();
  private picks: { at: L.Point; list: Picked[]; turn: number } | null = null;
  private mark: L.CircleMarker | null = null;
  private error: L.Circle | null = null;
  private track: L.GeoJSON | null = null;
  trackUrl = "";
  private restyleKey = "";

  constructor(private readonly model: WallModel, element: HTMLElement) {
    this.map = createMap(element, model.catalogue.city, { wardNames: false });
    this.points.addTo(this.map);
    this.points.nowMs = () => model.time.at.value;
    this.flood = new FloodLayer(this.map, model.flood);
    this.measure = new Measure(this.map, model);
    new Hover(this.map, (point) => (model.measuring.value ? [] : this.pick(point)), model);
    this.listen();
    this.sync();
    setInterval(() => this.ageAndRefresh(), OLD_CHECK_MS);
  }

  private listen(): void {
    const { model, map, points } = this;
    model.book.changed.on(() => this.sync());
    model.feeding.arrived.on(() => model.time.live.value && this.arrived());
    model.time.arrived.on(() => this.arrived());
    model.time.live.on(() => this.sync());
    model.feeding.onNew = (slug, id) => {
      if (model.time.live.value && model.book.get(slug)?.visible) points.pulses.add(slug, id);
    };
    model.selected.on((chosen) => this.choose(chosen?.slug, chosen?.id));
    // A frame later, so that the style sheet has the new theme's colours.
    theme.on(() => requestAnimationFrame(() => this.restyle()));
    rootSize.on(() => requestAnimationFrame(() => this.restyle()));
    lang.on(() => this.restyle());
    map.on("click", (event) => this.clicked(event));
    map.on("moveend", () => model.moved.value++);
    map.on("keydown", (event) => {
      if (event.originalEvent.key !== "Enter") return;
      this.pickAt(map.getSize().divideBy(2), 30);
    });
    new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(map.getContainer());
    void document.fonts.ready.then(() => this.restyle());
  }

  private arrived(): void {
    this.points.touch();
    this.model.moved.value++;
  }

  /** Brings the map's layers to what the book says: sets, order, opacity, filters. */
  private sync(): void {
    const { book, time } = this.model;
    const shown = [...book.views].reverse();
    this.points.sets = shown.filter((view) => view.visible && view.held).map((view) => ({
      slug: view.slug,
      store: time.live.value || !view.replays ? view.store : view.past,
      styler: view.styler,
      opacity: view.opacity,
      shows: view.filtered ? view.shows : null,
    }));
    shown.forEach((view, order) => {
      if (view.info.urls.raster) this.syncRaster(view, order);
      else if (!view.held) this.syncTiles(view, order);
    });
    this.points.invalidate();
  }

  private syncRaster(view: LayerView, order: number): void {
    let layer = this.rasters.get(view.slug);
    if (!view.visible) {
      layer?.remove();
      return;
    }
    if (!layer) {
      layer = new RasterLayer(view.info, "areas");
      this.rasters.set(view.slug, layer);
    }
    layer.setOpacity(view.opacity);
    layer.setZIndex(order + 1);
    if (!this.map.hasLayer(layer)) layer.addTo(this.map);
  }

  private syncTiles(view: LayerView, order: number): void {
    let layer = this.tiles.get(view.slug);
    if (!view.visible) {
      layer?.remove();
      this.labels.get(view.slug)?.remove();
      return;
    }
    if (!layer) {
      layer = new TileLayer(view.info, view.info.geometry === "point" ? "density" : "areas");
      this.tiles.set(view.slug, layer);
    }
    layer.setQuery(view.query());
    layer.setOpacity(view.opacity);
    layer.setZIndex(order + 1);
    if (!this.map.hasLayer(layer)) layer.addTo(this.map);
    if (view.info.style.kind !== "district") return;
    const labels = this.labels.get(view.slug) ?? new AreaLabels(view.info);
    this.labels.set(view.slug, labels);
    if (!this.map.hasLayer(labels)) labels.addTo(this.map);
  }

  private restyle(): void {
    const key = `${theme.value}/${lang.value}/${rootSize.value}/${document.fonts.status}`;
    if (key === this.restyleKey) return;
    this.restyleKey = key;
    for (const view of this.model.book.views) {
      view.store.restyle();
      view.past.restyle();
    }
    this.points.restyle();
    for (const layer of this.tiles.values()) layer.repaint();
    for (const label of this.labels.values()) if (this.map.hasLayer(label)) label.draw();
  }

  /** Positions grow old though nothing arrives, and tiles know nothing of the live stream. */
  private ageAndRefresh(): void {
    for (const view of this.model.book.views) {
      if (view.visible && view.held && view.info.stale_after_s) view.store.restyle();
    }
    this.points.touch();
    const status = this.model.feeding.poll.status.value;
    for (const [slug, layer] of this.tiles) {
      const newest = `${status?.layers[slug]?.newest_at}/${status?.layers[slug]?.count}`;
      const before = this.newest.get(slug);
      this.newest.set(slug, newest);
      if (before && before !== newest && this.map.hasLayer(layer) && !document.hidden) {
        setTimeout(() => layer.redraw(), Math.random() * (REFRESH_TILES_MS - OLD_CHECK_MS));
      }
    }
  }

  /** What lies at a point of the screen: things first, then cells, then areas. */
  private pick(at: L.Point, reach = 14): Picked[] {
    const found: Picked[] = this.points.at(at, reach).map(({ slug, id }) => ({ slug, id, n: 1 }));
    const latlng = this.map.containerPointToLatLng(at);
    for (const view of this.model.book.views) {
      const layer = this.tiles.get(view.slug);
      if (!layer || !view.visible) continue;
      for (const hit of layer.at(latlng)) {
        found.push({ slug: view.slug, id: hit.id, n: hit.n, props: hit.props });
      }
    }
    return found;
  }

  private clicked(event: L.LeafletMouseEvent): void {
    if (this.model.measuring.value) return;
    this.pickAt(event.containerPoint, matchMedia("(pointer: coarse)").matches ? 22 : 14);
  }

  /** Picking again at the same place goes on to what lies beneath. */
  private pickAt(at: L.Point, reach: number): void {
    if (this.picks && this.picks.at.distanceTo(at) < 6 && this.picks.list.length > 1) {
      this.picks.turn = (this.picks.turn + 1) % this.picks.list.length;
    } else {
      this.picks = { at, list: this.pick(at, reach), turn: 0 };
    }
    const { list, turn } = this.picks;
    const chosen = list[turn];
    if (!chosen) {
      this.model.selected.value = null;
    } else if (chosen.n > 1 && !chosen.id) {
      this.map.setZoomAround(this.map.containerPointToLatLng(at), this.map.getZoom() + 2);
    } else {
      this.model.select(chosen.slug, chosen.id);
      if (list.length > 1) this.model.say(`${t("map.many", { n: list.length })} · ${turn + 1}/${list.length}`);
    }
  }

  private choose(slug?: string, id?: string): void {
    this.points.selected = slug && id ? { slug, id } : null;
    this.points.invalidate();
    for (const [name, layer] of this.tiles) {
      const wanted = name === slug ? (id ?? "") : "";
      if (layer.selected === wanted) continue;
      layer.selected = wanted;
      layer.repaint();
    }
    this.mark?.remove();
    this.mark = null;
    this.error?.remove();
    this.error = null;
    this.track?.remove();
    this.track = null;
    this.trackUrl = "";
  }

  /** Moves to a place and leaves a ring there where no feature stands. */
  flyTo(lon: number, lat: number, options: { bbox?: [number, number, number, number] | null; mark?: boolean } = {}): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (options.bbox) {
      const [w, s, e, n] = options.bbox;
      this.map.flyToBounds([[s, w], [n, e]], { animate: !calm, duration: 0.8, maxZoom: 16 });
    } else {
      this.map.flyTo([lat, lon], Math.max(this.map.getZoom(), 15), { animate: !calm, duration: 0.8 });
    }
    if (options.mark) this.ring(lon, lat);
  }

  ring(lon: number, lat: number): void {
    this.mark?.remove();
    this.mark = L.circleMarker([lat, lon], { radius: 16, className: "search-mark", interactive: false })
      .addTo(this.map);
  }

  /** How far a place may be wrong, where that is little enough to say something. */
  doubt(lon: number, lat: number, metres: number): void {
    this.error?.remove();
    this.error = null;
    if (!(metres > 0 && metres <= MOST_DOUBT_M)) return;
    this.error = L.circle([lat, lon], { radius: metres, className: "doubt", interactive: false }).addTo(this.map);
  }

  /** Draws the lines at this address, or takes them away again; false where there are none. */
  async toggleTrack(url: string): Promise<boolean> {
    const again = url === this.trackUrl;
    this.track?.remove();
    this.track = null;
    this.trackUrl = "";
    if (again) return true;
    const data = await getJson<GeoJSON.GeoJsonObject>(url).catch(() => null);
    if (!data?.type) return false;
    const track = L.geoJSON(data, {
      style: { className: "track-line" }, interactive: false, filter: (f) => f.geometry?.type !== "Point",
    });
    if (!track.getLayers().length) return false;
    this.track = track.addTo(this.map);
    this.trackUrl = url;
    this.map.flyToBounds(track.getBounds().pad(0.1), { maxZoom: 13, duration: 0.8 });
    return true;
  }

  /** Where a held feature stands now, as lon, lat. */
  whereIs(slug: string, id: string): [number, number] | null {
    const set = this.points.sets.find((each) => each.slug === slug);
    const i = set ? set.store.row(id) : -1;
    return set && i >= 0 ? [lonOf(set.store.x[i]!), latOf(set.store.y[i]!)] : null;
  }

  showWhole(info?: LayerInfo): void {
    const set = info && this.points.sets.find((each) => each.slug === info.slug);
    if (!set?.store.size) {
      this.map.fitBounds(cityBounds(this.model.catalogue.city));
      return;
    }
    const bounds = L.latLngBounds([]);
    for (let i = 0; i < set.store.size; i++) {
      bounds.extend([latOf(set.store.y[i]!), lonOf(set.store.x[i]!)]);
    }
    this.map.fitBounds(bounds, { maxZoom: 15, padding: [40, 40] });
  }

  locate(): void {
    this.map.locate({ setView: true, maxZoom: 16, enableHighAccuracy: true, timeout: 10_000 });
    this.map.once("locationfound", (event) => {
      this.mark?.remove();
      this.mark = L.circleMarker(event.latlng, { radius: 9, className: "own-position", interactive: false })
        .addTo(this.map);
    });
    this.map.once("locationerror", () => this.model.say(t("map.locate.failed"), "bad"));
  }
}
