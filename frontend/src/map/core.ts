import L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./map.css";
import type { CityInfo } from "../common/contract";
import { theme } from "../common/prefs";
import { lang, say } from "../i18n";
import { basemapLayer } from "./basemap";

/** Bottom to top. Leaflet's own panes for lines, markers and popups lie above at 400 and more. */
const PANES: [string, number][] = [
  ["base", 200], ["areas", 260], ["labels", 300], ["density", 350], ["points", 420],
];

export interface MapOptions {
  /** The map may be left for this many degrees round the city. */
  marginDeg?: number;
  maxZoom?: number;
  /** The basemap's own ward names; false where a layer draws them. */
  wardNames?: boolean;
}

/** A map of the city on this element, seen whole, in the present theme and language. */
export function createMap(element: HTMLElement, city: CityInfo, options: MapOptions = {}): L.Map {
  const [west, south, east, north] = city.bounds;
  const margin = options.marginDeg ?? 3;
  const map = L.map(element, {
    zoomControl: false,
    attributionControl: false,
    minZoom: 7,
    maxZoom: options.maxZoom ?? 19,
    maxBounds: [[south - margin, west - margin], [north + margin, east + margin]],
    maxBoundsViscosity: 0.7,
    wheelPxPerZoomLevel: 90,
    worldCopyJump: false,
  });
  for (const [name, order] of PANES) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(order);
    pane.style.pointerEvents = "none";
  }
  map.fitBounds(cityBounds(city), { animate: false });
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const credits = L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
  credits.addAttribution(escaped(creditLine(city)));
  credits.getContainer()?.setAttribute("tabindex", "0");
  element.setAttribute("role", "application");
  const name = () => element.setAttribute("aria-label", say(city.name));
  name();
  lang.on(name);
  element.classList.toggle("no-basemap", !city.basemap);
  void keepBasemap(map, city, options.wardNames ?? true);
  return map;
}

export function cityBounds(city: CityInfo): L.LatLngBoundsLiteral {
  const [west, south, east, north] = city.bounds;
  return [[south, west], [north, east]];
}

/** Each source once; OpenStreetMap first, for the line is cut short until one points at it. */
function creditLine(city: CityInfo): string {
  const all = [...city.attributions, ...(city.basemap?.attribution ?? "").split(" · ")];
  const osm = (credit: string): number => (credit.includes("OpenStreetMap") ? 0 : 1);
  return [...new Set(all.filter(Boolean))].sort((a, b) => osm(a) - osm(b)).join(" · ");
}

/** Leaflet's attribution takes markup; what comes from a pack is text. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

async function keepBasemap(map: L.Map, city: CityInfo, wardNames: boolean): Promise<void> {
  let shown: L.Layer | null = null;
  let asked = 0;
  const show = async (): Promise<void> => {
    const ticket = ++asked;
    const next = await basemapLayer(city, lang.value, wardNames);
    if (ticket !== asked) return;
    next?.addTo(map);
    // The old one goes once the new one stands, so that a change of theme does not flash.
    const old = shown;
    if (old) setTimeout(() => old.remove(), next ? 400 : 0);
    shown = next;
  };
  theme.on(() => void show());
  lang.on(() => void show());
  await show();
}
