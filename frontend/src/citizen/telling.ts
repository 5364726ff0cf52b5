import { html, nothing, type TemplateResult } from "lit";
import { arrows } from "./arrows";
import { MAX_WORDS } from "./draft";
import type { ReportFlow } from "./flow";
import { glyph } from "./icons";
import { forward, step } from "./steps";
import { tell, type Said } from "./words";

/** Whom to call when a life is in danger: no report is as fast as a voice. */
const NUMBERS: [number: string, who: Said][] = [["113", "call113"], ["114", "call114"], ["115", "call115"]];

export function wordsStep(flow: ReportFlow): TemplateResult {
  const { words } = flow.draft;
  const left = MAX_WORDS - words.length;
  const typed = (event: Event) =>
    flow.write({ words: (event.target as HTMLTextAreaElement).value });
  const body = html`
    <label class="visually-hidden" for="words">${tell("wordsLabel")}</label>
    <textarea id="words" rows="5" maxlength=${MAX_WORDS} placeholder=${tell("wordsHint")}
      .value=${words} @input=${typed} aria-describedby="words-who"></textarea>
    <p class="quiet small spread" id="words-who"><span>${tell("wordsPrivacy")}</span>
      ${left < 200 ? html`<span>${tell("wordsLeft", { n: left })}</span>` : nothing}</p>
    ${urgency(flow)}`;
  return step(tell("wordsTitle"), "", body,
    forward(tell(words.trim() ? "next" : "skip"), () => flow.next()));
}

/** Normal unless two separate touches say otherwise: the choice, and the question after it. */
function urgency(flow: ReportFlow): TemplateResult {
  const { emergency } = flow.draft;
  const dialog = () => flow.querySelector<HTMLDialogElement>("#emergency-sure")!;
  const end = (sure: boolean) => {
    dialog().close();
    flow.write({ emergency: sure });
  };
  const card = (on: boolean, value: string, title: Said, hint: Said, icon: "hours" | "siren", pick: () => void) => html`
    <button type="button" class="urgency ${value}" role="radio" aria-checked=${on} data-urgency=${value}
      @click=${pick}>${glyph(icon)}<span><strong>${tell(title)}</strong>
      <span class="quiet">${tell(hint)}</span></span><i></i></button>`;
  return html`<div class="urgencies" role="radiogroup" @keydown=${arrows} aria-label=${tell("urgencyLabel")}>
      ${card(!emergency, "normal", "normal", "normalHint", "hours", () => flow.write({ emergency: false }))}
      ${card(emergency, "emergency", "emergency", "emergencyHint", "siren", () => {
        if (!flow.draft.emergency) dialog().showModal();
      })}
    </div>
    <dialog id="emergency-sure" aria-labelledby="sure-title" @cancel=${() => flow.redraw()}>
      <div class="seal bad">${glyph("siren")}</div>
      <h2 id="sure-title">${tell("sureTitle")}</h2>
      <p>${tell("sureCall")}</p>
      <ul class="numbers">${NUMBERS.map(([number, who]) => html`<li><a href="tel:${number}">
        <strong>${number}</strong><span>${tell(who)}</span></a></li>`)}</ul>
      <p class="quiet small">${tell("sureMeans")}</p>
      <div class="dialog-foot">
        <button class="button big wide" autofocus id="not-emergency" @click=${() => end(false)}>${tell("sureNo")}</button>
        <button class="button danger big wide" id="yes-emergency" @click=${() => end(true)}>${tell("sureYes")}</button>
      </div>
    </dialog>`;
}
