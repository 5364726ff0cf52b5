import { html, nothing, type TemplateResult } from "lit";
import { number } from "../i18n/format";
import * as api from "./api";
import type { Precise, Training } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import { reasonOf } from "./model";
import { className, failed, percent, waiting } from "./parts";
import { tell } from "./words";

/** How often each rule of each camera was right, by what people said, with its bounds. */
class PrecisionPage extends CamPart {
  private rows: Precise[] | null = null;
  private few = 20;
  private learnt: Training | null = null;
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
      void api.training().then((told) => this.set(() => (this.learnt = told))).catch(() => null);
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { rows } = this;
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><div><h1 id="page-title">${tell("precision")}</h1><p>${tell("precisionWhy")}</p></div></header>
      ${this.failure ? failed(this.failure, () => void this.ask()) : !rows ? waiting() : rows.length ? html`<div class="panel scroll"><table class="plain wide-table stack precision"><caption class="visually-hidden">${tell("precision")}</caption>
        <thead><tr><th scope="col">${tell("camera")}</th><th scope="col">${tell("rule")}</th><th scope="col" class="wide-cell">${tell("rightShare")}</th><th scope="col" class="num">${tell("r_accepted")}</th><th scope="col" class="num">${tell("r_rejected")}</th><th scope="col" class="num">${tell("r_wrong_class")}</th><th scope="col" class="num">${tell("r_pending")}</th></tr></thead>
        <tbody>${rows.map((row) => this.row(row))}</tbody></table></div>` : html`<div class="empty">${glyph("target")}<p>${tell("noReviews")}</p></div>`}${this.training()}</section>`;
  }

  private training(): TemplateResult | typeof nothing {
    const { learnt } = this;
    if (!learnt || !this.rows?.length) return nothing;
    const figures: [string, number][] = [[tell("trainPictures"), learnt.pictures], [tell("trainBoxes"), learnt.boxes], [tell("trainNot"), learnt.not_there]];
    return html`<section class="panel learnt" aria-labelledby="learnt-title"><h2 id="learnt-title">${glyph("learn")}${tell("training")}</h2>
      ${learnt.pictures ? html`<dl class="figures">${figures.map(([name, n]) => html`<div><dt>${name}</dt><dd>${number(n, 0)}</dd></div>`)}</dl>
        <p class="hint">${learnt.by_class.map((one) => `${className(one.object_class)} ${number(one.count, 0)}`).join(" · ")}</p>
        <p class="hint">${tell("trainingWhy")} <code>python -m ioc vision export-reviews</code></p>` : html`<p class="hint">${tell("trainNone")}</p>`}</section>`;
  }

  private row(row: Precise): TemplateResult {
    const p = row.precision;
    return html`<tr><th scope="row"><a href="#/cameras/${row.camera.id}/rules">${row.camera.name}</a></th>
      <td><i class="key" style="--c:${this.model.color(row.kind)}"></i>${row.rule}<small>${this.model.kindName(row.kind)}</small></td>
      <td class="wide-cell">${p ? html`<span class="interval" role="img" aria-label=${tell("intervalTold", { share: percent(p.share), low: percent(p.low), high: percent(p.high) })}><span class="scale"><i style="left:${p.low * 100}%;right:${100 - p.high * 100}%"></i><b style="left:${p.share * 100}%"></b></span>
          <span class="told"><b>${percent(p.share)}</b><small>${percent(p.low)} – ${percent(p.high)}</small></span></span>${row.few ? html`<small class="few">${glyph("warning")}${tell("fewReviews", { n: row.reviewed, of: this.few })}</small>` : nothing}` : html`<span class="hint">${tell("notReviewedYet")}</span>`}</td>
      <td class="num" data-name=${tell("r_accepted")}>${number(row.accepted, 0)}</td><td class="num" data-name=${tell("r_rejected")}>${number(row.rejected, 0)}</td><td class="num" data-name=${tell("r_wrong_class")}>${number(row.wrong_class, 0)}</td>
      <td class="num" data-name=${tell("r_pending")}>${row.pending ? html`<a href="#/review?camera=${row.camera.id}&rule=${encodeURIComponent(row.rule)}${row.kind === "line" ? "&notable=false" : ""}">${number(row.pending, 0)}</a>` : "0"}</td></tr>`;
  }
}

customElements.define("ioc-cam-precision", PrecisionPage);
