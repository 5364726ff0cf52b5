import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import type { Text } from "../common/contract";
import type { Case, Fields, Home, Need, Titled } from "./contract";
import { glyph } from "./icons";
import { tell } from "./words";

export const MOST_WORDS = 2000;
/** Moves whose public words begin as the reporter's own, to be cleaned before others read them. */
export const CLEANING = new Set(["publish", "redact"]);
const REDACTED = "▇▇▇▇";

export interface PartDraft {
  category: string;
  agency: string;
  words: string;
}

export interface PhotoDraft {
  url: string;
  name: string;
  state: "sending" | "sent" | "failed";
}

/** What a field needs of the form it stands in. */
export interface FormContext {
  id: string;
  home: Home;
  file: Case | null;
  fields: Fields;
  problems: Record<string, string>;
  photos: PhotoDraft[];
  set: (name: string, value: unknown) => void;
  addPhotos: (name: string, files: FileList) => void;
  dropPhoto: (name: string, photo: PhotoDraft) => void;
  cleaning: boolean;
  /** The words are for the reporter alone. */
  alone: boolean;
  reasons: Titled[];
}

/** One field of a move's form, by the type its `needs` gives. */
export function field(need: Need, ctx: FormContext): TemplateResult {
  const id = `${ctx.id}-${need.name}`;
  const problem = ctx.problems[need.name];
  const body = control(need, id, ctx);
  if (need.type === "bool") return html`<div class="field">${body}</div>`;
  const grouped = need.type === "reason" || need.type === "parts" || need.type === "photos";
  const name = html`${say(need.title)}${need.required ? nothing : html` <span class="quiet">(${tell("optional")})</span>`}`;
  return html`<div class="field type-${need.type} ${problem ? "wrong" : ""}">
    ${grouped ? html`<span class="field-name" id="${id}-name">${name}</span>` : html`<label class="field-name" for=${id}>${name}</label>`}
    ${body}
    ${problem ? html`<p class="problem" id="${id}-problem" role="alert">${problem}</p>` : nothing}</div>`;
}

function control(need: Need, id: string, ctx: FormContext): TemplateResult {
  const value = ctx.fields[need.name];
  const text = String(value ?? "");
  const set = (event: Event) => ctx.set(need.name, (event.target as HTMLInputElement).value);
  switch (need.type) {
    case "words": return words(need, id, ctx, text);
    case "note":
      return html`<textarea id=${id} class="private" rows="3" maxlength=${MOST_WORDS} .value=${text} @input=${set}
        aria-describedby="${id}-hint"></textarea><p class="hint-line" id="${id}-hint">${glyph("note")}${tell("noteHint")}</p>`;
    case "agency": return select(id, text, set, ctx.home.agencies.map((one) => [one.code, one.title]));
    case "category": return select(id, text, set, ctx.home.categories.map((one) => [one.code, one.title]));
    case "officer":
      return select(id, text, set, (ctx.file?.officers ?? []).map((one) => [String(one.id), { vi: one.name, en: one.name }]));
    case "reason": return reasons(need, id, ctx, text);
    case "date":
      return html`<input id=${id} type="date" min=${tomorrow()} .value=${text.slice(0, 10)} @input=${set}>`;
    case "code": return codes(id, ctx, text, set);
    case "photos": return photos(need, id, ctx);
    case "bool":
      return html`<label class="check"><input id=${id} type="checkbox" .checked=${Boolean(value)}
        @change=${(event: Event) => ctx.set(need.name, (event.target as HTMLInputElement).checked)}>${say(need.title)}</label>`;
    case "parts": return parts(need, id, ctx);
    case "text": return ctx.cleaning ? words(need, id, ctx, text)
      : html`<input id=${id} type="text" maxlength="200" .value=${text} @input=${set}>`;
    default:
      return html`<input id=${id} type="text" maxlength="200" .value=${text} @input=${set}>`;
  }
}

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
}

function select(id: string, now: string, set: (event: Event) => void, options: [string, Text][]): TemplateResult {
  return html`<select id=${id} @change=${set}><option value="" ?selected=${!now}>${tell("choose")}</option>
    ${options.map(([value, title]) => html`<option value=${value} ?selected=${value === now}>${say(title)}</option>`)}</select>`;
}

function words(need: Need, id: string, ctx: FormContext, text: string): TemplateResult {
  const left = MOST_WORDS - text.length;
  const english = ctx.file?.language === "en";
  return html`<textarea id=${id} class="open" rows="4" lang=${ctx.file?.language || nothing} .value=${text}
      aria-describedby="${id}-hint" @input=${(event: Event) => ctx.set(need.name, (event.target as HTMLTextAreaElement).value)}></textarea>
    ${ctx.cleaning ? html`<div class="redacting">
      <button type="button" class="button small redact" @click=${() => redact(need, id, ctx)}>${glyph("redact")}${tell("redact")}</button>
      <button type="button" class="button small plain" ?disabled=${text === ctx.file?.words}
        @click=${() => ctx.set(need.name, ctx.file?.words ?? "")}>${tell("restore")}</button>
      <span class="quiet small-words">${tell("redactHint")}</span></div>` : nothing}
    <p class="hint-line" id="${id}-hint">${glyph("eye")}${tell(ctx.alone ? "reporterHint" : "publicHint")}
      ${ctx.file && !ctx.cleaning ? tell(english ? "answerInEn" : "answerIn") : nothing}
      <span class="counter ${left < 0 ? "over" : ""}">${left < 0 ? tell("over_chars", { n: number(-left, 0) })
        : left < 300 ? tell("left_chars", { n: number(left, 0) }) : nothing}</span></p>`;
}

