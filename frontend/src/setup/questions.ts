import { html, nothing, type TemplateResult } from "lit";
import type { Text } from "../common/contract";
import { say } from "../i18n";
import type { Choice, Question } from "./contract";
import { glyph } from "./icons";
import { tell, type Said } from "./words";

const KINDS = ["string", "text", "number", "datetime", "singlevaluelist", "multivaluelist"] as const;
const MOST = 20;
const MOST_CHOICES = 40;

function blank(taken: readonly string[]): Question {
  return {
    code: free("q", taken), variable: true, datatype: "string", required: false,
    description: { vi: "", en: "" }, datatype_description: { vi: "", en: "" }, values: [],
  };
}

/** A code that is not taken yet: the letter with the first free number. */
function free(letter: string, taken: readonly string[]): string {
  let n = taken.length + 1;
  while (taken.includes(`${letter}${n}`)) n += 1;
  return `${letter}${n}`;
}

const isList = (one: Question): boolean => one.datatype.endsWith("list");

/** What a category asks beyond the words: written here, asked of citizens and of other software. */
export function questionsBlock(
  asked: readonly Question[], put: (asked: Question[]) => void, faults: Readonly<Record<string, string>>,
): TemplateResult {
  const change = (at: number, changes: Partial<Question>) =>
    put(asked.map((one, each) => (each === at ? { ...one, ...changes } : one)));
  const shift = (at: number, by: number) => {
    const next = [...asked];
    next.splice(at + by, 0, ...next.splice(at, 1));
    put(next);
  };
  return html`<h2 class="part">${tell("questions")}<small>${tell("questionsHint")}</small></h2>
    ${faults.attributes ? fault(faults.attributes) : nothing}
    ${asked.length ? html`<ol class="questions">${asked.map((one, at) => html`<li class="block question">
      <header><b>${say(one.description) || tell("questionNew")}</b><span class="spacer"></span>
        <button type="button" class="icon-button tiny" ?disabled=${at === 0} aria-label=${tell("moveUp", { name: one.code })}
          @click=${() => shift(at, -1)}>${glyph("up")}</button>
        <button type="button" class="icon-button tiny" ?disabled=${at === asked.length - 1} aria-label=${tell("moveDown", { name: one.code })}
          @click=${() => shift(at, 1)}>${glyph("down")}</button>
        <button type="button" class="icon-button tiny" aria-label=${tell("questionRemove")} title=${tell("questionRemove")}
          @click=${() => put(asked.filter((_, each) => each !== at))}>${glyph("trash")}</button></header>
      ${question(one, at, (changes) => change(at, changes), faults)}</li>`)}</ol>`
      : html`<p class="quiet small">${tell("questionsNone")}</p>`}
    ${asked.length < MOST ? html`<button type="button" class="button small add-question"
      @click=${() => put([...asked, blank(asked.map((one) => one.code))])}>${glyph("plus")}${tell("questionAdd")}</button>` : nothing}`;
}

function fault(words: string | undefined): TemplateResult | typeof nothing {
  return words ? html`<p class="fault">${glyph("alert")}${words}</p>` : nothing;
}

function question(
  one: Question, at: number, change: (changes: Partial<Question>) => void, faults: Readonly<Record<string, string>>,
): TemplateResult {
  const wrong = (name: string) => faults[`attributes.${at}.${name}`];
  const line = (label: Said, value: string, write: (value: string) => void, name: string, most = 300, lang = "") => html`<div class="field">
    <label for="q-${at}-${label}">${tell(label)}</label><input id="q-${at}-${label}" type="text" maxlength=${most} lang=${lang || nothing}
      aria-invalid=${wrong(name) ? "true" : nothing} .value=${value} @input=${(event: Event) => write((event.target as HTMLInputElement).value)}>
    ${fault(wrong(name))}</div>`;
  const pair = (name: "description" | "datatype_description", vi: Said, en: Said) => {
    const words: Text = one[name];
    return html`${line(vi, words.vi, (value) => change({ [name]: { ...words, vi: value } }), name, 300, "vi")}
      ${line(en, words.en, (value) => change({ [name]: { ...words, en: value } }), name, 300, "en")}`;
  };
  const kind = (event: Event) => {
    const datatype = (event.target as HTMLSelectElement).value as Question["datatype"];
    const first: Choice[] = [{ key: "a", name: { vi: "", en: "" } }];
    change({ datatype, values: datatype.endsWith("list") && !one.values.length ? first : one.values });
  };
  const flag = (name: "required" | "variable", label: Said, off: boolean) => html`<label class="sure"><input type="checkbox"
    .checked=${one[name] !== off} @change=${(event: Event) => change({ [name]: (event.target as HTMLInputElement).checked !== off })}>${tell(label)}</label>`;
  return html`<div class="grid">
      ${pair("description", "questionVi", "questionEn")}
      <div class="field"><label for="q-${at}-kind">${tell("answerKind")}</label><select id="q-${at}-kind" @change=${kind}
        aria-invalid=${wrong("datatype") ? "true" : nothing}>${KINDS.map((each) => html`<option value=${each}
          ?selected=${each === one.datatype}>${tell(`kind_${each}`)}</option>`)}</select>${fault(wrong("datatype"))}</div>
      ${line("questionCode", one.code, (value) => change({ code: value.trim() }), "code", 40)}
      ${pair("datatype_description", "questionHelpVi", "questionHelpEn")}</div>
    ${isList(one) ? choices(one.values, at, (values) => change({ values }), wrong("values")) : nothing}
    <p class="row">${flag("required", "questionNeeded", false)}${flag("variable", "questionOnlySaid", true)}</p>`;
}

function choices(
  values: readonly Choice[], at: number, put: (values: Choice[]) => void, wrong: string | undefined,
): TemplateResult {
  const change = (place: number, changes: Partial<Choice>) =>
    put(values.map((one, each) => (each === place ? { ...one, ...changes } : one)));
  const box = (place: number, label: Said, value: string, write: (value: string) => void, most = 120) => html`<input type="text" maxlength=${most}
    aria-label="${tell(label)} ${place + 1}" placeholder=${tell(label)} aria-invalid=${wrong ? "true" : nothing} .value=${value}
    @input=${(event: Event) => write((event.target as HTMLInputElement).value)}>`;
  return html`<div class="choices-of" role="group" aria-label=${tell("choicesOf")}><span class="quiet small">${tell("choicesOf")}</span>
    ${values.map((one, place) => html`<div class="choice-line">
      ${box(place, "choiceVi", one.name.vi, (vi) => change(place, { name: { ...one.name, vi } }))}
      ${box(place, "choiceEn", one.name.en, (en) => change(place, { name: { ...one.name, en } }))}
      ${box(place, "choiceCode", one.key, (key) => change(place, { key: key.trim() }), 40)}
      <button type="button" class="icon-button tiny" aria-label="${tell("choiceRemove")} ${place + 1}"
        @click=${() => put(values.filter((_, each) => each !== place))}>${glyph("x")}</button></div>`)}
    ${fault(wrong)}
    ${values.length < MOST_CHOICES ? html`<button type="button" class="button small" id="q-${at}-add"
      @click=${() => put([...values, { key: free("c", values.map((one) => one.key)), name: { vi: "", en: "" } }])}>${glyph("plus")}${tell("choiceAdd")}</button>` : nothing}</div>`;
}
