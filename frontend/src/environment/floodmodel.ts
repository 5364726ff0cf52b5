import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import * as api from "./api";
import type { Comparison, Exposure, Gauge, Sea, Terrain, Zone } from "./contract";
import { tell } from "./words";

/** Zones are kept for each 10 cm. */
export const STEP_CM = 10;
const REST_MS = 280;
const AHEAD = 4;
const KEPT = 160;
const REFRESH_MS = 60_000;

/** Which gauge, at which stage, the stage it is compared with, and the sea where it is not at rest. */
export interface Spot { gauge: string; aCm: number; bCm: number | null; tideCm: number | null }

export type Readiness = "idle" | "loading" | "ready" | "empty" | "failed";

/** What the flood panel and its map share: stages in, zones and exposure out, nothing asked twice. */
export class FloodModel {
  readonly spot = new Signal<Spot | null>(null);
  /** Fires when anything but the spot changed. */
  readonly changed = new Signal<number>(0);
  readiness: Readiness = "idle";
  failure = "";
  gauges: Gauge[] = [];
  terrains: Terrain[] = [];
  can: string[] = [];
  /** How far the sea can be moved; null where the terrain has no coast. */
  sea: Sea | null = null;
  exposure: Exposure | null = null;
  comparison: Comparison | null = null;
  counting = false;
  countFailure = "";
  /** The zone that lies on the map; of another stage while its own is on the way. */
  zone: Zone | null = null;
  private readonly zones = new Map<string, Zone>();
  private readonly counted = new Map<string, Exposure>();
  private running = false;
  private direction = 1;
  private resting = 0;
  private asking = false;
  private refreshed = 0;

  get gauge(): Gauge | undefined {
    return this.gauges.find((each) => each.code === this.spot.value?.gauge);
  }

  get terrain(): Terrain | undefined {
    return this.terrains.find((each) => each.active) ?? this.terrains[0];
  }

  private tell(): void {
    this.changed.value++;
  }

  /** Opens at a gauge's stage; without one where the river stands now, at the gauge most in need. */
  async open(gauge = "", stageCm: number | null = null, otherCm: number | null = null, tideCm: number | null = null): Promise<void> {
    if (!this.spot.value) this.spot.value = { gauge, aCm: stageCm ?? 0, bCm: otherCm, tideCm };
    await this.load();
    const found = this.gauges.find((each) => each.code === gauge) ?? this.gauges.toSorted((a, b) => need(b) - need(a))[0];
    if (!found || !this.spot.value) return;
    const fits = found.code === gauge;
    this.move(found, (fits ? stageCm : null) ?? usual(found), fits ? otherCm : null, fits ? tideCm : null);
  }

  close(): void {
    clearTimeout(this.resting);
    this.spot.value = null;
    this.zone = null;
    this.comparison = null;
    this.tell();
  }

  async load(): Promise<void> {
    if (this.readiness === "ready" && Date.now() - this.refreshed < REFRESH_MS) return;
    if (this.readiness !== "ready") this.readiness = "loading";
    this.tell();
    try {
      const [found, terrains] = await Promise.all([api.loadGauges(), api.loadTerrains()]);
      this.gauges = found.gauges;
      this.can = found.can;
      this.sea = found.sea;
      if (terrains.find((each) => each.active)?.id !== this.terrain?.id) this.forget();
      this.terrains = terrains;
      this.refreshed = Date.now();
      this.readiness = this.gauges.length ? "ready" : "empty";
    } catch (error) {
      this.failure = why(error);
      this.readiness = "failed";
    }
    this.tell();
  }

  private forget(): void {
    this.zones.clear();
    this.counted.clear();
  }

  choose(code: string): void {
    const gauge = this.gauges.find((each) => each.code === code);
    if (gauge) this.move(gauge, usual(gauge), null, this.spot.value?.tideCm ?? null);
  }

  setStage(cm: number): void {
    if (this.gauge) this.move(this.gauge, cm, this.spot.value!.bCm);
  }

  compareWith(cm: number | null): void {
    if (this.gauge) this.move(this.gauge, this.spot.value!.aCm, cm);
  }

  /** The level of the sea; null puts it at rest. */
  setTide(cm: number | null): void {
    const { aCm, bCm } = this.spot.value!;
    if (this.gauge) this.move(this.gauge, aCm, bCm, cm);
  }

  /** What the zone on screen is asked by. */
  get asked(): api.Asked {
    const { gauge, aCm, tideCm } = this.spot.value!;
    return { gauge, stageCm: aCm, tideCm };
  }

