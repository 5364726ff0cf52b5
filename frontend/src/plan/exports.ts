import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import * as api from "./api";
import { glyph } from "./icons";
import { reasonOf, type PlanModel } from "./model";
import { mapPicture } from "./picture";
import type { PlanStage } from "./stage";
import { tell } from "./words";

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
    const item = (key: string, label: string, act: () => unknown) => html`<button type="button" data-export=${key} ?disabled=${this.busy !== ""} @click=${act}>${this.busy === key ? html`<span class="spinner small"></span>` : nothing}${label}</button>`;
    return html`<details class="menu"><summary class="button small">${glyph("download")}${tell("export")}</summary><div class="menu-body">
      <h3>${tell(run ? "exportRun" : "exportRows")}</h3>
      ${FORMATS.map(([key, label, ending]) => run ? html`<a data-export=${key} href=${api.fileUrl(run.id, key)} download @click=${() => this.close()}>${label}</a>`
        : item(key, label, () => this.take(key, () => api.exported({ layer: model.question.value.layer, where: model.where() }, key), ending)))}
      <h3>${tell("exportPaper")}</h3>
      ${item("png", tell("png"), () => this.take("png", () => mapPicture(this.stage, model), "png"))}
      ${run ? html`<a data-export="pdf" href=${api.reportUrl(run.id)} target="_blank" rel="noopener" @click=${() => this.close()}>${tell("pdf")}</a>` : nothing}
      ${item("print", `${tell("print")} (Ctrl+P)`, () => this.print())}
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
      this.close();
    } catch (error) {
      this.model.say(tell("noFile", { why: reasonOf(error) }), "bad");
    }
    this.busy = "";
    this.requestUpdate();
  }

  private close(): void {
    this.querySelector("details")?.removeAttribute("open");
  }

  private print(): void {
    this.close();
    void this.stage.printing.print();
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
    this.close();
  }
}

customElements.define("ioc-plan-exports", Exports);
