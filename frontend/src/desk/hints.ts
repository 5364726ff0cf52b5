import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, distance, number } from "../i18n/format";
import type { Case, Duplicate, Fields, NeedType, StateInfo } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type DeskModel } from "./model";
import { uuid } from "../common/uuid";
import { tell } from "./words";

/** What the platform has to say about the case, each with its reason and the one click it saves. */
export function hints(file: Case, model: DeskModel): TemplateResult {
  return html`${routed(file, model)}${suggested(file, model)}${duplicates(file, model)}${parts(file, model)}`;
}

/** Opens a move's form with its field of this type filled in. */
function openWith(model: DeskModel, file: Case, move: string, type: NeedType, value: string): void {
  const need = model.home.value?.moves[move]?.needs.find((each) => each.type === type);
  if (!need) return;
  const kept = `${file.code}/${move}`;
  model.drafts.set(kept, { ...model.drafts.get(kept), [need.name]: value });
  model.form.value = "";
  model.form.value = move;
}

/** Does what was suggested at once; the undo bar is the way back. */
async function takeIt(model: DeskModel, file: Case, move: string, fields: Fields): Promise<void> {
  try {
    const { results } = await model.act(move, [{ code: file.code, version: file.version }], fields, uuid());
    const refused = results.find((result) => !result.ok);
    if (refused) model.say(refused.error?.message ?? "", "bad");
  } catch (error) {
    model.say(reasonOf(error), "bad");
  }
}

function routed(file: Case, model: DeskModel): TemplateResult | typeof nothing {
  if (!file.routed) return nothing;
  const { rule, reason, agency } = file.routed;
  const proposed = agency && agency.code !== file.agency?.code && file.can.includes("assign");
  return html`<section class="hint"><h3>${glyph("route")}${tell("routed")}</h3>
    <p>${agency ? html`<b>${say(agency.title)}</b> · ` : nothing}${say(reason)}
      ${rule && !say(reason).includes(rule.name) ? html`<span class="quiet">${tell("becauseRule", { rule: rule.name })}</span>` : nothing}</p>
    ${proposed ? html`<button type="button" class="button small" data-take="agency"
      @click=${() => void takeIt(model, file, "assign", { agency: agency.code })}>${tell("takeAgency")}</button>` : nothing}</section>`;
}

function suggested(file: Case, model: DeskModel): TemplateResult | typeof nothing {
  const one = file.suggested;
  if (!one?.differs) return nothing;
  const percent = number(one.confidence * 100, 0);
  const can = file.can.includes("change");
  return html`<section class="hint suggestion"><h3>${glyph("sparkles")}${tell("suggested")}</h3>
    <p><b>${say(one.title)}</b> <span class="meter" aria-hidden="true"><i style="width:${percent}%"></i></span> ${tell("sure", { n: percent })}
      ${one.why.length ? html`<span class="quiet">${tell("becauseWords", { words: one.why.map((word) => `“${word}”`).join(", ") })}</span>` : nothing}
      ${one.synthetic ? html`<span class="tag dashed">${tell("learnedSynthetic")}</span>` : nothing}</p>
    ${can ? html`<button type="button" class="button small" data-take="category"
      @click=${() => void takeIt(model, file, "change", { category: one.category })}>${tell("takeSuggestion")}</button>` : nothing}</section>`;
}

export function stateTitle(state: StateInfo | string, model: DeskModel): { title: string; color: string } {
  const value = typeof state === "string" ? state : state.value;
  const known = typeof state === "string" ? model.home.value?.states.find((one) => one.value === value) : state;
  return { title: say(known?.title) || value, color: known?.color ?? "var(--unknown)" };
}

function duplicates(file: Case, model: DeskModel): TemplateResult | typeof nothing {
  if (!file.duplicates.length) return nothing;
  return html`<section class="hint wide"><h3>${glyph("join")}${tell("duplicates")}</h3>
    <ul class="near">${file.duplicates.map((one) => near(one, file, model))}</ul></section>`;
}

function near(one: Duplicate, file: Case, model: DeskModel): TemplateResult {
  const state = stateTitle(one.state, model);
  const join = () => {
    openWith(model, file, "join", "code", one.code);
  };
  return html`<li>
    ${one.thumb ? html`<img src=${one.thumb} alt="" loading="lazy" width="72" height="54">` : html`<span class="no-photo">${glyph("camera")}</span>`}
    <span class="near-words"><button type="button" class="link" @click=${() => void model.open(one.code)}>${one.words || one.code}</button>
      <span class="quiet">${tell("away", { n: distance(one.distance_m) })} · ${ago(one.received_at, serverNow())} · ${say(one.why)}</span>
      <span class="state" style="--tint:${state.color}">${state.title}</span></span>
    ${file.can.includes("join") ? html`<button type="button" class="button small" aria-label="${tell("joinThis")}: ${one.code}"
      title=${tell("joinInto", { code: one.code })} @click=${join}>${tell("joinThis")}</button>` : nothing}</li>`;
}

function parts(file: Case, model: DeskModel): TemplateResult | typeof nothing {
  const link = (code: string) => html`<button type="button" class="link code" @click=${() => void model.open(code)}>${code}</button>`;
  const joined = file.joined ?? [];
  if (!file.parts.length && !file.parent && !file.duplicate_of && !joined.length) return nothing;
  return html`<section class="hint wide">
    ${file.parent ? html`<p>${glyph("split")} ${tell("partOf")} ${link(file.parent)}</p>` : nothing}
    ${file.duplicate_of ? html`<p>${glyph("join")} ${tell("duplicateOf")} ${link(file.duplicate_of)}</p>` : nothing}
    ${joined.length ? html`<p>${glyph("join")} ${tell("joinedHere")} ${joined.map((code, i) => html`${i ? ", " : ""}${link(code)}`)}</p>` : nothing}
    ${file.parts.length ? html`<h3>${glyph("split")}${tell("parts")}</h3><ul class="part-list">${file.parts.map((part) => {
      const state = stateTitle(part.state, model);
      return html`<li>${link(part.code)}<span>${say(part.agency?.title) || tell("noAgency")}</span>
        <span class="state" style="--tint:${state.color}">${state.title}</span></li>`;
    })}</ul>` : nothing}</section>`;
}
