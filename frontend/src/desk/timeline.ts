import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, dateTime, dayTime } from "../i18n/format";
import type { Case, Photo, Step } from "./contract";
import { glyph } from "./icons";
import { tell } from "./words";

const WHO = { reporter: "reporter", agency: "handledBy", centre: "nextCentre", system: "system" } as const;
/** The step whose words are for the reporter alone. */
const ASKS = "ask_reporter";
type Show = (photos: Photo[], at: number) => void;

/** What happened, the newest first: the log itself, with what was taken back struck through. */
export function timeline(file: Case, show: Show): TemplateResult {
  return html`<section class="timeline"><h3>${glyph("clock")}${tell("timeline")}</h3>
    <ol>${[...file.timeline].sort((a, b) => b.seq - a.seq).map((step) => entry(step, show))}</ol></section>`;
}

function entry(step: Step, show: Show): TemplateResult {
  const about = say(step.about);
  const who = step.by ? [step.by.name, say(step.by.agency?.title)].filter(Boolean).join(", ")
    : tell(WHO[step.by_kind]);
  return html`<li class="step by-${step.by_kind} ${step.undone ? "undone" : ""}" data-kind=${step.kind} data-seq=${step.seq}>
    <p class="step-line"><b>${say(step.title)}${about ? `: ${about}` : nothing}</b><span class="quiet">${who}</span>
      ${step.undone ? html`<span class="tag">${tell("undone")}</span>` : nothing}
      <time class="quiet" datetime=${step.at} title="${dateTime(step.at)} · ${ago(step.at, serverNow())}">${dayTime(step.at)}</time></p>
    ${said("public", "eye", tell(step.kind === ASKS ? "toReporter" : "public"), step.public_words)}
    ${said("reporter", "user", tell("fromReporter"), step.reporter_words ?? "")}
    ${said("internal", "note", tell("internal"), step.private_words)}
    ${step.photos.length ? html`<div class="step-photos">${step.photos.map((photo, i) => html`<button type="button"
      aria-label=${tell("photo", { n: i + 1, m: step.photos.length })} @click=${() => show(step.photos, i)}>
      <img src=${photo.thumb} alt="" loading="lazy" width="88" height="66"></button>`)}</div>` : nothing}
  </li>`;
}

function said(kind: string, icon: string, label: string, words: string): TemplateResult | typeof nothing {
  if (!words) return nothing;
  return html`<blockquote class="said ${kind}"><span class="said-kind">${glyph(icon)}${label}</span>${words}</blockquote>`;
}
