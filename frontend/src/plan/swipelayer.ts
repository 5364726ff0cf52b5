import L from "leaflet";
import type { PlanModel } from "./model";
import { tell } from "./words";

export const COLORS = ["#e69f00", "#0072b2"] as const;
const STEP = 0.05;

/** Two periods on one map, each on its side of a line that one drags. */
export class SwipeLayer {
  private readonly panes: HTMLElement[] = [];
  private readonly groups = [L.layerGroup(), L.layerGroup()];
  private readonly canvases: L.Renderer[] = [];
  private readonly bar = document.createElement("div");

  constructor(private readonly map: L.Map, private readonly model: PlanModel, private readonly host: HTMLElement) {
    for (const at of [0, 1]) {
      const pane = map.createPane(`period-${at}`);
      pane.style.zIndex = "392";
      pane.style.pointerEvents = "none";
      this.panes.push(pane);
      this.canvases.push(L.canvas({ pane: `period-${at}`, padding: 0.3 }));
      this.groups[at]!.addTo(map);
    }
    this.handle();
    const { comparing } = model;
    comparing.sides.on(() => this.fill());
    model.mode.on(() => this.fill());
    comparing.swipe.on(() => this.clip());
    map.on("move zoomend resize viewreset", () => this.clip());
    this.fill();
  }

  private handle(): void {
    const { bar } = this;
    bar.className = "swipe-bar";
    bar.tabIndex = 0;
    bar.setAttribute("role", "slider");
    bar.setAttribute("aria-valuemin", "0");
    bar.setAttribute("aria-valuemax", "100");
    const knob = document.createElement("span");
    knob.textContent = "‹ ›";
    bar.append(knob);
    const drag = (event: PointerEvent): void => {
      const box = this.host.getBoundingClientRect();
      this.model.comparing.swipe.value = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    };
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      event.preventDefault();
      event.stopPropagation();
    });
    bar.addEventListener("pointermove", (event) => bar.hasPointerCapture(event.pointerId) && drag(event));
    bar.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
      if (!by) return;
      event.preventDefault();
      const { swipe } = this.model.comparing;
      swipe.value = Math.max(0, Math.min(1, swipe.value + by));
    });
  }

  private fill(): void {
    const on = this.model.mode.value === "compare";
    this.groups.forEach((group) => group.clearLayers());
    if (!on) return this.bar.remove();
    this.host.append(this.bar);
    this.bar.setAttribute("aria-label", tell("swipe"));
    this.model.comparing.sides.value?.forEach((side, at) => {
      for (const one of side.features) {
        if (!one.geometry) continue;
        const look = { color: "#ffffff", weight: 0.7, fillColor: COLORS[at]!, fillOpacity: 0.8, renderer: this.canvases[at]!, interactive: false };
        if (one.geometry.type === "Point") {
          const [lon, lat] = one.geometry.coordinates;
          L.circleMarker([lat!, lon!], { ...look, radius: 4.5 }).addTo(this.groups[at]!);
        } else L.geoJSON(one.geometry, { style: { ...look, fillOpacity: 0.3 }, interactive: false }).addTo(this.groups[at]!);
      }
    });
    this.clip();
  }

  /** Each pane shows its own side only; panes move with the map, so the cut moves against it. */
  private clip(): void {
    const { map } = this;
    const share = this.model.comparing.swipe.value;
    const size = map.getSize();
    const at = size.x * share;
    const nw = map.containerPointToLayerPoint([0, 0]);
    const se = map.containerPointToLayerPoint(size);
    const cut = map.containerPointToLayerPoint([at, 0]).x;
    this.panes[0]!.style.clip = `rect(${nw.y}px, ${cut}px, ${se.y}px, ${nw.x}px)`;
    this.panes[1]!.style.clip = `rect(${nw.y}px, ${se.x}px, ${se.y}px, ${cut}px)`;
    this.bar.style.left = `${share * 100}%`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }
}
