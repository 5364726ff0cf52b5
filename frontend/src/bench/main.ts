import "../common/base.css";
import "./bench.css";
import L from "leaflet";
import { loadCatalogue } from "../common/catalogue";
import type { Catalogue, CityInfo, LayerInfo } from "../common/contract";
import { FeatureStore } from "../common/store";
import { createMap } from "../map/core";
import { PointCanvas } from "../map/points";
import { Styler } from "../map/styler";
import { TileLayer } from "../map/tiles";

/** Figures of the drawing alone, asked for by the benchmark through `window.iocBench`. */

interface Movers {
  fps: number;
  update_ms: number;
}

interface Pan {
  p50: number;
  p95: number;
  max: number;
}

const FALLBACK: CityInfo = {
  slug: "bench", name: { vi: "Huế", en: "Huế" }, bounds: [107, 15.97, 108.25, 16.77],
  center: [107.6, 16.4], time_zone: "Asia/Ho_Chi_Minh", languages: ["vi"], attributions: [],
  schematic: true, basemap: null,
};

const MOVER: LayerInfo = {
  slug: "movers", title: { vi: "", en: "" }, geometry: "point", audience: "full", live: true,
  order: 1, default_visible: true, raw_zoom: 14, snapshot_limit: 1e6, count: 0, newest_at: null,
  stale_after_s: null, has_synthetic: true, attribution: "", title_field: "name", time_field: "t",
  fields: [],
  style: {
    kind: "vessel", color: "#2ec4b6", by: null, course: "course", speed: null, value: null,
    label: null, bearing: null, fov: null, range_m: null, icon: null,
  },
  urls: { tiles: "", snapshot: "", features: "", feature: "", export: "" },
};

const element = document.querySelector("main")!;
let map: L.Map | null = null;

async function fresh(): Promise<{ map: L.Map; catalogue: Catalogue | null }> {
  const catalogue = await loadCatalogue().catch(() => null);
  map?.remove();
  // Without the basemap: the figures are those of the points.
  map = createMap(element, { ...(catalogue?.city ?? FALLBACK), basemap: null });
  return { map, catalogue };
}

/** Calls `each` in every frame for so long; returns the times between frames in milliseconds. */
function frames(seconds: number, each: () => void): Promise<number[]> {
  return new Promise((done) => {
    const gaps: number[] = [];
    const end = performance.now() + seconds * 1000;
    let last = 0;
    const frame = (now: number): void => {
      if (last) gaps.push(now - last);
      last = now;
      each();
      if (now < end) requestAnimationFrame(frame);
      else done(gaps);
    };
    requestAnimationFrame(frame);
  });
}

/** `n` points that all move once a second: frames a second meanwhile, and the cost of one move. */
async function movers(n = 10_000, seconds = 10): Promise<Movers> {
  const stage = (await fresh()).map;
  const store = new FeatureStore();
  const canvas = new PointCanvas();
  canvas.sets = [{ slug: "movers", store, styler: new Styler(MOVER), opacity: 1, shows: null }];
  canvas.addTo(stage);
  const bounds = stage.getBounds();
  const wide = bounds.getEast() - bounds.getWest();
  const high = bounds.getNorth() - bounds.getSouth();
  const costs: number[] = [];
  let step = 0;
  const move = (): void => {
    const began = performance.now();
    for (let i = 0; i < n; i++) {
      const a = i * 2.399963 + step * 0.002;
      const r = Math.sqrt((i + 0.5) / n) * 0.5;
      const course = Math.round((i * 37 + step * 5) % 360);
      store.upsert(String(i), bounds.getWest() + wide * (0.5 + r * Math.cos(a)),
        bounds.getSouth() + high * (0.5 + r * Math.sin(a)), step, { course });
    }
    canvas.touch();
    const moved = performance.now() - began;
    step++;
    requestAnimationFrame(() => costs.push(moved + canvas.lastDrawMs));
  };
  move();
  await new Promise((ready) => setTimeout(ready, 1_500));
  const timer = setInterval(move, 1_000);
  const gaps = await frames(seconds, () => undefined);
  clearInterval(timer);
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const counted = costs.slice(1);
  return {
    fps: (gaps.length / total) * 1000,
    update_ms: counted.reduce((sum, cost) => sum + cost, 0) / Math.max(1, counted.length),
  };
}

/** Panning over a layer drawn from tiles: times between frames in milliseconds. */
async function pan(seconds = 10, slug = "", zoom = 12): Promise<Pan> {
  const { map: stage, catalogue } = await fresh();
  const layers = catalogue?.layers.filter((layer) => layer.geometry === "point") ?? [];
  const info = layers.find((layer) => layer.slug === slug) ??
    layers.sort((a, b) => b.count - a.count)[0];
  if (!info) throw new Error(`no point layer ${slug}`);
  const [lon, lat] = catalogue!.city.center;
  stage.setView([lat, lon], zoom, { animate: false });
  new TileLayer(info, "density").addTo(stage);
  await new Promise((ready) => setTimeout(ready, 3_000));
  let turn = 0;
  const gaps = await frames(seconds, () => {
    turn += 0.015;
    stage.panBy([Math.round(9 * Math.cos(turn)), Math.round(6 * Math.sin(turn))], { animate: false });
  });
  gaps.sort((a, b) => a - b);
  const at = (share: number): number => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: gaps.at(-1) ?? 0 };
}

declare global {
  interface Window {
    iocBench: { movers: typeof movers; pan: typeof pan };
  }
}

window.iocBench = { movers, pan };
