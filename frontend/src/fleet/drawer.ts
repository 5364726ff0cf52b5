import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { ago, dateTime, day, dayTime, number, toDate } from "../i18n/format";
import { favourites, toggleFavourite } from "./favourites";
import { VesselForms } from "./forms";
import { AlertPart } from "./alertpart";
import type { Port, VesselFile, Words } from "./contract";
import { glyph } from "./icons";
import { LOOKS, severityMark, stateMark } from "./looks";
import type { FleetModel } from "./model";
import { knots, seaPosition } from "./nautical";
import { stretch } from "./time";
import { bareTitle } from "./titles";
import { tell, wordOf } from "./words";

/** One vessel: what needs doing, who she is and was, whom to call, where she has been. */
export class VesselDrawer extends IocElement {
  private readonly alertPart: AlertPart;
  private readonly forms: VesselForms;

  constructor(private readonly model: FleetModel) {
    super();
    this.alertPart = new AlertPart(model);
    this.forms = new VesselForms(model);
    this.uses(model.open, model.file, model.fileState, model.version, model.past.picks, model.handling.open, favourites);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.model.open.on(() => this.querySelector(".file-body")?.scrollTo({ top: 0 })));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    const id = model.open.value;
    if (!id) return nothing;
    const state = model.fileState.value;
    const file = model.file.value;
    if (state === "failed" || state === "gone") {
      return html`${this.head()}<div class="empty" role="alert">${glyph("offline")}<b>${tell(state === "gone" ? "fileGone" : "failed")}</b>
        <p>${state === "gone" ? tell("fileGoneWhy") : tell("failedWhy", { why: model.problem })}</p>
        <button type="button" class="button small" @click=${() => void model.loadFile()}>${tell("retry")}</button></div>`;
    }
    return html`${this.head()}<div class="file-body" tabindex="0" role="region" aria-label=${tell("file")}>
      ${this.now()}${model.handling.open.value ? this.alertPart : nothing}
      ${file ? this.sections(file) : html`<div class="skeletons file" role="status" aria-label=${tell("loading")}><i></i><i></i><i></i></div>`}</div>`;
  }

  private head(): TemplateResult {
    const { model } = this;
    const id = model.open.value;
    const vessel = model.vessel(id);
    const color = model.past.colorOf(id);
    const name = model.nameOf(id);
    return html`<header class="file-head">
      <button type="button" class="icon-button to-list" aria-label=${tell("back")} title="${tell("back")} (Esc)" @click=${() => model.show("")}>${glyph("back")}</button>
      <div class="file-name"><h2>${name}</h2><small>${[vessel && vessel.name !== name ? vessel.name : "", vessel?.mmsi ? `MMSI ${vessel.mmsi}` : ""].filter(Boolean).join(" · ") || nothing}</small></div>
      <button type="button" class="icon-button small star" aria-pressed=${favourites.value.has(id)} aria-label=${tell("star")} title="${tell("star")} (s)" @click=${() => toggleFavourite(id)}>${glyph("star")}</button>
      <button type="button" class="button small track-button" style="--way:${color || "transparent"}" aria-pressed=${color !== ""} @click=${() => model.past.togglePick(id)}>
        ${glyph("route")}${tell(color ? "trackOff" : "trackOn")}</button>
      <button type="button" class="icon-button close-file" aria-label=${tell("close")} title="${tell("close")} (Esc)" @click=${() => model.show("")}>${glyph("x")}</button></header>`;
  }

  private now(): TemplateResult | typeof nothing {
    const vessel = this.model.vessel(this.model.open.value);
    if (!vessel) return nothing;
    const fact = (title: string, value: unknown) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`;
    return html`<div class="now"><p class="now-state state-${vessel.state}">${stateMark(vessel.state)}<b>${tell(LOOKS[vessel.state]?.word ?? "unknown")}</b>
        ${vessel.synthetic ? html`<span class="tag dashed" title=${tell("syntheticHint")}>${tell("synthetic")}</span>` : nothing}
        <span class="quiet" title=${dateTime(vessel.observed_at)}>${(vessel.source ?? "").toUpperCase()} · ${ago(vessel.observed_at, serverNow())}</span></p>
      <dl class="facts">${fact(tell("speed"), knots(vessel.speed_kn))}
        ${fact(tell("course"), vessel.course_deg === null ? "–" : `${number(vessel.course_deg, 0)}°`)}
        ${fact(tell("length"), vessel.length_m ? `${number(vessel.length_m, 1)} m` : "–")}
        ${fact(tell("waters"), wordOf(vessel.waters_class))}
        <div class="wide"><dt>${tell("position")}</dt><dd class="figures">${vessel.lon === null || vessel.lat === null ? "–" : seaPosition(vessel.lon, vessel.lat)}</dd></div></dl></div>`;
  }

  private sections(file: VesselFile): TemplateResult {
    const { model } = this;
    const others = file.alerts.filter((alert) => String(alert.id) !== model.handling.open.value);
    return html`${file.owner ? html`<section class="owner"><div><h3>${tell("owner")}</h3><p>${file.owner.name}</p></div>
        ${file.owner.phone ? html`<a class="button" href="tel:${file.owner.phone.replace(/[^+\d]/g, "")}">${glyph("phone")}${file.owner.phone}</a>` : nothing}</section>` : nothing}
      ${this.forms}
      ${this.fold("alertsOther", others.length, html`<ul class="lines">${others.map((alert) => html`<li>
        <button type="button" class="alert-line" @click=${() => model.handling.show(String(alert.id))}>${severityMark(alert.severity)}<b>${bareTitle(alert.title, alert.vessel)}</b>
          <small>${dayTime(alert.opened_at)} · ${wordOf(alert.stage)}</small></button></li>`)}</ul>`, others.some((alert) => !alert.closed_at))}
      ${this.fold("identity", -1, identity(file.identity), true)}
      ${this.fold("devices", file.devices.length, html`<ul class="lines">${file.devices.map((device) => html`<li><b>${device.kind.toUpperCase()} · ${device.ident}</b>
        ${device.counted ? html`<span class="tag good">${tell("counted")}</span>` : nothing}
        <small>${device.provider} · ${device.last_at ? tell("heard", { ago: ago(device.last_at, serverNow()) }) : tell("neverHeard")}</small></li>`)}</ul>`, true)}
      ${this.fold("permits", file.permits.length, html`<ul class="lines">${file.permits.map(permit)}</ul>`)}
      ${this.fold("portCalls", file.port_calls.length, html`<ul class="lines">${file.port_calls.map((call) => {
        const [from, to] = [call.arrived_at ?? call.start, call.left_at ?? call.end];
        return html`<li><b>${portName(call.port)}</b><small>${dayTime(from)} → ${to ? `${dayTime(to)} · ${lasted(from, to)}` : tell("stillThere")}</small></li>`;
      })}</ul>`)}
      ${this.fold("declarations", file.declarations.length, html`<ul class="lines">${file.declarations.map((each) => html`<li><b>${wordOf(each.kind)} · ${portName(each.port)}</b>
        <small>${dayTime(each.at)}${each.crew ? ` · ${tell("crew", { n: each.crew })}` : ""}</small>${each.note ? html`<p>${each.note}</p>` : nothing}</li>`)}</ul>`)}
      ${this.fold("history", file.history.length, html`<ul class="lines">${file.history.map((each) => html`<li><b>${wordOf(each.field)}</b>
        <p><s>${text(each.was)}</s> → ${text(each.is)}</p><small>${dayTime(each.at)} · ${each.source}</small></li>`)}</ul>`)}
      ${this.fold("notes", file.notes.length, html`<ul class="lines">${file.notes.map((note) => html`<li><p>${note.words}</p><small>${note.by ?? ""} · ${dayTime(note.at)}</small></li>`)}</ul>`)}`;
  }

  private fold(title: Parameters<typeof tell>[0], n: number, body: TemplateResult, open = false): TemplateResult {
    if (n === 0) return html`<section class="fold-none"><h3>${tell(title)}</h3><span class="quiet">${tell("none")}</span></section>`;
    return html`<details class="fold" ?open=${open}><summary><h3>${tell(title)}</h3>${n > 0 ? html`<span class="quiet">${number(n, 0)}</span>` : nothing}${glyph("down")}</summary>${body}</details>`;
  }
}

/** Told at the head of the file already. */
const ELSEWHERE = new Set(["id", "state", "latest", "synthetic", "source"]);

function identity(facts: Record<string, unknown>): TemplateResult {
  const rows = Object.entries(facts).filter(([name, value]) => !ELSEWHERE.has(name) && value !== null && value !== "" && value !== undefined);
  return html`<dl class="facts two">${rows.map(([name, value]) => html`<div><dt>${wordOf(name)}</dt><dd>${text(value, name)}</dd></div>`)}</dl>`;
}

function permit(each: Record<string, unknown>): TemplateResult {
  const until = toDate(each.valid_until ?? each.valid_to);
  const over = until !== null && until.getTime() < serverNow();
  return html`<li><b>${text(each.title ?? each.kind ?? each.number)}</b>${over ? html`<span class="tag bad">${tell("expired")}</span>` : nothing}
    <small>${[each.title || each.kind ? text(each.number) : "", until ? tell("validTo", { at: day(until.toISOString()) }) : ""].filter((part) => part && part !== "–").join(" · ")}</small></li>`;
}

function portName(port: Words | Port): string {
  return typeof port === "object" && "name" in port ? say(port.name) : say(port as Words);
}

function lasted(from: unknown, to: unknown): string {
  return stretch(((toDate(to)?.getTime() ?? 0) - (toDate(from)?.getTime() ?? 0)) / 1000);
}

/** Any value of the registry as words: bilingual text, a date, a number with its unit's field. */
function text(value: unknown, name = ""): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return tell(value ? "yes" : "no");
  if (typeof value === "object" && "name" in value) return say(value.name as Words);
  if (typeof value === "object") return "vi" in value ? say(value as { vi: string; en: string }) : JSON.stringify(value);
  if (typeof value === "number" && name.endsWith("_m")) return `${number(value, 1)} m`;
  if (typeof value === "number" && name.endsWith("_kw")) return `${number(value, 0)} kW`;
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return dateTime(value);
  return wordOf(String(value));
}

customElements.define("ioc-vessel-drawer", VesselDrawer);
