import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import type { Category, Draft } from "./draft";
import { glyph, maki } from "./icons";
import { outbox } from "./outbox";
import { photoUrl } from "./photourl";
import { tell, type Said } from "./words";

const STATES: Record<Draft["state"], Said> = {
  draft: "stateDraft", queued: "stateQueued", sending: "stateSending",
  refused: "stateRefused", sent: "stateSent",
};

/** What waits, in a line above the button; nothing while nothing waits. */
export function tray(drafts: Draft[]): TemplateResult | typeof nothing {
  const count = (state: Draft["state"]) => drafts.filter((draft) => draft.state === state).length;
  const parts: string[] = [];
  for (const [state, key] of [
    ["sending", "traySending"], ["queued", "trayWaiting"],
    ["refused", "trayRefused"], ["draft", "trayDrafts"],
  ] as const) {
    const n = count(state);
    if (n) parts.push(tell(key, { n }));
  }
  if (!parts.length) return nothing;
  const urgent = count("refused") > 0;
  return html`<a class="tray ${urgent ? "urgent" : ""}" href="#/mine" role="status">
    ${glyph(urgent ? "alert" : count("sending") ? "send" : "text")}
    <span>${parts.join(" · ")}</span>${glyph("next")}</a>`;
}

interface Actions {
  categories: Category[];
  /** The draft whose deletion was asked for once. */
  doomed: string;
  doom: (key: string) => void;
  open: (draft: Draft) => void;
}

/** Every report of this phone with where it stands. */
export function mineList(drafts: Draft[], actions: Actions): TemplateResult {
  if (!drafts.length) {
    return html`<div class="empty-mine">${maki("marker")}<p>${tell("mineEmpty")}</p>
      <a class="button primary big" href="#/new/photo">${glyph("plus")}${tell("report")}</a></div>`;
  }
  return html`<ul class="mine">${drafts.map((draft) => mineRow(draft, actions))}</ul>`;
}

function mineRow(draft: Draft, actions: Actions): TemplateResult {
  const category = actions.categories.find((each) => each.code === draft.category);
  const photo = draft.photos[0];
  return html`<li class="mine-row" data-state=${draft.state}>
    ${photo ? html`<img src=${photoUrl(photo)} alt="">`
      : html`<span class="badge" style="--badge:${category?.color ?? "var(--kind-report)"}"
        >${maki(category?.icon ?? "marker")}</span>`}
    <div class="mine-words">
      <strong>${say(category?.title) || tell("report")}</strong>
      ${draft.words ? html`<p class="quiet clamp">${draft.words}</p>` : nothing}
      <p class="small"><span class="state" data-state=${draft.state}>${tell(STATES[draft.state])}</span>
        ${draft.code ? html`<span class="code">${draft.code}</span>` : nothing}
        <span class="quiet" title=${dateTime(draft.madeAt)}>${ago(draft.madeAt, serverNow())}</span></p>
      ${draft.problem && draft.state !== "sent" ? html`<p class="problem">${draft.problem}</p>` : nothing}
      <div class="mine-actions">${rowActions(draft, actions)}</div>
    </div>
  </li>`;
}

function rowActions(draft: Draft, actions: Actions): TemplateResult {
  const remove = actions.doomed === draft.key
    ? html`<button class="button small danger" @click=${() => void outbox.remove(draft)}
        >${glyph("trash")}${tell("removeSure")}</button>`
    : html`<button class="button small" @click=${() => actions.doom(draft.key)}
        >${glyph("trash")}${tell("remove")}</button>`;
  switch (draft.state) {
    case "sent":
      return html`<a class="button small" href="/r/${draft.code}">${tell("follow")}${glyph("next")}</a>`;
    case "draft":
      return html`<button class="button small primary" @click=${() => actions.open(draft)}
        >${tell("continueDraft")}</button>${remove}`;
    case "refused":
      return html`<button class="button small primary" @click=${() => actions.open(draft)}
        >${tell("mend")}</button>${remove}`;
    case "queued":
      return html`<button class="button small" @click=${() => void outbox.flush()}
        >${glyph("retry")}${tell("retry")}</button>${remove}`;
    default:
      return html`${nothing}`;
  }
}
