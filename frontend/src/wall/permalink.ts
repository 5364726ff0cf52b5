import type { LayerBook } from "./layerbook";

/** Everything a link restores. */
export interface Place {
  zoom: number;
  lat: number;
  lon: number;
}

export interface LinkState {
  place: Place | null;
  selected: { slug: string; id: string } | null;
  atMs: number | null;
  theme: "dark" | "light" | null;
  /** The flood panel: gauge, stage, the stage it is compared with, and the sea, in cm. */
  flood: { gauge: string; aCm: number; bCm: number | null; tideCm: number | null } | null;
}

/**
 * `#map=12/16.46/107.59&layers=a,-b,c:0.5&hide=a.state:x.y&sel=a/7&flood=G1:240:350:sea120&t=…&theme=dark`
 * Layers stand in their order from the top; `-` is hidden, `:` the opacity.
 */
export function write(state: LinkState, book: LayerBook): string {
  const parts: string[] = [];
  if (state.place) {
    const { zoom, lat, lon } = state.place;
    parts.push(`map=${+zoom.toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`);
  }
  parts.push(`layers=${book.views.map((view) =>
    `${view.visible ? "" : "-"}${view.slug}${view.opacity < 1 ? `:${view.opacity}` : ""}`).join(",")}`);
  const hidden = book.views.flatMap((view) => [...view.hidden]
    .filter(([, values]) => values.size)
    .map(([field, values]) =>
      `${view.slug}.${field}:${[...values].map(encodeURIComponent).join(".")}`));
  if (hidden.length) parts.push(`hide=${hidden.join(",")}`);
  if (state.selected) {
    parts.push(`sel=${state.selected.slug}/${encodeURIComponent(state.selected.id)}`);
  }
  if (state.flood?.gauge) {
    const { gauge, aCm, bCm, tideCm } = state.flood;
    const stages = [aCm, ...(bCm === null ? [] : [bCm]), ...(tideCm === null ? [] : [`sea${tideCm}`])];
    parts.push(`flood=${[encodeURIComponent(gauge), ...stages].join(":")}`);
  }
  if (state.atMs) parts.push(`t=${new Date(state.atMs).toISOString().replace(/\.\d+/, "")}`);
  if (state.theme) parts.push(`theme=${state.theme}`);
  return `#${parts.join("&")}`;
}

/** Reads a link; sets the layers of the book in passing. Whatever it does not know it ignores. */
export function read(hash: string, book: LayerBook): LinkState {
  const query = new Map(hash.replace(/^#/, "").split("&").map((part) => {
    const cut = part.indexOf("=");
    return [part.slice(0, cut), part.slice(cut + 1)] as const;
  }));
  const layers = query.get("layers");
  if (layers) readLayers(layers.split(","), book);
  for (const rule of query.get("hide")?.split(",") ?? []) readHidden(rule, book);
  const place = (query.get("map") ?? "").split("/").map(Number);
  const [slug, id] = (query.get("sel") ?? "").split("/");
  const atMs = Date.parse(query.get("t") ?? "");
  const theme = query.get("theme");
  return {
    place: place.length === 3 && place.every(Number.isFinite)
      ? { zoom: place[0]!, lat: place[1]!, lon: place[2]! } : null,
    selected: slug && id ? { slug, id: decodeURIComponent(id) } : null,
    atMs: Number.isFinite(atMs) ? atMs : null,
    theme: theme === "dark" || theme === "light" ? theme : null,
    flood: readFlood(query.get("flood") ?? ""),
  };
}

function readFlood(text: string): LinkState["flood"] {
  const [gauge, a, ...rest] = text.split(":");
  if (!gauge || !/^-?\d+$/.test(a ?? "")) return null;
  const b = rest.find((part) => /^-?\d+$/.test(part));
  const sea = rest.find((part) => /^sea-?\d+$/.test(part));
  return {
    gauge: decodeURIComponent(gauge), aCm: Number(a),
    bCm: b === undefined ? null : Number(b), tideCm: sea === undefined ? null : Number(sea.slice(3)),
  };
}

function readLayers(names: string[], book: LayerBook): void {
  const order: string[] = [];
  for (const name of names) {
    const [slug, opacity] = name.replace(/^-/, "").split(":");
    const view = book.get(slug);
    if (!view) continue;
    view.visible = !name.startsWith("-");
    const share = Number(opacity ?? 1);
    if (share > 0 && share <= 1) view.opacity = share;
    order.push(view.slug);
  }
  // A layer that is newer than the link keeps its place at the end.
  const rank = (slug: string) => (order.includes(slug) ? order.indexOf(slug) : order.length);
  book.views.sort((a, b) => rank(a.slug) - rank(b.slug));
}

function readHidden(rule: string, book: LayerBook): void {
  const match = /^([\w-]+)\.(\w+):(.+)$/.exec(rule);
  const view = book.get(match?.[1]);
  if (!match || !view) return;
  view.hidden.set(match[2]!, new Set(match[3]!.split(".").map(decodeURIComponent)));
}
