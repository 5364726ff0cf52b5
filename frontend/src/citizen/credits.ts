import type L from "leaflet";
import type { CityInfo } from "../common/contract";

const PLAIN = /^[^<>&"]*$/;

/**
 * Credits for a narrow corner: the basemap's say again what the city's say one by one, and
 * OpenStreetMap's, which must be seen, comes first where the line is cut short.
 */
export function tidyCredits(map: L.Map, city: CityInfo): void {
  const { attributions, basemap } = city;
  const control = map.attributionControl;
  if (attributions.length && basemap) control.removeAttribution(basemap.attribution);
  for (const credit of attributions) {
    // Leaflet takes markup here; what is not plain text stays as it was put, escaped.
    if (credit.includes("OpenStreetMap") || !PLAIN.test(credit)) continue;
    control.removeAttribution(credit);
    control.addAttribution(credit);
  }
}