function redact(need: Need, id: string, ctx: FormContext): void {
  const area = document.getElementById(id) as HTMLTextAreaElement | null;
  if (!area) return;
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (from === to) {
    area.focus();
    return;
  }
  ctx.set(need.name, value.slice(0, from) + REDACTED + value.slice(to));
  area.focus();
  requestAnimationFrame(() => area.setSelectionRange(from + REDACTED.length, from + REDACTED.length));
}

function reasons(need: Need, id: string, ctx: FormContext, now: string): TemplateResult {
  return html`<div class="reasons" role="radiogroup" aria-labelledby="${id}-name">${ctx.reasons.map((one) => html`
    <label class="reason"><input type="radio" name=${id} value=${one.code} .checked=${now === one.code}
      @change=${() => ctx.set(need.name, one.code)}><span>${say(one.title)}</span></label>`)}</div>`;
}

function codes(id: string, ctx: FormContext, text: string, set: (event: Event) => void): TemplateResult {
  const near = ctx.file?.duplicates ?? [];
  return html`<input id=${id} type="text" class="code" maxlength="20" spellcheck="false" placeholder="HUE-…" .value=${text} @input=${set}
      list=${near.length ? `${id}-near` : nothing}>
    ${near.length ? html`<datalist id="${id}-near">${near.map((one) => html`<option value=${one.code}>${one.words}</option>`)}</datalist>` : nothing}`;
}

/** Photos the report has already, to choose from. */
function chosenPhotos(need: Need, id: string, ctx: FormContext): TemplateResult {
  const now = new Set((ctx.fields[need.name] as string[] | undefined) ?? []);
  return html`<div class="drop" role="group" aria-labelledby="${id}-name">${(ctx.file?.photos ?? []).map((photo, i) => html`
    <label class="choose-photo"><img src=${photo.thumb} alt=""><input type="checkbox" .checked=${now.has(photo.name) || photo.published === true}
      ?disabled=${photo.published} aria-label=${tell("photo", { n: i + 1, m: ctx.file!.photos.length })}
      @change=${(event: Event) => {
        if ((event.target as HTMLInputElement).checked) now.add(photo.name);
        else now.delete(photo.name);
        ctx.set(need.name, [...now]);
      }}></label>`)}</div>`;
}

function photos(need: Need, id: string, ctx: FormContext): TemplateResult {
  if (ctx.cleaning) return chosenPhotos(need, id, ctx);
  return html`<div class="drop" aria-labelledby="${id}-name" role="group">
    ${ctx.photos.map((photo) => html`<span class="preview ${photo.state}"><img src=${photo.url} alt="">
      ${photo.state === "sending" ? html`<span class="preview-note">${tell("photoUploading")}</span>` : nothing}
      ${photo.state === "failed" ? html`<span class="preview-note">${tell("photoFailed")}</span>` : nothing}
      <button type="button" class="icon-button tiny" aria-label=${tell("removePhoto")} @click=${() => ctx.dropPhoto(need.name, photo)}>${glyph("x")}</button></span>`)}
    <label class="add-photo">${glyph("camera")}<span>${tell("addPhoto")}</span>
      <input type="file" accept="image/*" multiple data-need=${need.name} @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        if (input.files?.length) ctx.addPhotos(need.name, input.files);
        input.value = "";
      }}></label></div>`;
}

function parts(need: Need, id: string, ctx: FormContext): TemplateResult {
  const now = (ctx.fields[need.name] as PartDraft[] | undefined) ?? [];
  const change = (at: number, changes: Partial<PartDraft>) =>
    ctx.set(need.name, now.map((part, i) => (i === at ? { ...part, ...changes } : part)));
  const value = (event: Event) => (event.target as HTMLInputElement).value;
  return html`<div class="part-drafts" role="group" aria-labelledby="${id}-name">${now.map((part, i) => html`
    <fieldset class="part-draft"><legend>${tell("part", { n: i + 1 })}</legend>
      <label><span class="visually-hidden">${tell("byCategory")}</span>${select(`${id}-${i}-c`, part.category,
        (event) => change(i, { category: value(event) }), ctx.home.categories.map((one) => [one.code, one.title]))}</label>
      <label><span class="visually-hidden">${tell("byAgency")}</span>${select(`${id}-${i}-a`, part.agency,
        (event) => change(i, { agency: value(event) }), ctx.home.agencies.map((one) => [one.code, one.title]))}</label>
      <input type="text" maxlength="500" placeholder=${tell("partWords")} aria-label=${tell("partWords")} .value=${part.words}
        @input=${(event: Event) => change(i, { words: value(event) })}>
      ${now.length > 2 ? html`<button type="button" class="icon-button tiny" aria-label=${tell("dropPart", { n: i + 1 })}
        @click=${() => ctx.set(need.name, now.filter((_, at) => at !== i))}>${glyph("x")}</button>` : nothing}</fieldset>`)}
    <button type="button" class="button small plain" ?disabled=${now.length >= 6}
      @click=${() => ctx.set(need.name, [...now, { category: ctx.file?.category.code ?? "", agency: "", words: "" }])}>${glyph("plus")}${tell("addPart")}</button></div>`;
}
