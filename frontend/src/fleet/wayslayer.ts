import L from "leaflet";
import { clock, day } from "../i18n/format";
import { palette } from "../map/palette";
import type { TrackPoint } from "./contract";
import { dayColor } from "./looks";
import type { FleetModel } from "./model";
import { dayOf, spotAt, type Way } from "./past";
import { knots } from "./nautical";

const REACH_PX = 16;
const FIXES_UP_TO = 260;
const NAMED_FROM_ZOOM = 9;

/** Tracks of what is picked, and where each stood at the moment looked at. */
export class WaysLayer {
  private readonly lines = L.layerGroup();
  private readonly heads = L.layerGroup();
  private readonly renderer: L.Canvas;
  private key = "";

  constructor(private readonly map: L.Map, private readonly model: FleetModel) {
    map.createPane("ways").style.zIndex = "410";
    map.getPane("ways")!.style.pointerEvents = "none";
    this.renderer = L.canvas({ pane: "ways", padding: 0.3 });
    this.lines.addTo(map);
    this.heads.addTo(map);
    const { past } = model;
    past.ways.on(() => this.draw());
    past.byDay.on(() => this.draw());
    past.at.on(() => this.stand());
    past.pointed.on(() => this.stand());
    model.version.on(() => this.stand());
    const far = () => map.getContainer().classList.toggle("is-far", map.getZoom() < NAMED_FROM_ZOOM);
    map.on("zoomend", far);
    far();
    map.on("mousemove", (event) => this.hover(event.containerPoint));
    map.on("mouseout", () => (past.pointed.value = null));
  }

  /** Fits the map round the tracks once for each choice of vessels. */
  private fit(points: L.LatLngExpression[]): void {
    const key = this.model.past.picks.value.join();
    if (!points.length || key === this.key) return;
    const linked = this.key === "" && this.model.viewLinked;
    this.key = key;
    if (linked) return;
    const bounds = L.latLngBounds(points);
    if (this.map.getBounds().pad(-0.05).contains(bounds) && this.map.getZoom() >= 9) return;
    this.map.fitBounds(bounds.pad(0.12), { maxZoom: 12, paddingBottomRight: [0, 40] });
  }

  draw(): void {
    this.lines.clearLayers();
    const { past } = this.model;
    const days = [...new Set(past.ways.value.flatMap((way) => way.pieces.flat().map((p) => dayOf(p[2]))))].sort((a, b) => a - b);
    const all: L.LatLngExpression[] = [];
    for (const way of past.ways.value) {
      this.drawWay(way, days);
      for (const piece of way.pieces) for (const [lon, lat] of piece) all.push([lat, lon]);
    }
    this.fit(all);
    this.stand();
  }

  private drawWay(way: Way, days: number[]): void {
    const { past } = this.model;
    const newest = days.at(-1) ?? 0;
    const shade = (t: number): { color: string; opacity: number } => past.byDay.value
      ? { color: dayColor(dayOf(t), newest), opacity: 1 }
      : { color: way.color, opacity: Math.max(0.42, 1 - (newest - dayOf(t)) * 0.22) };
    const count = way.pieces.reduce((sum, piece) => sum + piece.length, 0);
    let last: TrackPoint | null = null;
    let named = -1;
    for (const piece of way.pieces) {
      if (last) this.gap(last, piece[0]!, way.color);
      for (const run of byDay(piece)) {
        const { color, opacity } = shade(run[0]![2]);
        const path = run.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
        L.polyline(path, { renderer: this.renderer, color: palette().page, weight: 5.5, opacity: 0.55, interactive: false }).addTo(this.lines);
        L.polyline(path, { renderer: this.renderer, color, opacity, weight: 2.6, interactive: false }).addTo(this.lines);
        if (dayOf(run[0]![2]) !== named && days.length > 1) {
          named = dayOf(run[0]![2]);
          this.dayName(run[0]!, color);
        }
        if (count > FIXES_UP_TO) continue;
        for (const [lon, lat] of run) L.circleMarker([lat, lon], { renderer: this.renderer, radius: 2, weight: 0, fillColor: color, fillOpacity: opacity, interactive: false }).addTo(this.lines);
      }
      last = piece.at(-1)!;
    }
  }

  /** Nothing was heard between these two: a thin dashed line that claims no way. */
  private gap(a: TrackPoint, b: TrackPoint, color: string): void {
    L.polyline([[a[1], a[0]], [b[1], b[0]]], {
      renderer: this.renderer, color, weight: 1.2, opacity: 0.7, dashArray: "2 6", interactive: false,
    }).addTo(this.lines);
  }

  private dayName(point: TrackPoint, color: string): void {
    const face = document.createElement("span");
    face.textContent = day(point[2]).slice(0, 5);
    face.style.setProperty("--way", color);
    L.marker([point[1], point[0]], { interactive: false, keyboard: false,
      icon: L.divIcon({ className: "day-name", html: face, iconSize: [0, 0] }) }).addTo(this.lines);
  }

  /** Heads of the tracks at the moment looked at, with name and speed. */
  private stand(): void {
    this.heads.clearLayers();
    const t = this.model.past.moment;
    if (t === null) return;
    const picked = this.model.past.ways.value;
    for (const way of picked) {
      const spot = spotAt(way, t);
      if (!spot) continue;
      const face = document.createElement("span");
      const name = document.createElement("b");
      name.textContent = this.model.nameOf(way.id);
      face.append(name, ` ${spot.silent ? "◌ " : ""}${knots(spot.speed)} · ${clock(spot.t)}`);
      face.style.setProperty("--way", way.color);
      L.marker([spot.lat, spot.lon], { interactive: false, keyboard: false, zIndexOffset: 1_000,
        icon: L.divIcon({ className: `way-head ${spot.silent ? "is-silent" : ""}`, html: face, iconSize: [0, 0] }) }).addTo(this.heads);
    }
  }

  /** The nearest told place of any track under the pointer tells the chart its moment. */
  private hover(at: L.Point): void {
    const { past } = this.model;
    if (past.playing.value || !past.ways.value.length) return;
    let best = REACH_PX;
    let t: number | null = null;
    for (const way of past.ways.value) {
      for (const piece of way.pieces) {
        for (const point of piece) {
          const spot = this.map.latLngToContainerPoint([point[1], point[0]]);
          const d = Math.max(Math.abs(spot.x - at.x), Math.abs(spot.y - at.y));
          if (d < best) [best, t] = [d, point[2]];
        }
      }
    }
    past.pointed.value = t;
  }
}

/** A piece cut where a local day begins; each run starts where the one before ended. */
function byDay(piece: TrackPoint[]): TrackPoint[][] {
  const runs: TrackPoint[][] = [];
  for (const point of piece) {
    const run = runs.at(-1);
    if (run && dayOf(run[0]![2]) === dayOf(point[2])) run.push(point);
    else {
      run?.push(point);
      runs.push([point]);
    }
  }
  return runs;
}
