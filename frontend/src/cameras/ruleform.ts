import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import type { Asked, RuleData, RuleKind } from "./contract";
import { numeric } from "./formparts";
import { glyph } from "./icons";
import { className, fault } from "./parts";
import { tell } from "./words";

const CLASSES = ["person", "bicycle", "motorcycle", "car", "bus", "truck", "moving"];
const PLAIN = new Set(["name", "line", "zone", "arrow", "lamp", "classes", "wrong", "direction", "seconds", "people", "limit_kmh", "at_least", "measure", "scene", "signal"]);

export interface FormOf {
  rule: RuleData;
  kind: RuleKind;
  wrong: { field: string; words: string } | null;
  set: (name: string, value: unknown) => void;
  draw: (asked: Asked) => void;
  drawing: string;
}

/** A form made of what the server says that a kind of rule asks. */
export function ruleForm(f: FormOf): TemplateResult {
  const usual = f.kind.fields.filter((asked) => PLAIN.has(asked.name));
  const rest = f.kind.fields.filter((asked) => !PLAIN.has(asked.name));
  const open = rest.some((asked) => asked.name === f.wrong?.field);
  return html`<div class="rule-form"><p class="hint">${say(f.kind.help)}${f.kind.experimental ? html` <span class="tag dashed">${tell("experimental")}</span>` : nothing}</p>
    ${f.kind.needs_control_points ? html`<p class="notice">${glyph("crosshair")}<span>${tell("needsCalibration")}</span></p>` : nothing}
    ${usual.map((asked) => input(f, asked))}
    ${rest.length ? html`<details class="more" ?open=${open}><summary>${tell("fineSettings")}</summary>${rest.map((asked) => input(f, asked))}</details>` : nothing}
    ${f.wrong && !f.kind.fields.some((asked) => asked.name === f.wrong!.field) ? fault(f.wrong.words) : nothing}</div>`;
}

function input(f: FormOf, asked: Asked): TemplateResult {
  const id = `r-${asked.name}`;
  const wrong = f.wrong?.field === asked.name ? f.wrong.words : "";
  const value = f.rule[asked.name] ?? asked.default;
  const help = say(asked.help);
  const around = (body: TemplateResult, labelled = true) => html`<div class="field">${labelled ? html`<label for=${id}>${say(asked.title)}</label>` : nothing}${body}
    ${help && asked.type !== "line" ? html`<small class="hint">${help}</small>` : nothing}${fault(wrong)}</div>`;
  switch (asked.type) {
    case "line": case "zone": return around(place(f, asked), false);
    case "choice": return around(html`<select id=${id} aria-invalid=${wrong ? "true" : nothing} @change=${(event: Event) => f.set(asked.name, (event.target as HTMLSelectElement).value)}>
      ${value === null || value === undefined ? html`<option value="" selected disabled>${tell("choose")}</option>` : nothing}
      ${asked.choices.map((one) => html`<option value=${one.value} ?selected=${one.value === value}>${say(one.title)}</option>`)}</select>`);
    case "classes": return around(classes(f, asked, (value as string[] | null) ?? []), true);
    case "boolean": return around(html`<label class="switch-row"><input id=${id} type="checkbox" class="switch" role="switch" .checked=${Boolean(value)}
      @change=${(event: Event) => f.set(asked.name, (event.target as HTMLInputElement).checked)}><span>${say(asked.title)}</span></label>`, false);
    case "number": case "integer": return around(html`<span class=${asked.unit ? "with-unit" : "plain-input"}><input id=${id} type="number" step=${asked.type === "integer" ? 1 : "any"}
      min=${asked.min ?? nothing} max=${asked.max ?? nothing} .value=${String(value ?? "")} aria-invalid=${wrong ? "true" : nothing}
      @input=${(event: Event) => f.set(asked.name, numeric((event.target as HTMLInputElement).value) ?? asked.default)}>${asked.unit ? html`<i>${asked.unit}</i>` : nothing}</span>`);
    default: return around(html`<input id=${id} type="text" maxlength=${asked.name === "name" ? 40 : 80} .value=${String(value ?? "")} aria-invalid=${wrong ? "true" : nothing}
      @input=${(event: Event) => f.set(asked.name, (event.target as HTMLInputElement).value)}>`);
  }
}

function place(f: FormOf, asked: Asked): TemplateResult {
  const drawn = Array.isArray(f.rule[asked.name]) && (f.rule[asked.name] as unknown[]).length > 0;
  const now = f.drawing === asked.name;
  const turn = () => { const [a, b, c, d] = f.rule[asked.name] as number[]; f.set(asked.name, [c, d, a, b]); };
  return html`<div class="place ${drawn ? "" : "todo"}"><span>${glyph(drawn ? "check" : "draw")}<b>${say(asked.title)}</b>
      ${drawn ? nothing : html`<small>${tell(asked.required ? "notDrawn" : "mayBeLeft")}</small>`}</span>
    ${drawn && asked.type === "line" ? html`<button type="button" class="button small" @click=${turn}>${glyph("retry")}${tell("turnRound")}</button>` : nothing}
    ${drawn && !asked.required ? html`<button type="button" class="icon-button tiny" aria-label=${tell("removeShape", { name: say(asked.title) })} @click=${() => f.set(asked.name, undefined)}>${glyph("trash")}</button>` : nothing}
    <button type="button" class="button small ${drawn ? "" : "primary"}" aria-pressed=${now} @click=${() => f.draw(asked)}>${glyph("draw")}${tell(drawn ? "redraw" : "draw")}</button></div>`;
}

function classes(f: FormOf, asked: Asked, chosen: string[]): TemplateResult {
  const toggle = (one: string) => f.set(asked.name, chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one]);
  return html`<div class="pills" id="r-${asked.name}" role="group" aria-label=${say(asked.title)}>${[...new Set([...CLASSES, ...chosen])].map((one) => html`<button type="button" class="pill" aria-pressed=${chosen.includes(one)} @click=${() => toggle(one)}>${className(one)}</button>`)}</div>`;
}
