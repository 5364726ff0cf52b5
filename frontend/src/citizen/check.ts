import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import { questionsOf } from "./details";
import type { StepName } from "./draft";
import type { ReportFlow } from "./flow";
import { glyph, maki } from "./icons";
import { nameOf } from "./looks";
import { photoUrl } from "./photourl";
import { step } from "./steps";
import { tell } from "./words";

/** Everything once more, each line with the way back to it; then the one button that sends. */
export function check(flow: ReportFlow): TemplateResult {
  const { draft, category } = flow;
  const body = html`
    ${draft.emergency ? html`<p class="note danger">${glyph("siren")}<span><strong>${tell("emergency")}</strong>
      ${tell("checkEmergency")}</span></p>` : nothing}
    <ul class="check">
    ${row(flow, tell("checkPhotos"), draft.photos.length
      ? html`<span class="thumbs">${draft.photos.map((photo, n) =>
          html`<img src=${photoUrl(photo)} alt=${tell("photoAlt", { n: n + 1 })}>`)}</span>`
      : html`<span class="quiet">${tell("checkNoPhotos")}</span>`, "photo")}
    ${row(flow, tell("checkPlace"), place(flow), "pin")}
    ${row(flow, tell("checkCategory"), category ? html`<span class="with-badge"><span class="badge"
      style="--badge:${category.color}">${maki(category.icon)}</span>${say(category.title)}</span>`
      : flow.retired ? html`<span class="problem bad">${tell("categoryRetired",
          { name: say(draft.categoryTitle) || draft.category })}</span>`
        : say(draft.categoryTitle) || "–", "category")}
    ${questionsOf(category).length ? row(flow, tell("detailsTitle"), answers(flow), "details") : nothing}
    ${row(flow, tell("checkWords"), draft.words.trim()
      ? html`<span class="said">${draft.words}</span>`
      : html`<span class="quiet">${tell("checkNoWords")}</span>`, "words")}
    </ul>
    ${email(flow)}
    ${navigator.onLine ? nothing : html`<p class="note" role="status">${tell("checkOffline")}</p>`}`;
  return step(tell("checkTitle"), "", body,
    html`<button class="button primary big wide" id="send" @click=${() => void flow.sendNow()}
      >${glyph("send")}${tell("send")}</button>`);
}

function row(flow: ReportFlow, title: string, value: unknown, at: StepName): TemplateResult {
  return html`<li class="check-row">
    <span class="check-name">${title}</span><div class="check-value">${value}</div>
    <button class="button small" aria-label="${tell("edit")}: ${title}"
      @click=${() => flow.go(at)}>${tell("edit")}</button></li>`;
}

function place(flow: ReportFlow): unknown {
  const { lon, lat } = flow.draft;
  if (lon === null || lat === null) return "–";
  const ward = flow.city?.wardAt(lon, lat);
  const figures = `${number(lat, 5, true)}, ${number(lon, 5, true)}`;
  return ward ? html`${ward}<br><span class="quiet small">${figures}</span>` : figures;
}

function answers(flow: ReportFlow): TemplateResult {
  const answered = questionsOf(flow.category).filter((one) => flow.draft.attributes[one.code]?.length);
  return html`<dl class="answers">${answered.map((one) => {
    const held = flow.draft.attributes[one.code]!;
    const name = (key: string) => nameOf(one.values?.find((each) => each.key === key)?.name) || key;
    const said = Array.isArray(held) ? held.map(name).join(", ") : name(held);
    return html`<div><dt>${nameOf(one.description) || one.code}</dt><dd>${said}</dd></div>`;
  })}</dl>`;
}

function email(flow: ReportFlow): TemplateResult {
  const typed = (event: Event) => flow.write({ email: (event.target as HTMLInputElement).value });
  return html`<div class="asked email"><label for="email">${tell("emailLabel")}</label>
    <input id="email" type="email" inputmode="email" autocomplete="email" maxlength="254"
      placeholder=${tell("emailHint")} aria-describedby="email-use" .value=${flow.draft.email} @input=${typed}>
    <p class="quiet small" id="email-use">${tell("emailUse")}</p></div>`;
}
