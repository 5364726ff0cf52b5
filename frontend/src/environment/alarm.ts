import type { Incident, LayerInfo } from "../common/contract";
import { loadFeature } from "../common/services";
import { loadCrossings } from "./api";
import type { FloodModel } from "./floodmodel";

const RIVER_ALARM = "river-alarm";

/** Opens the flood panel at the stage that a river alarm spoke of; nothing where no terrain tells. */
export async function openAlarm(flood: FloodModel, incident: Incident, layer: LayerInfo): Promise<void> {
  if (incident.kind !== RIVER_ALARM || !incident.feature_id) return;
  try {
    const [found] = await Promise.all([loadFeature(layer, incident.feature_id), flood.load()]);
    const code = String(found.properties.code ?? "");
    const gauge = flood.gauges.find((each) => each.code === code);
    if (!gauge) return;
    const crossings = await loadCrossings(code);
    const told = crossings.find((each) => Date.parse(each.at) <= Date.parse(incident.last_at) + 1_000 && each.level > each.before);
    await flood.open(code, told ? Math.round(told.value * 100) : gauge.stage_cm);
  } catch {
    // The station's card stands open and says what there is to say.
  }
}
