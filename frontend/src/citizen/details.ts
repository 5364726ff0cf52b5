import { html, nothing, type TemplateResult } from "lit";
import type { Attribute, Category } from "./api";
import { unanswered } from "./draft";
import type { ReportFlow } from "./flow";
import { nameOf } from "./looks";
import { forward, step } from "./steps";
import { tell } from "./words";

const INPUTS: Record<string, string> = { number: "number", datetime: "datetime-local" };

/** What this category asks beyond the words, in its own order. */
export function questionsOf(category: Category | undefined): Attribute[] {
  return (category?.attributes ?? []).filter((one) => one.variable !== false)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
}

export function detailsStep(flow: ReportFlow): TemplateResult {
  const missing = unanswered(flow.draft, flow.category);
  const body = html`${questionsOf(flow.category).map((one) => question(flow, one))}`;
  return step(tell("detailsTitle"), tell("detailsHint"), body,
    forward(tell("next"), () => flow.next(), missing.length > 0));
}

function question(flow: ReportFlow, one: Attribute): TemplateResult {
  const id = `asked-${one.code}`;
  const help = nameOf(one.datatype_description);
  const title = html`${nameOf(one.description) || one.code}${one.required
    ? html`<span class="must">${tell("required")}</span>` : nothing}`;
  if (one.values?.length) {
    return html`<fieldset class="asked"><legend>${title}</legend>
      ${help ? html`<p class="quiet small">${help}</p>` : nothing}
      <div class="choices">${one.values.map((value) => option(flow, one, value.key, nameOf(value.name)))}</div>
    </fieldset>`;
  }
  const typed = (event: Event) => set(flow, one, (event.target as HTMLInputElement).value);
  const value = String(flow.draft.attributes[one.code] ?? "");
  return html`<div class="asked"><label for=${id}>${title}</label>
    ${one.datatype === "text"
      ? html`<textarea id=${id} rows="3" maxlength="500" .value=${value} @input=${typed}></textarea>`
      : html`<input id=${id} type=${INPUTS[one.datatype] ?? "text"} maxlength="200"
          ?required=${one.required} .value=${value} @input=${typed}>`}
    ${help ? html`<p class="quiet small">${help}</p>` : nothing}</div>`;
}

function option(flow: ReportFlow, one: Attribute, key: string, name: string): TemplateResult {
  const many = one.datatype === "multivaluelist";
  const held = flow.draft.attributes[one.code];
  const chosen = Array.isArray(held) ? held : held ? [held] : [];
  const on = chosen.includes(key);
  const pick = () => {
    if (!many) return set(flow, one, key);
    set(flow, one, on ? chosen.filter((each) => each !== key) : [...chosen, key]);
  };
  return html`<label class="choice ${on ? "on" : ""}">
    <input type=${many ? "checkbox" : "radio"} name="asked-${one.code}" value=${key}
      .checked=${on} @change=${pick}>${name}</label>`;
}

function set(flow: ReportFlow, one: Attribute, value: string | string[]): void {
  const attributes = { ...flow.draft.attributes };
  if (value.length) attributes[one.code] = value;
  else delete attributes[one.code];
  flow.write({ attributes });
}
