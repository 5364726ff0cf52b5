import type { SearchResult } from "../common/contract";
import { search } from "../common/services";
import { ownPosition, type CityMap } from "./citymap";
import type { ReportFlow } from "./flow";
import { tell } from "./words";

/** The pin stands still in the map's middle; this keeps the draft's place in step with it. */
export class Pinning {
  results: SearchResult[] | null = null;
  private unhook: (() => void) | null = null;
  private hooked: CityMap | null = null;

  constructor(private readonly flow: ReportFlow) {}

  enter(city: CityMap): void {
    if (this.hooked === city) return;
    this.hooked = city;
    city.select("");
    const { lon, lat } = this.flow.draft;
    // The map takes its new size first, so that its middle is where the pin stands.
    requestAnimationFrame(() => {
      city.map.invalidateSize({ animate: false });
      if (lon !== null && lat !== null) city.toStreet(lon, lat);
      const moved = () => this.placed(city);
      city.map.on("moveend", moved);
      const release = city.areasDrawn.on(() => this.flow.redraw());
      this.unhook = () => {
        city.map.off("moveend", moved);
        release();
      };
      if (lon === null) void this.usePosition(true);
      this.placed(city);
    });
  }

  leave(): void {
    this.unhook?.();
    this.unhook = null;
    this.hooked?.showAccuracy(0, 0, null);
    this.hooked = null;
  }

  placed(city: CityMap): void {
    const { draft } = this.flow;
    const { lng, lat } = city.map.getCenter();
    const lon = Math.round(lng * 1e6) / 1e6;
    const rounded = Math.round(lat * 1e6) / 1e6;
    if (lon === draft.lon && rounded === draft.lat) return;
    const { lon: oldLon, lat: oldLat, accuracyM } = draft;
    if (accuracyM !== null && oldLon !== null && oldLat !== null) {
      const shift = city.map.distance([oldLat, oldLon], [rounded, lon]);
      // Moved by hand: the phone's own accuracy says nothing about the new place.
      if (shift > 2) draft.accuracyM = null;
    }
    draft.lon = lon;
    draft.lat = rounded;
    this.flow.moved();
  }

  /** Unasked (on arrival) a refusal is not worth a word: the pin can be placed by hand. */
  async usePosition(quietly = false): Promise<void> {
    const { flow } = this;
    const { city } = flow;
    if (!city) return;
    flow.working = true;
    flow.note = "";
    flow.redraw();
    try {
      const { longitude, latitude, accuracy } = (await ownPosition()).coords;
      if (this.hooked !== city) return;
      if (!city.inCity(longitude, latitude)) throw new Error("outside");
      city.toStreet(longitude, latitude);
      city.showAccuracy(longitude, latitude, accuracy);
      this.placed(city);
      flow.draft.accuracyM = accuracy;
    } catch (error) {
      if (!quietly) {
        flow.note = tell((error as Error).message === "outside" ? "locateOutside" : "locateDenied");
      }
    } finally {
      flow.working = false;
      flow.redraw();
    }
  }

  async find(q: string): Promise<void> {
    this.results = q.trim() ? await search(q.trim()).catch(() => []) : null;
    this.flow.redraw();
  }

  goTo(result: SearchResult): void {
    this.results = null;
    this.flow.city?.toStreet(result.lon, result.lat);
    this.flow.redraw();
  }
}
