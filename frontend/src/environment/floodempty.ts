import { html, nothing, type TemplateResult } from "lit";
import { number } from "../i18n/format";
import type { FloodModel } from "./floodmodel";
import { tell } from "./words";

const COMMAND = "python3 -m ioc terrain build --dem DEM.tif --rivers rivers.geojson --coast coast.geojson";

/** Why there is no zone to show, and what would bring one. */
export function emptyState(model: FloodModel): TemplateResult {
  if (model.readiness === "failed") {
    return html`<div class="empty bad" role="alert"><b>${tell("failed", { why: model.failure })}</b>
      <button type="button" class="button small" @click=${() => void model.load()}>${tell("retry")}</button></div>`;
  }
  if (model.readiness !== "empty") {
    return html`<p class="visually-hidden" role="status">${tell("loading")}</p><div class="skeletons"><i></i><i></i><i></i></div>`;
  }
  const { terrain } = model;
  if (terrain?.state === "waiting" || terrain?.state === "building") {
    const n = number(terrain.progress * 100, 0);
    return html`<div class="empty" role="status"><b>${tell("building_", { name: terrain.name, n })}</b>
      <progress max="1" value=${terrain.progress}></progress><p>${terrain.message}</p></div>`;
  }
  if (terrain?.state === "ready" && terrain.active) {
    return html`<div class="empty"><b>${tell("noGauges", { name: terrain.name })}</b><p>${tell("noGaugesWhy")}</p></div>`;
  }
  return html`<div class="empty how-to"><ioc-icon name="waves"></ioc-icon><b>${tell("noTerrain")}</b><p>${tell("noTerrainWhy")}</p>
    <pre tabindex="0"><code>${COMMAND}</code></pre><p>${tell("noTerrainThen")}</p>
    ${terrain?.state === "failed" ? html`<p class="bad">${tell("buildFailed", { name: terrain.name, why: terrain.message })}</p>` : nothing}</div>`;
}
