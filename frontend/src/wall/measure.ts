import L from "leaflet";
import { area, distance, nauticalMiles } from "../i18n/format";
import { t } from "../i18n";
import type { WallModel } from "./model";

const EARTH_RADIUS_M = 6_371_008.8;
const radians = (deg: number): number => (deg * Math.PI) / 180;

/** Area on the sphere of a closed ring, in square metres. Source: Chamberlain & Duquette 2007. */
export function ringArea(ring: L.LatLng[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i]!;
    const b = ring[(i + 1) % ring.length]!;
    sum += radians(b.lng - a.lng) * (2 + Math.sin(radians(a.lat)) + Math.sin(radians(b.lat)));
  }
  return Math.abs((sum * EARTH_RADIUS_M ** 2) / 2);
}

/** Distance along clicked points, and the area they enclose when one closes the line. */
export class Measure {
  private points: L.LatLng[] = [];
  private readonly group = L.layerGroup();
  private moving: L.Polyline | null = null;

  constructor(private readonly map: L.Map, private readonly model: WallModel) {
    model.measuring.on((on) => (on ? this.begin() : this.end()));
  }

  private begin(): void {
    this.group.addTo(this.map);
    this.map.doubleClickZoom.disable();
    this.map.on("click", this.add, this);
    this.map.on("dblclick", this.finish, this);
    this.map.on("mousemove", this.follow, this);
    this.map.getContainer().classList.add("measuring");
    this.model.say(t("map.measure.hint"));
  }

  private end(): void {
    this.map.off("click", this.add, this);
    this.map.off("dblclick", this.finish, this);
    this.map.off("mousemove", this.follow, this);
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("measuring");
    this.points = [];
    this.moving = null;
    this.group.clearLayers().remove();
  }

  private add(event: L.LeafletMouseEvent): void {
    const last = this.points.at(-1);
    if (last && this.map.latLngToContainerPoint(last).distanceTo(event.containerPoint) < 4) return;
    this.points.push(event.latlng);
    this.redraw();
  }

  private follow(event: L.LeafletMouseEvent): void {
    const last = this.points.at(-1);
    if (!last) return;
    this.moving?.setLatLngs([last, event.latlng]);
  }

  private finish(): void {
    this.map.off("mousemove", this.follow, this);
    this.redraw(true);
    this.points = [];
    this.map.on("mousemove", this.follow, this);
  }

  private redraw(closed = false): void {
    this.group.clearLayers();
    const { points } = this;
    let total = 0;
    if (closed && points.length > 2) L.polygon(points, { className: "measure-area", interactive: false }).addTo(this.group);
    else L.polyline(points, { className: "measure-line", interactive: false }).addTo(this.group);
    points.forEach((point, i) => {
      if (i) total += this.map.distance(points[i - 1]!, point);
      L.circleMarker(point, { radius: 4, className: "measure-dot", interactive: false }).addTo(this.group);
    });
    if (points.length > 1) this.label(points.at(-1)!, this.words(total, closed));
    this.moving = closed ? null
      : L.polyline([], { className: "measure-line moving", interactive: false }).addTo(this.group);
  }

  private words(total: number, closed: boolean): string {
    const length = `${distance(total)} · ${nauticalMiles(total)}`;
    return closed && this.points.length > 2 ? `${length} · ${area(ringArea(this.points))}` : length;
  }

  private label(at: L.LatLng, words: string): void {
    const content = document.createElement("span");
    content.textContent = words;
    L.tooltip({ permanent: true, direction: "right", offset: [8, 0], className: "measure-label" })
      .setLatLng(at).setContent(content).addTo(this.group);
  }
}
