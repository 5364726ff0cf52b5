import L from "leaflet";
import { lang } from "../i18n";
import { number } from "../i18n/format";
import { tell } from "./words";

const METRES_PER_NM = 1852;
const SCALE_PX = 110;
const STEPS_NM = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

/** `6,4 kn` or a dash. */
export function knots(value: unknown): string {
  return typeof value === "number" ? `${number(value, 1, true)} kn` : "–";
}

/** `17°25,77′N 110°45,05′E`: degrees and minutes, as it is said over the radio. */
export function seaPosition(lon: number, lat: number): string {
  return `${minutes(lat, lat < 0 ? "S" : "N")} ${minutes(lon, lon < 0 ? "W" : "E")}`;
}

function minutes(deg: number, side: string): string {
  // Rounded first, so that 59,999 does not read as 60 minutes.
  const hundredths = Math.round(Math.abs(deg) * 6_000);
  return `${Math.floor(hundredths / 6_000)}°${number((hundredths % 6_000) / 100, 2, true).padStart(5, "0")}′${side}`;
}

/** The map's scale in nautical miles. */
export class NauticalScale extends L.Control {
  private bar = document.createElement("div");

  constructor() {
    super({ position: "bottomleft" });
  }

  override onAdd(map: L.Map): HTMLElement {
    this.bar.className = "leaflet-control-scale-line sea-scale";
    this.bar.setAttribute("aria-hidden", "true");
    const draw = () => {
      const middle = map.getSize().y / 2;
      const across = map.distance(map.containerPointToLatLng([0, middle]), map.containerPointToLatLng([SCALE_PX, middle])) / METRES_PER_NM;
      const nm = STEPS_NM.findLast((step) => step <= across) ?? STEPS_NM[0]!;
      this.bar.style.width = `${Math.round((nm / across) * SCALE_PX)}px`;
      this.bar.textContent = `${number(nm, 2)} ${tell("nm")}`;
    };
    map.on("move zoomend resize", draw);
    lang.on(draw);
    draw();
    return this.bar;
  }
}
