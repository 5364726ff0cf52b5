import { recall, remember } from "../common/prefs";
import { Signal } from "../common/signal";

const KEY = "fleet.favourites";

/** Vessels that this officer keeps an eye on; kept in this browser. */
export const favourites = new Signal<ReadonlySet<string>>(new Set((recall(KEY) ?? "").split(",").filter(Boolean)));

export function toggleFavourite(id: string): void {
  const kept = new Set(favourites.value);
  if (!kept.delete(id)) kept.add(id);
  favourites.value = kept;
  remember(KEY, kept.size ? [...kept].join(",") : null);
}
