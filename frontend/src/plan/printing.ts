import L from "leaflet";
import { theme, type Theme } from "../common/prefs";
import type { PlanModel } from "./model";

const PX_MM = 25.4 / 96;
const LEAST_MS = 600;
const MOST_MS = 10_000;
const PAPER_PX = [182 / PX_MM, 112 / PX_MM] as const;
const LOOK_MS = 150;
/** What a sheet of another shape may cut off the edges of the screen, as a share. */
const TRIM = -0.06;

/** The sheet: always light, the map as wide as the paper, drawn anew before the browser prints it. */
export class Printing {
  private was: { theme: Theme; centre: L.LatLng; zoom: number } | null = null;

  constructor(private readonly model: PlanModel, private readonly map: () => L.Map | null, private readonly found: () => L.LatLngBounds | null) {}

  /** Prepares the sheet, and opens the browser's own dialog once everything on it is drawn. */
  async print(): Promise<void> {
    if (this.was) return;
    await this.ready();
    window.print();
    // Browsers tell when the dialog is gone; where they do not, the screen comes back anyway.
    this.restore();
  }

  /** The sheet as it will be printed: light, its tiles loaded. */
  async ready(): Promise<void> {
    this.prepare();
    const begun = Date.now();
    do await new Promise((done) => setTimeout(done, LOOK_MS));
    while (Date.now() - begun < LEAST_MS || (this.loading() && Date.now() - begun < MOST_MS));
  }

  /** From the browser's menu there is no time to draw a map: the screen's own, made smaller; where
   * it is dark, without its ground. */
  listen(): () => void {
    const before = () => {
      if (this.was) return;
      document.body.classList.toggle("printing-bare", theme.value === "dark");
      this.prepare(true);
    };
    const after = () => this.restore();
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }

  private prepare(still = false): void {
    const map = this.map();
    if (!map || this.was) return;
    this.was = { theme: theme.value, centre: map.getCenter(), zoom: map.getZoom() };
    const box = this.extent(map);
    const size = map.getSize();
    document.documentElement.dataset.theme = theme.value = "light";
    document.body.classList.add("printing");
    const small = still ? Math.min(PAPER_PX[0] / size.x, PAPER_PX[1] / size.y) : 1;
    if (still) {
      const look = { width: `${size.x}px`, height: `${size.y}px`, inset: "0 auto auto 0", transformOrigin: "0 0", transform: `scale(${small})` };
      Object.assign(map.getContainer().style, look);
    } else {
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(box, { animate: false });
    }
    const [west, east] = [map.containerPointToLatLng([0, map.getSize().y / 2]), map.containerPointToLatLng([100, map.getSize().y / 2])];
    this.model.paper.value = Math.round((map.distance(west, east) / 100 / small / PX_MM) * 1000);
  }

  /** What has to be on paper: what was found, else the area asked about, else what is on screen. */
  private extent(map: L.Map): L.LatLngBounds {
    const { model } = this;
    const found = this.found();
    if (found && map.getBounds().intersects(found)) return found;
    const box = model.question.value.area && model.question.value.relation === "intersects" ? model.answer.value?.area.bbox : null;
    const area = box && L.latLngBounds([box[1], box[0]], [box[3], box[2]]);
    if (area && map.getBounds().intersects(area)) return area;
    const [west, south, east, north] = model.catalogue.city.bounds;
    const city = L.latLngBounds([south, west], [north, east]);
    return map.getBounds().contains(city) ? city : map.getBounds().pad(TRIM);
  }

  private loading(): boolean {
    let busy = false;
    this.map()?.eachLayer((layer) => (busy ||= layer instanceof L.GridLayer && layer.isLoading()));
    return busy;
  }

  private restore(): void {
    const { was } = this;
    const map = this.map();
    if (!was || !map) return;
    this.was = null;
    document.body.classList.remove("printing", "printing-bare");
    for (const name of ["width", "height", "inset", "transformOrigin", "transform"] as const) map.getContainer().style[name] = "";
    document.documentElement.dataset.theme = theme.value = was.theme;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(was.centre, was.zoom, { animate: false });
  }
}