  private move(gauge: Gauge, aCm: number, bCm: number | null, tide: number | null | undefined = this.spot.value?.tideCm): void {
    const before = this.spot.value;
    const { sea } = this;
    const tideCm = sea && tide != null && tide > sea.rest_cm ? within(sea, tide) : null;
    const spot: Spot = { gauge: gauge.code, aCm: within(gauge, aCm), bCm: bCm === null ? null : within(gauge, bCm), tideCm };
    const moved = before?.bCm !== spot.bCm && spot.bCm !== null ? spot.bCm - (before?.bCm ?? spot.bCm) : spot.aCm - (before?.aCm ?? spot.aCm);
    if (moved) this.direction = Math.sign(moved);
    this.comparison = null;
    this.spot.value = spot;
    const known = this.counted.get(key(this.asked));
    if (known) this.exposure = known;
    this.counting = true;
    this.countFailure = "";
    void this.follow();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.count(), known && bCm === null ? 0 : REST_MS);
    this.tell();
  }

  /** The stage under the finger: of the two that are compared the one that was moved last. */
  private wanted(): string | null {
    const spot = this.spot.value;
    if (!spot?.gauge) return null;
    return key({ gauge: spot.gauge, stageCm: Math.max(spot.aCm, spot.bCm ?? spot.aCm), tideCm: spot.tideCm });
  }

  /** One question at a time: each answer is drawn, then the newest stage is asked for. */
  private async follow(): Promise<void> {
    const held = this.wanted() && this.zones.get(this.wanted()!);
    if (held) this.draw(held);
    if (this.running) return;
    this.running = true;
    for (let next = this.nextKey(); next; next = this.nextKey()) {
      const urgent = next === this.wanted();
      try {
        const zone = await this.fetch(next);
        if (this.spot.value && (urgent || next === this.wanted()) && next.startsWith(`${this.spot.value.gauge}|`)) {
          this.draw(this.zones.get(this.wanted()!) ?? zone);
        }
      } catch (error) {
        if (urgent) {
          this.countFailure = why(error);
          this.tell();
        }
        break;
      }
    }
    this.running = false;
  }

  /** What is under the finger, then what the finger will reach: first onward, then back. */
  private nextKey(): string | null {
    const wanted = this.wanted();
    const { gauge } = this;
    if (!wanted || !gauge) return null;
    if (!this.zones.has(wanted)) return wanted;
    const at = Number(wanted.split("|")[1]);
    for (let n = 1; n <= AHEAD; n++) {
      for (const way of [this.direction, -this.direction]) {
        const cm = at + n * way * STEP_CM;
        const near = key({ gauge: gauge.code, stageCm: cm, tideCm: this.spot.value!.tideCm });
        if (cm >= gauge.min_cm && cm <= gauge.max_cm && !this.zones.has(near)) return near;
      }
    }
    return null;
  }

  private async fetch(name: string): Promise<Zone> {
    const [gauge, cm, tide] = name.split("|");
    const zone = await api.loadZone({ gauge: gauge!, stageCm: Number(cm), tideCm: tide ? Number(tide) : null });
    this.zones.set(name, zone);
    if (this.zones.size > KEPT) this.zones.delete(this.zones.keys().next().value!);
    return zone;
  }

  private draw(zone: Zone): void {
    if (zone === this.zone) return;
    this.zone = zone;
    this.tell();
  }

  /** Who is affected, once the finger rests; one question at a time, for each is dear. */
  async count(): Promise<void> {
    if (!this.spot.value?.gauge || this.readiness !== "ready") return;
    this.counting = true;
    this.countFailure = "";
    this.tell();
    if (this.asking) return;
    this.asking = true;
    let told = "";
    try {
      for (let next = this.uncounted(); this.spot.value && next !== told; next = this.uncounted()) {
        told = next;
        await this.ask(this.asked, this.spot.value.bCm, next);
      }
    } catch (error) {
      this.countFailure = why(error);
    }
    this.asking = false;
    this.counting = false;
    this.tell();
  }

  private uncounted(): string {
    const { spot } = this;
    return spot.value ? `${key(this.asked)}|${spot.value.bCm ?? ""}` : "";
  }

  private async ask(asked: api.Asked, bCm: number | null, name: string): Promise<void> {
    const comparison = bCm === null ? null : await api.loadComparison(asked, bCm);
    const exposure = comparison?.a ?? await api.loadExposure(asked);
    this.counted.set(key(asked), exposure);
    if (this.counted.size > KEPT) this.counted.delete(this.counted.keys().next().value!);
    if (name !== this.uncounted()) return;
    this.comparison = comparison;
    this.exposure = exposure;
  }

  /** Puts the zone on everybody's map or takes it off; returns the refusal's words, else "". */
  async show(shown: boolean, published: boolean): Promise<string> {
    const { exposure } = this;
    if (!exposure) return "";
    try {
      await api.showZone(exposure.zone, shown, published);
    } catch (error) {
      return why(error);
    }
    this.exposure = { ...exposure, shown, published };
    this.counted.set(key({ gauge: exposure.gauge, stageCm: exposure.stage_cm, tideCm: exposure.tide_cm }), this.exposure);
    this.tell();
    return "";
  }
}

function key({ gauge, stageCm, tideCm }: api.Asked): string {
  return `${gauge}|${stageCm}|${tideCm ?? ""}`;
}

function within({ min_cm, max_cm }: { min_cm: number; max_cm: number }, cm: number): number {
  const step = Math.round(cm / STEP_CM) * STEP_CM;
  return Math.max(min_cm, Math.min(max_cm, step));
}

/** How far a gauge stands over its first alarm level, or under it. */
function need(gauge: Gauge): number {
  return (gauge.stage_cm ?? -1e6) - (gauge.levels[0]?.stage_cm ?? 0);
}

/** Where the river stands now; where that is not known the second alarm level. */
function usual(gauge: Gauge): number {
  return gauge.stage_cm ?? gauge.levels[1]?.stage_cm ?? gauge.levels[0]?.stage_cm ?? 200;
}

export function why(error: unknown): string {
  if (error instanceof HttpError) return error.status ? error.message : tell("offline");
  return String(error);
}
