import { html, nothing, type TemplateResult } from "lit";
import { number } from "../i18n/format";
import * as api from "./api";
import type { Precise } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import { reasonOf } from "./model";
import { failed, percent, waiting } from "./parts";
import { tell } from "./words";

/** How often each rule of each camera was right, by what people said, with its bounds. */
class PrecisionPage extends CamPart {
  private rows: Precise[] | null = null;
  private few = 20;
  private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.ask();
  }

  private async ask(): Promise<void> {
    try {
      const told = await api.precision();
      this.rows = told.rows.filter((row) => row.reviewed || row.pending);
      this.few = told.few_below;
      this.failure = "";
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { rows } = this;
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><div><h1 id="page-title">${tell("precision")}</h1><p>${tell("precisionWhy")}</p></div></header>
      ${this.failure ? failed(this.failure, () => void this.ask()) : !rows ? waiting() : rows.length ? html`<div class="panel scroll"><table class="plain wide-table precision"><caption class="visually-hidden">${tell("precision")}</caption>
        <thead><tr><th scope="col">${tell("camera")}</th><th scope="col">${tell("rule")}</th><th scope="col" class="wide-cell">${tell("rightShare")}</th><th scope="col" class="num">${tell("r_accepted")}</th><th scope="col" class="num">${tell("r_rejected")}</th><th scope="col" class="num">${tell("r_wrong_class")}</th><th scope="col" class="num">${tell("r_pending")}</th></tr></thead>
        <tbody>${rows.map((row) => this.row(row))}</tbody></table></div>` : html`<div class="empty">${glyph("target")}<p>${tell("noReviews")}</p></div>`}</section>`;
  }

  private row(row: Precise): TemplateResult {
    const p = row.precision;
    return html`<tr><th scope="row"><a href="#/cameras/${row.camera.id}/rules">${row.camera.name}</a></th>
      <td><i class="key" style="--c:${this.model.color(row.kind)}"></i>${row.rule}<small>${this.model.kindName(row.kind)}</small></td>
      <td class="wide-cell">${p ? html`<span class="interval" role="img" aria-label=${tell("intervalTold", { share: percent(p.share), low: percent(p.low), high: percent(p.high) })}><span class="scale"><i style="left:${p.low * 100}%;right:${100 - p.high * 100}%"></i><b style="left:${p.share * 100}%"></b></span>
          <span class="told"><b>${percent(p.share)}</b><small>${percent(p.low)} – ${percent(p.high)}</small></span></span>${row.few ? html`<small class="few">${glyph("warning")}${tell("fewReviews", { n: row.reviewed, of: this.few })}</small>` : nothing}` : html`<span class="hint">${tell("notReviewedYet")}</span>`}</td>
      <td class="num">${number(row.accepted, 0)}</td><td class="num">${number(row.rejected, 0)}</td><td class="num">${number(row.wrong_class, 0)}</td>
      <td class="num">${row.pending ? html`<a href="#/review?camera=${row.camera.id}&rule=${encodeURIComponent(row.rule)}">${number(row.pending, 0)}</a>` : "0"}</td></tr>`;
  }
}

customElements.define("ioc-cam-precision", PrecisionPage);
