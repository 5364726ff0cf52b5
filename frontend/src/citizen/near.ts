import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import type { Nearby } from "./api";
import type { ReportFlow } from "./flow";
import { glyph } from "./icons";
import { meTooMark, picture, since, stateMark } from "./looks";
import { outbox } from "./outbox";
import { forward, step } from "./steps";
import { tell } from "./words";

/** A step of its own: who sees their trouble reported already joins it with one touch. */
export function nearbyStep(flow: ReportFlow): TemplateResult {
  const body = html`<ul class="nearby">${flow.near.map((one) => nearCard(flow, one))}</ul>
    <p class="quiet small">${tell("nearbyWhat")}</p>`;
  return step(tell("nearbyTitle"), tell("nearbyHint", { n: flow.near.length }), body,
    forward(tell("nearbyNone"), () => flow.next()));
}

function nearCard(flow: ReportFlow, one: Nearby): TemplateResult {
  const known = outbox.about(one.code);
  return html`<li class="near-card" data-code=${one.code}>
    ${picture(one.thumb, one.category)}
    <div class="near-words">
      <strong>${say(one.category.title)}</strong>
      ${one.words ? html`<span class="clamp">${one.words}</span>` : nothing}
      <span class="quiet small">${since(one.created_at)}</span>
      <span class="near-marks">${stateMark(one.state)}${meTooMark(one.me_too)}</span>
    </div>
    <div class="near-actions">
      ${known ? html`<span class="note">${tell(known.follows ? "nearbyFollowed" : "nearbyMine")}</span>`
        : html`<button class="button me-too-button" @click=${() => void flow.meToo(one)}
            >${glyph("people")}${tell("meToo")}</button>`}
      <a class="button" href=${one.url} target="_blank" rel="noopener"
        aria-label="${tell("nearbyFollow")} ${one.code}">${tell("nearbyFollow")}</a>
    </div></li>`;
}
