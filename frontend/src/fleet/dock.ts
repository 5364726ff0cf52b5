import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { dayTime, number } from "../i18n/format";
import type { Visitor } from "./contract";
import { glyph } from "./icons";
import type { FleetModel } from "./model";
import { RATES, SPANS_H } from "./past";
import { SpeedChart } from "./speedchart";
import { stretch } from "./time";
import { tell } from "./words";

const HOUR_S = 3_600;

/** The past under the map: who is picked, who was in the area, speeds, and the replay. */
export class Dock extends IocElement {
  private readonly chart: SpeedChart;

  constructor(private readonly model: FleetModel) {
    super();
    this.chart = new SpeedChart(model);
    const { past } = model;
    this.uses(past.picks, past.ways, past.waysState, past.area, past.visitors, past.visitorsState, past.replayed,
      past.span, past.at, past.pointed, past.playing, past.rate, past.byDay, model.version);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { past } = this.model;
    if (!past.active) return nothing;
    return html`<div class="dock-head">${this.spans()}${past.picks.value.length ? this.picks() : html`<b class="dock-title">${glyph("area")}${tell("areaTitle")}</b>`}
        <span class="spacer"></span>
        <button type="button" class="icon-button small" aria-label=${tell("dockClose")} title="${tell("dockClose")} (Esc)" @click=${() => past.clear()}>${glyph("x")}</button></div>
      <div class="dock-body ${past.area.value ? "has-area" : ""} ${past.picks.value.length ? "has-picks" : ""}">
        ${past.area.value ? this.there() : nothing}
        ${past.picks.value.length ? html`<div class="speeds">${this.speeds()}</div>` : nothing}</div>
      ${this.bar()}`;
  }

  private spans(): TemplateResult {
    const { past } = this.model;
    const { from, to } = past.span.value;
    const hours = Math.round((to - from) / HOUR_S);
    return html`<div class="segments" role="group" aria-label=${tell("span")}>${SPANS_H.map((h) => html`<button type="button" aria-pressed=${hours === h}
      @click=${() => past.lookBack(h)}>${h < 48 ? tell("hours", { n: h }) : tell("days", { n: h / 24 })}</button>`)}</div>`;
  }

  private picks(): TemplateResult {
    const { past } = this.model;
    return html`<ul class="picks">${past.picks.value.map((id) => html`<li style="--way:${past.colorOf(id)}">
        <button type="button" class="pick-name" @click=${() => this.model.show(id)}><i></i>${this.model.nameOf(id)}</button>
        <button type="button" class="pick-drop" aria-label=${tell("unpick", { name: this.model.nameOf(id) })} @click=${() => past.togglePick(id)}>${glyph("x")}</button></li>`)}</ul>
      ${past.picks.value.length ? html`<label class="check"><input type="checkbox" .checked=${past.byDay.value}
        @change=${(event: Event) => (past.byDay.value = (event.target as HTMLInputElement).checked)}>${tell("byDay")}</label>` : nothing}`;
  }

  private speeds(): TemplateResult {
    const { past } = this.model;
    const state = past.waysState.value;
    if (state === "failed") {
      return html`<div class="empty row-like" role="alert">${glyph("offline")}<b>${tell("tracksFailed")}</b>
        <button type="button" class="button small" @click=${() => void past.loadWays()}>${tell("retry")}</button></div>`;
    }
    const none = state === "ready" && past.ways.value.every((way) => !way.pieces.length);
    return html`${this.chart}${none ? html`<p class="over-note">${tell("tracksNone")}</p>` : state === "loading" ? html`<p class="over-note" role="status">${tell("tracksLoading")}</p>` : nothing}`;
  }

  private there(): TemplateResult {
    const { past } = this.model;
    const state = past.visitorsState.value;
    const all = past.visitors.value;
    const rows = state === "loading" ? html`<p class="quiet" role="status">${tell("areaAsking")}</p>`
      : state === "failed" ? html`<p role="alert">${tell("areaFailed")} <button type="button" class="link" @click=${() => void past.loadVisitors()}>${tell("retry")}</button></p>`
      : !all.length ? html`<p class="quiet">${tell("areaNobody")}</p>`
      : html`<table><thead><tr><th>${tell("vessel")}</th><th>${tell("from")}</th><th>${tell("to")}</th><th class="num">${tell("inside")}</th><th class="num">${tell("fixes")}</th><th><span class="visually-hidden">${tell("pickTrack")}</span></th></tr></thead>
        <tbody>${all.map((each) => this.visitor(each))}</tbody></table>`;
    return html`<section class="there" aria-label=${tell("areaTitle")}><h2>${tell("areaWho")}${state === "ready" ? html` <b>${number(all.length, 0)}</b>` : nothing}
      <button type="button" class="link" @click=${() => (past.area.value = null)}>${tell("areaDrop")}</button></h2>
      <div class="there-rows" tabindex="0">${rows}</div></section>`;
  }

  private visitor(each: Visitor): TemplateResult {
    const { past } = this.model;
    const id = String(each.id);
    const color = past.colorOf(id);
    const name = each.plate || each.name;
    return html`<tr><td><button type="button" class="link" @click=${() => this.model.show(id)}>${name}</button></td>
      <td>${dayTime(each.first_at)}</td><td>${dayTime(each.last_at)}</td><td class="num">${stretch(each.inside_s)}</td><td class="num">${number(each.positions, 0)}</td>
      <td><button type="button" class="icon-button tiny" style="--way:${color || "var(--text-quiet)"}" aria-pressed=${color !== ""} aria-label=${tell("pickTrackOf", { name })}
        @click=${() => past.togglePick(id)}>${glyph("route")}</button></td></tr>`;
  }

  private bar(): TemplateResult {
    const { past } = this.model;
    const { from, to } = past.span.value;
    const at = past.moment ?? to;
    const back = past.moment !== null;
    return html`<div class="replay ${back ? "is-back" : ""}">
      <button type="button" class="icon-button play" aria-label=${tell(past.playing.value ? "pause" : "play")} title="${tell(past.playing.value ? "pause" : "play")} (Space)"
        @click=${() => void past.play()}>${glyph(past.playing.value ? "pause" : "play")}</button>
      <input type="range" min=${from} max=${to} step="60" .value=${String(at)} aria-label=${tell("moment")} aria-valuetext=${dayTime(at)}
        style="--part:${((at - from) / (to - from)) * 100}%" @input=${(event: Event) => past.seek(Number((event.target as HTMLInputElement).value))}>
      <output class="moment">${back ? dayTime(at) : tell("now")}</output>
      ${back ? html`<button type="button" class="button small" @click=${() => { past.playing.value = false; past.at.value = null; }}>${tell("toNow")}</button>` : nothing}
      <label class="rate"><span class="visually-hidden">${tell("rate")}</span><select @change=${(event: Event) => (past.rate.value = Number((event.target as HTMLSelectElement).value))}>
        ${RATES.map((rate) => html`<option value=${rate} ?selected=${past.rate.value === rate}>×${number(rate, 0)}</option>`)}</select></label></div>`;
  }
}

customElements.define("ioc-fleet-dock", Dock);
