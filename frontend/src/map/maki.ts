/** Maki icons (CC0, 15×15) as canvas paths: those a city's categories commonly name. */
const FILES = import.meta.glob(
  [
    "../../node_modules/@mapbox/maki/icons/{construction,waste-basket,car,city,police,attraction,town-hall,marker,danger,water,drinking-water,dam,bus,bicycle,parking,park,garden,school,hospital,bridge,building,home,shop,market,road-accident,roadblock,recycling,toilet,lodging,monument,restaurant,fire-station,telephone,emergency-phone,communications-tower,industry,natural,wetland,dog-park,harbor,ferry,fuel,information,place-of-worship,heliport,caution,barrier,highway-rest-area,playground,swimming,theatre,museum,library,bank,beach,animal-shelter,farm,picnic-site,tunnel,toll,wheelchair}.svg",
  ],
  { query: "?raw", import: "default", eager: true },
) as Record<string, string>;

const paths = new Map<string, Path2D>();
const sources = new Map(
  Object.entries(FILES).map(([file, svg]) => [/([\w-]+)\.svg$/.exec(file)![1]!, svg]),
);

/** The icon's outlines; the plain marker where the name is unknown; null for an empty name. */
export function icon(name: string): Path2D | null {
  if (!name) return null;
  const known = paths.get(name);
  if (known) return known;
  const svg = sources.get(name) ?? sources.get("marker");
  if (!svg) return null;
  const path = new Path2D();
  for (const [, d] of svg.matchAll(/\sd="([^"]+)"/g)) {
    path.addPath(new Path2D(d!.replace(/&#x[\dA-F]+;/gi, " ")));
  }
  paths.set(name, path);
  return path;
}

/** The icon's `d` attributes, for SVG in a page. */
export function iconPaths(name: string): string[] {
  const svg = sources.get(name) ?? sources.get("marker") ?? "";
  return [...svg.matchAll(/\sd="([^"]+)"/g)].map(([, d]) => d!.replace(/&#x[\dA-F]+;/gi, " "));
}
