import type { Catalogue } from "../common/contract";
import { getJson } from "../common/http";
import { loadFeatures } from "../common/services";
import { Signal } from "../common/signal";
import type { Words } from "./contract";

const ZONES = "fishing-zones";
const RETRY_MS = 10_000;

export interface Place { code: string; name: Words }

/** What forms and filters name: ports, and the waters that the rules speak of. */
export class Places {
  readonly ports = new Signal<readonly Place[]>([]);
  readonly zones = new Signal<readonly Place[]>([]);

  async load(catalogue: Catalogue): Promise<void> {
    try {
      this.ports.value = (await getJson<{ ports: Place[] }>("/api/v1/vessels/ports")).ports;
      const layer = catalogue.layers.find((each) => each.slug === ZONES);
      if (!layer) return;
      const { features } = await loadFeatures(layer, { limit: "200" });
      this.zones.value = features.map(({ properties: p }) => ({
        code: String(p.code), name: { vi: String(p.name_vi), en: String(p.name_en || p.name_vi) },
      }));
    } catch {
      setTimeout(() => void this.load(catalogue), RETRY_MS);
    }
  }
}
