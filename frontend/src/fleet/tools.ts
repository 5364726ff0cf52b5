import L from "leaflet";
import { lang } from "../i18n";
import { area, clock, distance, nauticalMiles, number } from "../i18n/format";
import { ringArea } from "../wall/measure";
import type { FleetModel, Tool } from "./model";
import { stretch } from "./time";
import { tell } from "./words";

const CLOSE_PX = 12;
const KN_PER_MPS = 3_600 / 1_852;

interface Fix { id: string; lon: number; lat: number; t: number }

/** Measuring at sea, and drawing the area that one asks about: clicks that make a line. */
export class Tools {
  private points: L.LatLng[] = [];
  /** What a point lies on where it was put on a track: whose, and when. */
  private fixes: (Fix | null)[] = [];
  private readonly group = L.layerGroup();
  private readonly kept = L.layerGroup();
  private moving: L.Polyline | null = null;

  constructor(private readonly map: L.Map, private readonly model: FleetModel) {
    this.group.addTo(map);
    this.kept.addTo(map);
    model.tool.on((tool) => this.change(tool));
    model.past.area.on(() => this.keep());
    lang.on(() => this.redraw());
    this.keep();
  }

  private change(tool: Tool): void {
    const { map } = this;
    this.points = [];
    this.fixes = [];
    this.group.clearLayers();
    map.off("click", this.add, this).off("dblclick", this.finish, this).off("mousemove", this.follow, this);
    map.getContainer().classList.toggle("drawing", tool !== "");
    if (!tool) {
      map.doubleClickZoom.enable();
      return;
    }
    map.doubleClickZoom.disable();
    map.on("click", this.add, this).on("dblclick", this.finish, this).on("mousemove", this.follow, this);
  }

  private add(event: L.LeafletMouseEvent): void {
    const near = (point?: L.LatLng) => point && this.map.latLngToContainerPoint(point).distanceTo(event.containerPoint) < CLOSE_PX;
    if (near(this.points.at(-1))) return;
    if (this.points.length > 2 && near(this.points[0])) return this.finish();
    const fix = this.model.tool.value === "measure" ? this.fixUnder(event.containerPoint) : null;
    this.points.push(fix ? L.latLng(fix.lat, fix.lon) : event.latlng);
    this.fixes.push(fix);
    this.redraw();
  }

  private follow(event: L.LeafletMouseEvent): void {
    const last = this.points.at(-1);
    if (last) this.moving?.setLatLngs([last, event.latlng]);
  }

  private finish(): void {
    if (this.model.tool.value === "area") {
      if (this.points.length < 3) return this.model.say(tell("areaThree"));
      this.model.past.freshen();
      this.model.past.area.value = this.points.map((point) => [point.lng, point.lat]);
      this.model.tool.value = "";
      return;
    }
    this.redraw(true);
    this.points = [];
    this.fixes = [];
  }

  private redraw(closed = false): void {
    const { points, group } = this;
    group.clearLayers();
    if (!points.length) return;
    const drawing = this.model.tool.value === "area";
    const name = drawing ? "draw-line draw-area" : "draw-line";
    if (points.length > 2 && (drawing || closed)) L.polygon(points, { className: name, interactive: false }).addTo(group);
    else L.polyline(points, { className: name, interactive: false }).addTo(group);
    let total = 0;
    points.forEach((point, i) => {
      if (i) total += this.map.distance(points[i - 1]!, point);
      L.circleMarker(point, { radius: 4, className: "draw-dot", interactive: false }).addTo(group);
    });
    if (!drawing && points.length > 1) this.label(points, total, closed);
    this.moving = closed ? null : L.polyline([], { className: `${name} moving`, interactive: false }).addTo(group);
  }

  /** Nautical miles first, for that is what is spoken at sea; the bearing of the last leg. */
  private label(points: L.LatLng[], total: number, closed: boolean): void {
    const leg = bearing(points.at(-2)!, points.at(-1)!);
    const words = [nauticalMiles(total), distance(total), `${number(leg, 0)}°`];
    const [a, b] = [this.fixes.at(-2), this.fixes.at(-1)];
    if (a && b && a.id === b.id && a.t !== b.t) {
      const s = Math.abs(b.t - a.t);
      words.push(stretch(s), `${number((legMetres(points) / s) * KN_PER_MPS, 1)} kn`);
    } else if (b) words.push(`${this.model.nameOf(b.id)} ${clock(b.t)}`);
    if (closed && points.length > 2) words.push(area(ringArea(points)));
    const content = document.createElement("span");
    content.textContent = words.join(" · ");
    L.tooltip({ permanent: true, direction: "right", offset: [8, 0], className: "draw-label" })
      .setLatLng(points.at(-1)!).setContent(content).addTo(this.group);
  }

  /** The nearest told place of a shown track: measuring beside a track holds on to it. */
  private fixUnder(at: L.Point): Fix | null {
    let best = CLOSE_PX;
    let found: Fix | null = null;
    for (const way of this.model.past.ways.value) {
      for (const [lon, lat, t] of way.pieces.flat()) {
        const away = this.map.latLngToContainerPoint([lat, lon]).distanceTo(at);
        if (away < best) [best, found] = [away, { id: way.id, lon, lat, t }];
      }
    }
    return found;
  }

  private keep(): void {
    this.kept.clearLayers();
    const ring = this.model.past.area.value;
    if (ring) L.polygon(ring.map(([lon, lat]): L.LatLngTuple => [lat, lon]), { className: "draw-line draw-area kept", interactive: false }).addTo(this.kept);
  }
}

function legMetres(points: L.LatLng[]): number {
  return points.at(-2)!.distanceTo(points.at(-1)!);
}

function bearing(a: L.LatLng, b: L.LatLng): number {
  const rad = Math.PI / 180;
  const y = Math.sin((b.lng - a.lng) * rad) * Math.cos(b.lat * rad);
  const x = Math.cos(a.lat * rad) * Math.sin(b.lat * rad) -
    Math.sin(a.lat * rad) * Math.cos(b.lat * rad) * Math.cos((b.lng - a.lng) * rad);
  return (Math.atan2(y, x) / rad + 360) % 360;
}
