import L from "leaflet";
import { render, svg } from "lit";
import { iconPaths } from "../map/maki";
import type { PublicReport } from "./api";
import { stateColor } from "./looks";

const SIZE: [number, number] = [29, 39];
const TIP: [number, number] = [14.5, 38];

/** The reports of a list as pins, one for all that share a square of the public's grid. */
export class Pins {
  private readonly group: L.LayerGroup;
  private readonly markers = new Map<string, L.Marker>();
  private readonly placeOf = new Map<string, string>();
  private chosen = "";

  constructor(map: L.Map, private readonly picked: (codes: string[]) => void) {
    this.group = L.layerGroup().addTo(map);
  }

  /** Draws these and no others; pins that stay are not touched. */
  show(reports: PublicReport[]): void {
    const places = new Map<string, PublicReport[]>();
    this.placeOf.clear();
    for (const report of reports) {
      const place = `${report.lon.toFixed(6)},${report.lat.toFixed(6)}`;
      this.placeOf.set(report.code, place);
      places.set(place, [...(places.get(place) ?? []), report]);
    }
    for (const [place, marker] of this.markers) {
      if (places.has(place)) continue;
      marker.remove();
      this.markers.delete(place);
    }
    for (const [place, here] of places) this.draw(place, here);
    this.ring(this.chosen);
  }

  private draw(place: string, here: PublicReport[]): void {
    const first = here.find((one) => one.overdue) ?? here[0]!;
    const icon = L.divIcon({ className: "pin", html: drop(first, here), iconSize: SIZE, iconAnchor: TIP });
    const known = this.markers.get(place);
    if (known) {
      known.setIcon(icon);
      known.off("click");
    }
    // The list beside the map is the way for keyboards; a hundred stops on a map help nobody.
    const marker = known ?? L.marker([first.lat, first.lon], { icon, keyboard: false }).addTo(this.group);
    marker.on("click", () => this.picked(here.map((one) => one.code)));
    this.markers.set(place, marker);
  }

  /** A ring round the pin of this report; none for an empty code. */
  ring(code: string): void {
    this.chosen = code;
    const place = this.placeOf.get(code);
    for (const [at, marker] of this.markers) {
      marker.getElement()?.classList.toggle("chosen", at === place);
      marker.setZIndexOffset(at === place ? 1000 : 0);
    }
  }

  stop(): void {
    this.group.remove();
  }
}

function drop(first: PublicReport, here: PublicReport[]): HTMLElement {
  const element = document.createElement("div");
  element.style.setProperty("--badge", first.state.color ?? stateColor(first.state.value));
  const late = here.some((one) => one.overdue);
  render(svg`<svg viewBox="0 0 34 46" aria-hidden="true">
    <path class="pin-drop" d="M17 45C12 36 3 29 3 17a14 14 0 0 1 28 0c0 12-9 19-14 28Z"></path>
    <g class="pin-icon" transform="translate(10 10) scale(0.9333)">${
      iconPaths(first.category.icon).map((d) => svg`<path d=${d}></path>`)}</g>
    ${late ? svg`<g class="pin-late"><circle cx="28" cy="7" r="6"></circle>
      <path d="M28 3.8v3.6l2.2 1.6"></path></g>` : null}
    ${here.length > 1 ? svg`<g class="pin-count"><circle cx="6" cy="7" r="6"></circle>
      <text x="6" y="10">${here.length > 9 ? "9+" : here.length}</text></g>` : null}</svg>`, element);
  return element;
}
