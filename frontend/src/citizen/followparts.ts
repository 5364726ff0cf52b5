import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { dateTime, toDate } from "../i18n/format";
import type { Followed, PhotoOf, StepOf } from "./api";
import { glyph } from "./icons";
import { nameOf, since, stateColor, stateMark } from "./looks";
import { tell, type Said } from "./words";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const CLOSED = new Set(["resolved", "rejected", "duplicate"]);
const BY: Record<string, Said> = {
  reporter: "byReporter", agency: "byTheAgency", centre: "byCentre", system: "bySystem",
};

/** Where it stands, in whose hands, and by when: lateness is said plainly. */
export function standingPanel(report: Followed): TemplateResult {
  return html`<section class="panel standing ${report.overdue ? "is-late" : ""}">
    <p class="standing-state"><span class="state big-state" data-value=${report.state.value}
      style="--badge:${stateColor(report.state.value)}">${say(report.state.title)}</span>
      ${report.emergency ? html`<span class="late">${glyph("siren")}${tell("emergency")}</span>` : nothing}</p>
    ${report.agency ? html`<p class="fact">${glyph("building")}<span>${tell("inHands")} <strong>${nameOf(report.agency)}</strong></span></p>` : nothing}
    ${deadline(report)}
    ${report.satisfied ? html`<p class="fact">${glyph("done")}<span>${tell(`verdict_${report.satisfied}`)}</span></p>` : nothing}
    ${report.held ? html`<p class="note">${tell("doneHeld")}</p>` : nothing}
    ${report.duplicate_of ? html`<p class="fact">${glyph("files")}<span>${tell("duplicateOf")}
      <a href="/r/${report.duplicate_of}">${report.duplicate_of}</a></span></p>` : nothing}
    ${report.parts?.length ? html`<div class="fact">${glyph("files")}<div>${tell("parts", { n: report.parts.length })}
      <ul class="parts">${report.parts.map((part) => html`<li><a href="/r/${part.code}">${part.code}</a>
        ${stateMark(part.state)}</li>`)}</ul></div></div>` : nothing}
  </section>`;
}

function deadline(report: Followed): TemplateResult | typeof nothing {
  const due = toDate(report.due_at);
  if (!due || CLOSED.has(report.state.value)) return nothing;
  const overMs = serverNow() - due.getTime();
  if (!report.overdue && overMs < 0) {
    return html`<p class="fact">${glyph("clock")}<span>${tell("dueBefore", { at: dateTime(report.due_at) })}</span></p>`;
  }
  const [n, unit]: [number, Said] = overMs >= DAY_MS
    ? [Math.floor(overMs / DAY_MS), "lateDays"] : [Math.max(1, Math.floor(overMs / HOUR_MS)), "lateHours"];
  return html`<p class="fact late-line">${glyph("clock")}<span><strong>${tell(unit, { n })}</strong>
    ${tell("lateSince", { at: dateTime(report.due_at) })}</span></p>`;
}

export function photoList(photos: PhotoOf[], small = false): TemplateResult {
  return html`<ul class="photos ${small ? "small-photos" : ""}" data-n=${photos.length}>${photos.map((photo, n) =>
    html`<li><a href=${photo.url} target="_blank" rel="noopener"><img src=${small || photos.length > 1 ? photo.thumb : photo.url}
      alt=${tell("photoAlt", { n: n + 1 })} loading="lazy"></a></li>`)}</ul>`;
}

/** What happened, the latest first; an agency's words and pictures stand with the step they belong to. */
export function timeline(report: Followed): TemplateResult {
  return html`<section class="panel"><h2>${tell("reportSteps")}</h2>
    <ol class="timeline">${[...report.steps].reverse().map((step) => line(step))}</ol>
    <p class="quiet small">${tell("updated")}</p></section>`;
}

function line(step: StepOf): TemplateResult {
  const who = nameOf(step.agency) || (step.by ? tell(BY[step.by] ?? "bySystem") : "");
  return html`<li class="by-${step.by ?? "system"}" style="--badge:${stateColor(step.state)}">
    <strong>${say(step.title)}</strong>
    <span class="quiet small"><time datetime=${step.at}>${dateTime(step.at)}</time>${who ? ` · ${who}` : ""}</span>
    ${step.words ? html`<p class="step-words">${step.words}</p>` : nothing}
    ${step.photos?.length ? photoList(step.photos, true) : nothing}</li>`;
}

/** The sender's own words and photos; for others what was published of them. */
export function told(report: Followed): TemplateResult | typeof nothing {
  if (!report.words && !report.photos.length) return nothing;
  return html`<section class="panel told">
    ${report.photos.length ? photoList(report.photos) : nothing}
    ${report.words ? html`<p class="said">${report.words}</p>` : nothing}
    <p class="quiet small">${tell(report.mine ? "reportMineHint" : "reportPublished")}</p></section>`;
}

export function followHead(report: Followed, badge: TemplateResult): TemplateResult {
  return html`<div class="follow-head">${badge}
    <div><p class="code">${report.code}${report.synthetic
        ? html` <span class="mark">${tell("syntheticOne")}</span>` : nothing}</p>
      <h1>${say(report.category.title)}</h1>
      <p class="quiet">${nameOf(report.district)}${report.district ? " · " : ""}${since(report.created_at)}</p></div></div>`;
}
