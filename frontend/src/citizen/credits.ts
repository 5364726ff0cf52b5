import L from "leaflet";
import type { CityInfo } from "../common/contract";

const PLAIN = /^[^<>&"]*$/;

/**
 * Credits for a narrow corner: the basemap's say again what the city's say one by one, and
 * OpenStreetMap's, which must be seen, comes first where the line is cut short.
 */
export function tidyCredits(map: L.Map, city: CityInfo): void {
  const credits = [...city.attributions];
  // Leaflet takes markup here; where anything is not plain text, what stands there stays.
  if (!credits.length || !credits.every((credit) => PLAIN.test(credit))) return;
  const first = (credit: string) => (credit.includes("OpenStreetMap") ? 0 : 1);
  credits.sort((a, b) => first(a) - first(b));
  map.attributionControl.remove();
  const control = L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
  for (const credit of credits) control.addAttribution(credit);
}
