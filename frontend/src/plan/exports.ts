import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { theme } from "../common/prefs";
import { say } from "../i18n";
import * as api from "./api";
import { glyph } from "./icons";
import { nameOf } from "./looks";
import { reasonOf, type PlanModel } from "./model";
import { mapPicture } from "./picture";
import type { PlanStage } from "./stage";
import { tell } from "./words";

const SETTLE_MS = 1_200;
const FORMATS: [string, string, string][] = [
  ["geojson", "GeoJSON", "geojson"], ["csv", "CSV", "csv"], ["gpkg", "GeoPackage", "gpkg"], ["parquet", "GeoParquet", "parquet"],
];

/** What can be taken away: rows of the question, or what a run found, the map's picture, paper. */
export class Exports extends IocElement {
  private busy = "";

  constructor(private readonly model: PlanModel, private readonly stage: PlanStage) {
    super();
    this.uses(model.mode, model.runs.run);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const run = model.mode.value === "analyse" && model.runs.run.value?.state === "done" ? model.runs.run.value : null;
    const formats = run ? FORMATS.slice(0, 2) : FORMATS;
    const item = (key: string, label: string, act: () => unknown) => html`<button type="button" data-export=${key} ?disabled=${this.busy !== ""} @click=${act}>${this.busy === key ? html`<span class="spinner small"></span>` : nothing}${label}</button>`;
    return html`<details class="menu"><summary class="button small">${glyph("download")}${tell("export")}</summary><div class="menu-body">
      ${formats.map(([key, label, ending]) => item(key, label, () => this.take(key, () => (run ? this.found(key) : api.exported({ layer: model.question.value.layer, where: model.where() }, key)), ending)))}
      ${item("png", tell("png"), () => this.take("png", () => mapPicture(this.stage, model), "png"))}
      ${run ? html`<a href=${api.reportUrl(run.id)} target="_blank" rel="noopener">${tell("pdf")}</a>` : nothing}
      ${item("print", tell("print"), () => this.print())}
      ${item("link", tell("link"), () => this.copy())}</div></details>`;
  }

  private async take(key: string, make: () => Promise<Blob>, ending: string): Promise<void> {
    this.busy = key;
    this.requestUpdate();
    try {
      const url = URL.createObjectURL(await make());
      const link = document.createElement("a");
      link.href = url;
      link.download = `${this.model.question.value.layer}.${ending}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      this.querySelector("details")?.removeAttribute("open");
    } catch (error) {
      this.model.say(tell("noFile", { why: reasonOf(error) }), "bad");
    }
    this.busy = "";
    this.requestUpdate();
  }

  /** What the run found, as one file made here: the results are all on this screen. */
  private async found(format: string): Promise<Blob> {
    const results = this.model.runs.results.value;
    if (format === "geojson") return new Blob([JSON.stringify({ type: "FeatureCollection", features: results })], { type: "application/geo+json" });
    const facts = [...new Set(results.flatMap((one) => Object.keys(one.properties.facts ?? {})))];
    const head = ["rank", "name", "kind", "value", "z", "q", ...facts];
    const rows = results.map((one) => {
      const { rank, kind, value, z, q, facts: told } = one.properties;
      return [rank, nameOf(one), kind, value, z, q, ...facts.map((fact) => flat(told[fact]))].map(cell).join(",");
    });
    return new Blob(["\ufeff", [head.join(","), ...rows].join("\r\n")], { type: "text/csv" });
  }

  /** On paper the page is light and the map as wide as the sheet, whatever the screen was. */
  private async print(): Promise<void> {
    this.querySelector("details")?.removeAttribute("open");
    const { map } = this.stage;
    const was = theme.value;
    const centre = map?.getCenter();
    document.documentElement.dataset.theme = theme.value = "light";
    document.body.classList.add("printing");
    map?.invalidateSize({ animate: false, pan: false });
    if (centre) map?.setView(centre, map.getZoom(), { animate: false });
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    window.print();
    document.body.classList.remove("printing");
    document.documentElement.dataset.theme = theme.value = was;
    map?.invalidateSize({ animate: false, pan: false });
    if (centre) map?.setView(centre, map.getZoom(), { animate: false });
  }

  private async copy(): Promise<void> {
    const url = `${location.origin}/plan/${this.model.hash()}`;
    try {
      await navigator.clipboard.writeText(url);
      this.model.say(tell("linkCopied"), "good");
    } catch {
      // Plain HTTP has no clipboard: the address bar holds the same link.
      this.model.say(url);
    }
    this.querySelector("details")?.removeAttribute("open");
  }
}

function flat(value: unknown): unknown {
  if (value && typeof value === "object") return "vi" in value ? say(value as { vi: string; en: string }) : JSON.stringify(value);
  return value;
}

/** A cell of CSV; what a spreadsheet would take for a formula is marked as text. */
function cell(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

customElements.define("ioc-plan-exports", Exports);
