import { html, nothing, type TemplateResult } from "lit";
import type { Draft, StepName } from "./draft";
import { meTooMark } from "./looks";
import { glyph } from "./icons";
import { outbox } from "./outbox";
import { shareButton } from "./share";
import { tell } from "./words";

/** How it ended: the code, a promise to send later, or what has to be mended first. */
export function ending(draft: Draft, mend: (step: StepName) => void, settled: boolean): TemplateResult {
  return html`<div class="flow ending" data-state=${draft.state}>
    <div class="sheet-head"><span class="icon-room"></span><span></span>
      <a class="icon-button" href="#/" aria-label=${tell("close")}>${glyph("close")}</a></div>
    <div class="sheet-body" aria-live="polite">${words(draft)}</div>
    <div class="sheet-foot" ?inert=${!settled}>${actions(draft, mend)}</div>
  </div>`;
}

function words(draft: Draft): TemplateResult {
  if (draft.follows) return followed(draft);
  switch (stateOf(draft)) {
    case "sent":
      return html`<div class="seal good">${glyph("check")}</div>
        <h1 tabindex="-1">${tell("doneTitle")}</h1>
        <p class="quiet">${tell("doneHint")}</p>
        <p class="big-code" data-code=${draft.code}>${draft.code}</p>
        ${draft.held ? html`<p class="note">${tell("doneHeld")}</p>` : nothing}
        <p class="quiet">${tell("doneKeep")}</p>`;
    case "sending":
      return html`<div class="seal busy">${glyph("send")}</div>
        <h1 tabindex="-1">${tell("sending")}</h1>`;
    case "refused":
      return html`<div class="seal bad">${glyph("alert")}</div>
        <h1 tabindex="-1">${tell("refusedTitle")}</h1>
        <p>${draft.problem}</p>`;
    default:
      return html`<div class="seal wait">${glyph("offline")}</div>
        <h1 tabindex="-1">${tell("queuedTitle")}</h1>
        <p class="quiet">${tell("queuedHint")}</p>
        ${draft.problem ? html`<p class="note">${draft.problem}</p>` : nothing}`;
  }
}

/** What is handed over this moment is on its way, as far as a person can see. */
function stateOf(draft: Draft): Draft["state"] {
  return draft.state === "queued" && outbox.handing === draft.key ? "sending" : draft.state;
}

function followed(draft: Draft): TemplateResult {
  if (stateOf(draft) === "sending") {
    return html`<div class="seal busy">${glyph("send")}</div><h1 tabindex="-1">${tell("sending")}</h1>`;
  }
  const waits = draft.state === "queued";
  const bad = draft.state === "refused";
  return html`<div class="seal ${bad ? "bad" : waits ? "wait" : "good"}">${glyph(bad ? "alert" : waits ? "offline" : "people")}</div>
    <h1 tabindex="-1">${tell(bad ? "refusedTitle" : waits ? "followWaits" : "followDone")}</h1>
    <p class="big-code" data-code=${draft.follows}>${draft.follows}</p>
    ${meTooMark(draft.meToo)}
    ${bad ? html`<p>${draft.problem}</p>`
      : html`<p class="quiet">${tell(waits ? "followWaitsHint" : "followDoneHint")}</p>`}`;
}

function actions(draft: Draft, mend: (step: StepName) => void): TemplateResult {
  const home = html`<a class="button big wide" href="#/">${tell("another")}</a>`;
  switch (stateOf(draft)) {
    case "sent":
      return html`<a class="button primary big wide" href="/r/${draft.code}">${tell("follow")}</a>
        <div class="pair">${shareButton(draft.code)}${home}</div>`;
    case "refused":
      return html`<button class="button primary big wide" @click=${() => mend(draft.mend || "check")}
        >${tell(draft.follows ? "sendOwn" : "mend")}</button>`;
    case "queued":
      return html`<button class="button big wide" @click=${() => void outbox.flush()}
        >${glyph("retry")}${tell("retry")}</button>${home}`;
    default:
      return html`${nothing}`;
  }
}
