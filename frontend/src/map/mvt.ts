import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";
import type { Props } from "../common/contract";
import { getBytes } from "../common/http";
import { whenIdle } from "./frames";

/** One feature of a tile, in pixels of the tile. Points: x, y; else rings or lines, flat. */
export interface TileFeature {
  id: string;
  type: 1 | 2 | 3;
  props: Props;
  parts: Float32Array[];
}

/** The features of one tile scaled to `sizePx`; decoded when a frame has time for it. */
export async function loadTile(url: string, sizePx: number, signal: AbortSignal): Promise<TileFeature[]> {
  const bytes = await getBytes(url, signal);
  if (!bytes.byteLength) return [];
  return new Promise((done, failed) => whenIdle(() => {
    try {
      done(signal.aborted ? [] : decode(bytes, sizePx));
    } catch (error) {
      failed(error);
    }
  }));
}

function decode(bytes: ArrayBuffer, sizePx: number): TileFeature[] {
  const tile = new VectorTile(new Pbf(new Uint8Array(bytes)));
  const features: TileFeature[] = [];
  for (const layer of Object.values(tile.layers)) {
    const k = sizePx / layer.extent;
    for (let i = 0; i < layer.length; i++) {
      const feature = layer.feature(i);
      if (feature.type === 0) continue;
      const parts = feature.loadGeometry().map((line) => {
        const flat = new Float32Array(line.length * 2);
        line.forEach((p, n) => {
          flat[n * 2] = p.x * k;
          flat[n * 2 + 1] = p.y * k;
        });
        return flat;
      });
      features.push({
        id: String(feature.properties.id ?? feature.id ?? ""),
        type: feature.type as 1 | 2 | 3,
        props: feature.properties,
        parts,
      });
    }
  }
  return features;
}

/** Even-odd over all rings, so holes count as outside. */
export function inside(parts: Float32Array[], x: number, y: number): boolean {
  let within = false;
  for (const ring of parts) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const xi = ring[i]!, yi = ring[i + 1]!, xj = ring[j]!, yj = ring[j + 1]!;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
  }
  return within;
}

/** Distance in pixels from a point to the nearest of the lines. */
export function distanceTo(parts: Float32Array[], x: number, y: number): number {
  let best = Infinity;
  for (const line of parts) {
    for (let i = 2; i < line.length; i += 2) {
      const ax = line[i - 2]!, ay = line[i - 1]!;
      const dx = line[i]! - ax, dy = line[i + 1]! - ay;
      const length = dx * dx + dy * dy;
      const k = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
      best = Math.min(best, Math.hypot(ax + k * dx - x, ay + k * dy - y));
    }
  }
  return best;
}
