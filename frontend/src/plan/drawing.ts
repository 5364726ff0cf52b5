import L from "leaflet";
import { area, distance } from "../i18n/format";
import { ringArea } from "../wall/measure";
import type { Area } from "./contract";
import type { PlanModel, Tool } from "./model";
import { tell } from "./words";

const CLOSE_PX = 12;
const LEAST_RADIUS_M = 5;
const DRAWN: Tool[] = ["polygon", "circle", "measure"];

interface Doors {
  ward: (at: L.LatLng) => string;
  feature: (at: L.LatLng) => { layer: string; id: string } | null;
}

/** Hands on the map: an area that is answered while it grows, wards and features picked, measuring. */
export class Drawing {
  private points: L.LatLng[] = [];
  private cursor: L.LatLng | null = null;
  private readonly group = L.layerGroup();

  constructor(private readonly map: L.Map, private readonly model: PlanModel, private readonly doors: Doors) {
    this.group.addTo(map);
    model.tool.on((tool) => this.change(tool));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.points.length) this.finish();
    });
  }

  private change(tool: Tool): void {
    const { map } = this;
    this.reset();
    map.off("click", this.click, this).off("dblclick", this.finish, this).off("mousemove", this.follow, this);
    map.getContainer().classList.toggle("drawing", tool !== "");
    map.doubleClickZoom[DRAWN.includes(tool) ? "disable" : "enable"]();
    if (!tool) return;
    map.on("click", this.click, this);
    if (DRAWN.includes(tool)) map.on("dblclick", this.finish, this).on("mousemove", this.follow, this);
  }

  private reset(): void {
    this.points = [];
    this.cursor = null;
    this.group.clearLayers();
    if (this.model.draft.value) this.model.sketch(null);
  }

  private click(event: L.LeafletMouseEvent): void {
    const { model } = this;
    const tool = model.tool.value;
    if (tool === "ward") return this.ward(event.latlng);
    if (tool === "feature") return this.feature(event.latlng);
    const near = (point?: L.LatLng) => point && this.map.latLngToContainerPoint(point).distanceTo(event.containerPoint) < CLOSE_PX;
    if (near(this.points.at(-1))) return;
    if (tool === "polygon" && this.points.length > 2 && near(this.points[0])) return this.finish();
    this.points.push(event.latlng);
    this.cursor = event.latlng;
    if (tool === "circle" && this.points.length === 2) return this.finish();
    this.redraw();
  }

  private ward(at: L.LatLng): void {
    const id = Number(this.doors.ward(at));
    if (!id) return;
    const held = this.model.question.value.area?.wards ?? [];
    const wards = held.includes(id) ? held.filter((one) => one !== id) : [...held, id];
    this.model.setArea(wards.length ? { wards } : null, false);
  }

  private feature(at: L.LatLng): void {
    const found = this.doors.feature(at);
    if (!found) return;
    this.model.tool.value = "";
    this.model.setArea({ feature: found, buffer_m: 500 });
  }

  private follow(event: L.LeafletMouseEvent): void {
    if (!this.points.length) return;
    this.cursor = event.latlng;
    this.redraw();
  }

  /** The area so far, the pointer counted as its next corner. */
  private sketched(): Area | null {
    const { points, cursor } = this;
    if (this.model.tool.value === "circle") {
      const [centre] = points;
      const rim = points[1] ?? cursor;
      if (!centre || !rim) return null;
      const metres = Math.round(this.map.distance(centre, rim));
      return metres < LEAST_RADIUS_M ? null : { geometry: { type: "Point", coordinates: [centre.lng, centre.lat] }, buffer_m: metres };
    }
    return polygonOf(cursor && cursor !== points.at(-1) ? [...points, cursor] : points);
  }

  private finish(): void {
    const { model } = this;
    if (model.tool.value === "measure") {
      this.redraw(true);
      this.points = [];
      return;
    }
    const found = model.tool.value === "circle" ? this.sketched() : polygonOf(this.points);
    if (!found) return;
    this.points = [];
    model.setArea(found, false);
    model.tool.value = "";
  }

  private redraw(closed = false): void {
    const { group, points, model } = this;
    const tool = model.tool.value;
    group.clearLayers();
    if (!points.length) return;
    if (tool !== "measure") model.sketch(this.sketched());
    const rim = points[1] ?? this.cursor;
    if (tool === "circle") {
      if (!rim) return;
      const metres = this.map.distance(points[0]!, rim);
      L.circle(points[0]!, { radius: metres, className: "draw-line draw-area", interactive: false }).addTo(group);
      L.polyline([points[0]!, rim], { className: "draw-line moving", interactive: false }).addTo(group);
      this.label(rim, distance(metres));
    } else this.line(tool === "polygon", closed);
    for (const point of points) L.circleMarker(point, { radius: 4, className: "draw-dot", interactive: false }).addTo(group);
  }

  private line(closing: boolean, closed: boolean): void {
    const { points, cursor, group } = this;
    const all = !closed && cursor && cursor !== points.at(-1) ? [...points, cursor] : points;
    const name = closing || closed ? "draw-line draw-area" : "draw-line";
    if ((closing || closed) && all.length > 2) L.polygon(all, { className: name, interactive: false }).addTo(group);
    else L.polyline(all, { className: name, interactive: false }).addTo(group);
    if (closing || all.length < 2) return;
    let total = 0;
    all.forEach((point, n) => n && (total += this.map.distance(all[n - 1]!, point)));
    this.label(all.at(-1)!, [distance(total), ...(closed && all.length > 2 ? [area(ringArea(all))] : [])].join(" · "));
  }

  private label(at: L.LatLng, words: string): void {
    const content = document.createElement("span");
    content.textContent = words;
    L.tooltip({ permanent: true, direction: "right", offset: [8, 0], className: "draw-label" }).setLatLng(at).setContent(content).addTo(this.group);
  }
}

function polygonOf(points: L.LatLng[]): Area | null {
  if (points.length < 3) return null;
  const ring = [...points, points[0]!].map((point) => [point.lng, point.lat]);
  return { geometry: { type: "Polygon", coordinates: [ring] }, label: tell("drawnArea") };
}
