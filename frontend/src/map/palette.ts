import { theme } from "../common/prefs";

/** The token file's colours, read once a theme: canvases cannot use CSS variables. */
export interface Palette {
  land: string; water: string; green: string; built: string; road: string; roadMajor: string;
  building: string; rail: string; border: string; label: string; labelWater: string; halo: string;
  edge: string; paper: string; text: string; quiet: string; accent: string; stale: string;
  unknown: string; page: string; panel: string; fontFamily: string;
}

let held: { theme: string; palette: Palette } | null = null;

export function palette(): Palette {
  if (held?.theme === theme.value) return held.palette;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const fresh: Palette = {
    land: token("map-land"), water: token("map-water"), green: token("map-green"),
    built: token("map-built"), road: token("map-road"), roadMajor: token("map-road-major"),
    building: token("map-building"), rail: token("map-rail"), border: token("map-border"),
    label: token("map-label"), labelWater: token("map-label-water"), halo: token("map-halo"),
    edge: token("symbol-edge"), paper: token("symbol-paper"), text: token("text"),
    quiet: token("text-quiet"), accent: token("accent"), stale: token("stale"),
    unknown: token("unknown"), page: token("page"), panel: token("panel"),
    fontFamily: token("font"),
  };
  held = { theme: theme.value, palette: fresh };
  return fresh;
}

/** `#rrggbb` with an opacity. */
export function withAlpha(color: string, alpha: number): string {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(color);
  if (!hex) return color;
  const [r, g, b] = hex.slice(1).map((part) => Number.parseInt(part, 16));
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}

/** Black or white, whichever is read more easily on this colour. */
export function inkOn(color: string): string {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(color);
  if (!hex) return "#0b1220";
  const [r, g, b] = hex.slice(1).map((part) => {
    const c = Number.parseInt(part, 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2 ? "#0b1220" : "#ffffff";
}
