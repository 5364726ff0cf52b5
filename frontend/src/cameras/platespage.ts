import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { dateTime } from "../i18n/format";
import * as api from "./api";
import type { Reading } from "./contract";
import { CamPart } from "./element";
import { field } from "./formparts";
import { glyph } from "./icons";
import { reasonOf } from "./model";
import { fault, percent } from "./parts";
import { tell } from "./words";

const LEAST_WORDS = 5;

/** Accepted events of a number plate; each search and each look at a plate is written down. */
class PlatesPage extends CamPart {
  private plate = "";
  private reason = "";
  private asked = "";
  private readings: Reading[] | null = null;
  private readonly texts = new Map<number, string>();
  private wrong = "";
  private busy = false;

  private async search(): Promise<void> {
    this.busy = true;
    this.wrong = "";
    this.texts.clear();
    this.requestUpdate();
    try {
      this.readings = (await api.searchPlate(this.plate.trim(), this.reason.trim())).readings;
      this.asked = this.plate.trim();
    } catch (error) {
      this.readings = null;
      this.wrong = reasonOf(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  private async read(id: number): Promise<void> {
    try {
      this.texts.set(id, (await api.plateText(id, this.reason.trim())).text);
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><div><h1 id="page-title">${tell("plates")}</h1><p>${tell("platesWhy")}</p></div></header>
      ${this.model.home.value!.plates ? nothing : html`<p class="notice warn">${glyph("warning")}<span>${tell("platesOff")}</span></p>`}
      <form class="panel plate-form" @submit=${(event: Event) => { event.preventDefault(); void this.search(); }}>
        ${field({ name: "plate", label: tell("plate"), value: this.plate, placeholder: "75A-123.45", set: (value) => this.set(() => (this.plate = value)) })}
        ${field({ name: "reason", label: tell("why"), value: this.reason, placeholder: tell("whyPlate"), set: (value) => this.set(() => (this.reason = value)) })}
        <button type="submit" class="button primary" ?disabled=${this.busy || !this.plate.trim() || this.reason.trim().length < LEAST_WORDS}>${glyph("search")}${tell("search")}</button>
        <p class="hint wide">${glyph("shield")}<span>${tell("searchLogged")}</span></p>${fault(this.wrong)}</form>
      ${this.readings?.length === 0 ? html`<div class="empty" role="status">${glyph("plate")}<p>${tell("noReadings", { plate: this.asked })}</p></div>` : nothing}
      ${this.readings?.length ? html`<ul class="readings">${this.readings.map((one) => html`<li class="panel">${one.event.picture ? html`<img src=${one.event.picture} alt="">` : nothing}
        <div><b>${say(one.event.kind_title)}</b><small>${one.event.camera.name} · ${dateTime(one.event.started_at)}</small><small>${tell("readSure", { share: percent(one.confidence) })}</small>
          <div class="row"><a class="button small" href="#/review?review=all&event=${one.event.id}">${glyph("eye")}${tell("openEvent")}</a>
          ${this.model.may("plate_text") ? (this.texts.has(one.id) ? html`<b class="plate-text">${this.texts.get(one.id)}</b>` : html`<button type="button" class="button small" @click=${() => void this.read(one.id)}>${glyph("shield")}${tell("readPlate")}</button>`) : nothing}</div></div></li>`)}</ul>` : nothing}</section>`;
  }
}

customElements.define("ioc-cam-plates", PlatesPage);
