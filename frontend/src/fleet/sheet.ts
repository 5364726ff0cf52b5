import { html, nothing, svg, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { dateTime, day, number } from "../i18n/format";
import type { Alert, Evidence, TrackPoint } from "./contract";
import { glyph } from "./icons";
import type { FleetModel } from "./model";
import { knots, seaPosition } from "./nautical";
import { tell, wordOf } from "./words";

const ROWS = 14;

/** The evidence of one alert on one page: figures, how each comes about, and the rules with their law. */
export class EvidenceSheet extends IocElement {
  constructor(private readonly model: FleetModel) {
    super();
    const { handling } = model;
    this.uses(handling.evidence, handling.evidenceState, handling.alert, model.file);
  }

  async open(): Promise<void> {
    this.querySelector("dialog")?.showModal();
    document.documentElement.classList.add("sheet-open");
    if (!this.model.handling.evidence.value) await this.model.handling.loadEvidence();
  }

  shut(): boolean {
    const dialog = this.querySelector("dialog");
    const was = dialog?.open ?? false;
    dialog?.close();
    return was;
  }

  protected override render(): TemplateResult {
    const { handling } = this.model;
    const state = handling.evidenceState.value;
    return html`<dialog class="sheet" aria-label=${tell("evidence")} @close=${() => document.documentElement.classList.remove("sheet-open")}
      @click=${(event: Event) => event.target === event.currentTarget && this.shut()}>
      <div class="sheet-tools"><b>${tell("evidence")}</b><span class="spacer"></span>
        <button type="button" class="button small primary" ?disabled=${state !== "ready"} @click=${() => print()}>${glyph("print")}${tell("print")}</button>
        <button type="button" class="button small" @click=${() => this.shut()}>${tell("close")}</button></div>
      ${state === "ready" ? this.paper(handling.evidence.value!) : state === "failed"
        ? html`<p class="paper" role="alert">${tell("failed")} <button type="button" class="link" @click=${() => void handling.loadEvidence()}>${tell("retry")}</button></p>`
        : html`<p class="paper" role="status">${tell("loading")}</p>`}</dialog>`;
  }

  private paper(evidence: Evidence): TemplateResult {
    const alert = this.model.handling.alert.value!;
    const vessel = this.model.vessel(this.model.open.value);
    const owner = this.model.file.value?.owner;
    const all = evidence.positions.map(pointOf);
    const rows = thinned(all, ROWS);
    return html`<article class="paper">
      <header><div><p class="paper-kind">${tell("sheetTitle")}</p><h2>${say(alert.title)}</h2></div>
        <dl><div><dt>${tell("alertNo")}</dt><dd>${alert.id}</dd></div><div><dt>${tell("openedAt")}</dt><dd>${dateTime(alert.opened_at)}</dd></div></dl></header>
      <dl class="paper-facts">
        <div><dt>${tell("vessel")}</dt><dd>${named(alert.vessel)}</dd></div>
        <div><dt>MMSI</dt><dd>${vessel?.mmsi ?? "–"}</dd></div><div><dt>${tell("length")}</dt><dd>${vessel?.length_m ? `${number(vessel.length_m, 1)} m` : "–"}</dd></div>
        <div><dt>${tell("waters")}</dt><dd>${wordOf(vessel?.waters_class ?? "")}</dd></div><div><dt>${tell("owner")}</dt><dd>${owner ? `${owner.name}, ${owner.phone}` : "–"}</dd></div></dl>
      <h3>${tell("figures")}</h3>
      <table><thead><tr><th>${tell("figure")}</th><th class="num">${tell("value")}</th><th>${tell("how")}</th></tr></thead><tbody>
        ${evidence.figures.map((each) => html`<tr><td>${say(each.title)}</td><td class="num">${valueOf(each.value)} ${unitOf(each.unit)}</td><td>${typeof each.how === "string" ? wordOf(each.how) : say(each.how)}</td></tr>`)}</tbody></table>
      <h3>${tell("rules")}</h3>
      <table><tbody>${evidence.rules.map((each) => html`<tr><td>${say(each.title)}</td><td class="num">${valueOf(each.value)} ${unitOf(each.unit ?? "")}</td><td>${say(each.source)}</td><td>${tell("inForce", { at: day(each.in_force_from) })}</td></tr>`)}</tbody></table>
      <h3>${tell("positions")} <small>${rows.length < all.length ? tell("someOf", { n: rows.length, all: number(all.length, 0) }) : number(all.length, 0)}</small></h3>
      <div class="paper-split">${sketch(all)}<table class="small"><thead><tr><th>${tell("time")}</th><th>${tell("position")}</th><th class="num">${tell("speed")}</th></tr></thead>
        <tbody>${rows.map((p) => html`<tr><td>${dateTime(p.t)}</td><td>${seaPosition(p.lon, p.lat)}</td><td class="num">${knots(p.speed)}</td></tr>`)}</tbody></table></div>
      ${alert.synthetic ? html`<p class="paper-note">${tell("syntheticHint")}</p>` : nothing}
      <footer><span>${tell("computedAt", { at: dateTime(evidence.computed_at) })} · ${tell("codeVersion", { v: evidence.code_version })}</span><span>${tell("printedAt", { at: dateTime(serverNow() / 1000) })}</span></footer></article>`;
  }
}

function named(vessel: Alert["vessel"]): string {
  if (!vessel) return "–";
  return vessel.plate && vessel.name !== vessel.plate ? `${vessel.plate} (${vessel.name})` : vessel.plate || vessel.name;
}

interface Spot { t: number | string; lon: number; lat: number; speed: number | null }

function pointOf(each: Evidence["positions"][number]): Spot {
  if (Array.isArray(each)) return { lon: each[0], lat: each[1], t: (each as TrackPoint)[2], speed: each[3] };
  return { lon: each.lon, lat: each.lat, t: each.t ?? each.at ?? "", speed: each.speed_kn ?? null };
}

/** At most `n` of them, the first and the last among these. */
function thinned<T>(all: T[], n: number): T[] {
  if (all.length <= n) return all;
  return Array.from({ length: n }, (_, i) => all[Math.round((i * (all.length - 1)) / (n - 1))]!);
}

const SIZE = 220;

/** The positions as a small drawing with its extent: enough to see the way without the map. */
function sketch(all: Spot[]): TemplateResult | typeof nothing {
  if (all.length < 2) return nothing;
  const k = Math.cos((all[0]!.lat * Math.PI) / 180);
  const xs = all.map((p) => p.lon * k);
  const ys = all.map((p) => -p.lat);
  const [west, north] = [Math.min(...xs), Math.min(...ys)];
  const span = Math.max(Math.max(...xs) - west, Math.max(...ys) - north) || 0.01;
  const at = (i: number) => [12 + ((xs[i]! - west) / span) * (SIZE - 24), 12 + ((ys[i]! - north) / span) * (SIZE - 24)];
  const line = all.map((_, i) => at(i).map((n) => n.toFixed(1)).join(",")).join(" ");
  const [x, y] = at(all.length - 1);
  return html`<svg class="sketch" viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label=${tell("sketch")}><rect x="0.5" y="0.5" width=${SIZE - 1} height=${SIZE - 1} rx="6"></rect>
    <polyline points=${line}></polyline>${all.length < 80 ? all.map((_, i) => dot(at(i))) : nothing}
    <circle class="last" cx=${x!} cy=${y!} r="5"></circle></svg>`;
}

function dot([x, y]: number[]): TemplateResult {
  return svg`<circle cx=${x!} cy=${y!} r="2"></circle>`;
}

function valueOf(value: unknown): string {
  if (typeof value === "number") return number(value, 2);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return dateTime(value);
  return value === null || value === undefined ? "–" : typeof value === "object" ? say(value as { vi: string; en: string }) : String(value);
}

function unitOf(unit: string): string {
  return unit ? wordOf(unit) : "";
}

customElements.define("ioc-evidence-sheet", EvidenceSheet);
