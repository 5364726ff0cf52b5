import { html, nothing, type TemplateResult } from "lit";
import type { Field, LayerInfo } from "../common/contract";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { distance, number } from "../i18n/format";
import type { Term } from "./contract";
import { glyph } from "./icons";
import type { PlanModel } from "./model";
import { tell, type Said } from "./words";

type Kind = "condField" | "condNear" | "condWithout" | "condMeets" | "condSees" | "condClock" | "condSearch";
const KINDS: Kind[] = ["condField", "condNear", "condWithout", "condMeets", "condSees", "condClock", "condSearch"];
const SIGNS: Record<string, string> = { "=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥" };
const DAYS: [string, string][] = [["T2", "Mon"], ["T3", "Tue"], ["T4", "Wed"], ["T5", "Thu"], ["T6", "Fri"], ["T7", "Sat"], ["CN", "Sun"]];
const NEAR_M = 100;

/** What else must hold, stacked as chips with words; each can be turned round or dropped. */
export class Conditions extends IocElement {
  private adding = false;
  private kind: Kind = "condField";
  private field = "";

  constructor(private readonly model: PlanModel) {
    super();
    this.uses(model.question);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const terms = model.terms();
    return html`<ul class="chips">${terms.map((term, n) => html`<li class="chip"><button type="button" class="chip-words" title=${tell("negate")} @click=${() => this.turn(n)}>${wordsOf(model, model.focus, term)}</button>
        <button type="button" class="icon-button tiny" aria-label="${tell("remove")}: ${wordsOf(model, model.focus, term)}" @click=${() => model.setTerms(terms.filter((_, at) => at !== n))}>${glyph("x")}</button></li>`)}
      <li><button type="button" class="chip add" aria-expanded=${String(this.adding)} @click=${() => this.toggle()}>${glyph("plus")}${tell("addCondition")}</button></li></ul>
      ${this.adding ? this.form() : nothing}`;
  }

  private toggle(): void {
    this.adding = !this.adding;
    this.requestUpdate();
  }

  private turn(at: number): void {
    this.model.setTerms(this.model.terms().map((term, n) => (n !== at ? term : term.op === "not" ? (term.term as Term) : { op: "not", term })));
  }

  private add(term: Term): void {
    this.adding = false;
    this.model.setTerms([...this.model.terms(), term]);
    this.requestUpdate();
  }

  private form(): TemplateResult {
    const { layer } = this.model.question.value;
    const kinds = KINDS.filter((kind) => (kind !== "condClock" || this.model.timed(layer)) && (kind !== "condSees" || this.model.reaches(layer)));
    if (!kinds.includes(this.kind)) this.kind = "condField";
    return html`<form class="cond-form" @submit=${(event: SubmitEvent) => { event.preventDefault(); this.submit(event.target as HTMLFormElement); }}>
      <select name="kind" aria-label=${tell("condKind")} @change=${(event: Event) => { this.kind = (event.target as HTMLSelectElement).value as Kind; this.requestUpdate(); }}>
        ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${tell(kind)}</option>`)}</select>
      ${this.kind === "condField" ? this.fieldForm() : this.kind === "condClock" ? this.clockForm()
        : this.kind === "condSearch" ? html`<input name="text" required maxlength="200" aria-label=${tell("condSearch")}>` : this.nearForm(this.kind === "condNear" || this.kind === "condWithout")}
      <div class="form-foot"><button type="submit" class="button small primary">${tell("apply")}</button><button type="button" class="button small" @click=${() => this.toggle()}>${tell("cancel")}</button></div></form>`;
  }

  private get fields(): Field[] {
    return this.model.focus.fields.filter((field) => field.type !== "time" && field.name !== "icon");
  }

  private fieldForm(): TemplateResult {
    const field = this.fields.find((one) => one.name === this.field) ?? this.fields[0];
    if (!field) return html`<p class="hint">${tell("none")}</p>`;
    return html`<select name="field" aria-label=${tell("condField")} @change=${(event: Event) => { this.field = (event.target as HTMLSelectElement).value; this.requestUpdate(); }}>
        ${this.fields.map((one) => html`<option value=${one.name} ?selected=${one === field}>${say(one.title)}</option>`)}</select>
      ${field.type === "choice" ? html`<div class="ticks">${field.choices.map((choice) => html`<label><input type="checkbox" name="value" value=${choice.value}>${say(choice.title)}</label>`)}</div>`
        : field.type === "bool" ? html`<select name="value" aria-label=${tell("value")}><option value="true">${tell("yes")}</option><option value="false">${tell("no")}</option></select>`
        : field.type === "number" ? html`<div class="pair"><select name="op" aria-label=${tell("op")}>${Object.entries(SIGNS).map(([op, sign]) => html`<option value=${op} ?selected=${op === ">="}>${sign}</option>`)}</select>
            <input type="number" name="value" step="any" required aria-label="${tell("value")} ${field.unit}"></div>`
        : html`<input name="value" required maxlength="200" aria-label="${say(field.title)}: ${tell("opHas")}" placeholder=${tell("opHas")}>`}`;
  }

  /** Another layer; `metres`: and how far it may be. */
  private nearForm(metres: boolean): TemplateResult {
    const others = this.model.catalogue.layers.filter((layer) => layer.slug !== this.model.question.value.layer);
    return html`<select name="layer" aria-label=${tell("layer")}>${others.map((layer) => html`<option value=${layer.slug}>${say(layer.title)}</option>`)}</select>
      ${metres ? html`<label class="inline"><input type="number" name="metres" min="0" max="200000" step="any" .value=${String(NEAR_M)} required aria-label=${tell("metres")}>${tell("metres")}</label>` : nothing}`;
  }

  private clockForm(): TemplateResult {
    const at = document.documentElement.lang === "en" ? 1 : 0;
    return html`<div class="ticks days">${DAYS.map((names, n) => html`<label><input type="checkbox" name="day" value=${n + 1}>${names[at]}</label>`)}</div>
      <div class="pair"><label>${tell("from")}<input type="number" name="h0" min="0" max="23"></label><label>${tell("to")}<input type="number" name="h1" min="0" max="23"></label></div>`;
  }

  private submit(form: HTMLFormElement): void {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "");
    if (this.kind === "condSearch") return this.add({ op: "search", text: text("text") });
    if (this.kind === "condNear" || this.kind === "condWithout") {
      const near = { op: "near", layer: text("layer"), metres: Number(text("metres")) };
      return this.add(this.kind === "condNear" ? near : { op: "not", term: near });
    }
    const meets: Term = { op: "meets", layer: text("layer") };
    if (this.kind === "condMeets") return this.add(meets);
    if (this.kind === "condSees") return this.add({ op: "reach", term: meets });
    if (this.kind === "condClock") {
      const weekdays = said.getAll("day").map(Number);
      const hours = hoursOf(text("h0"), text("h1"));
      if (weekdays.length || hours.length) this.add({ op: "clock", ...(weekdays.length && { weekdays }), ...(hours.length && { hours }) });
      return;
    }
    const field = this.fields.find((one) => one.name === text("field"));
    if (!field) return;
    const { name } = field;
    if (field.type === "choice") {
      const values = said.getAll("value").map(String);
      if (values.length) this.add(values.length === 1 ? { op: "=", field: name, value: values[0] } : { op: "in", field: name, values });
    } else if (field.type === "bool") this.add({ op: "=", field: name, value: text("value") === "true" });
    else if (field.type === "number") this.add({ op: text("op"), field: name, value: Number(text("value")) });
    else this.add({ op: "contains-text", field: name, text: text("value") });
  }
}

/** Whole hours from one to another, over midnight too. */
function hoursOf(from: string, to: string): number[] {
  if (from === "" && to === "") return [];
  const [a, b] = [Number(from || 0), Number(to || 23)];
  return Array.from({ length: ((b - a + 24) % 24) + 1 }, (_, n) => (a + n) % 24);
}

/** One condition in words. */
export function wordsOf(model: PlanModel, layer: LayerInfo, term: Term): string {
  const inner = term.term as Term | undefined;
  if (term.op === "not" && inner?.op === "near") return nearWords(model, inner, "without");
  if (term.op === "not" && inner) return tell("isNot", { what: wordsOf(model, layer, inner) });
  if (term.op === "near") return nearWords(model, term, "near");
  if (term.op === "meets") return tell("meets", { layer: titleOf(model, String(term.layer)) });
  if (term.op === "reach") return tell("sees", { layer: titleOf(model, String(inner?.layer ?? "")) });
  if (term.op === "search") return tell("hasWords", { text: String(term.text) });
  if (term.op === "and" || term.op === "or") return (term.terms as Term[]).map((one) => wordsOf(model, layer, one)).join(term.op === "and" ? " ∧ " : " ∨ ");
  if (term.op === "clock") return clockWords(term);
  const field = layer.fields.find((one) => one.name === term.field);
  const name = field ? say(field.title) : String(term.field ?? term.op);
  const value = (one: unknown): string => {
    const choice = field?.choices.find((each) => each.value === one);
    if (choice) return say(choice.title);
    if (typeof one === "boolean") return tell(one ? "yes" : "no");
    return typeof one === "number" ? `${number(one)}${field?.unit ? ` ${field.unit}` : ""}` : String(one);
  };
  if (term.op === "in") return `${name}: ${(term.values as unknown[]).map(value).join(", ")}`;
  if (term.op === "contains-text") return `${name} ${tell("opHas")} “${String(term.text)}”`;
  if (term.op === "between") return `${name} ${value(term.low)} – ${value(term.high)}`;
  if (term.op === "empty") return `${name} ${tell("isEmpty")}`;
  return term.op === "=" ? `${name}: ${value(term.value)}` : `${name} ${SIGNS[term.op] ?? term.op} ${value(term.value)}`;
}

function nearWords(model: PlanModel, term: Term, word: Said & ("near" | "without")): string {
  return tell(word, { layer: titleOf(model, String(term.layer)), m: distance(Number(term.metres)) });
}

function titleOf(model: PlanModel, slug: string): string {
  const other = model.layer(slug);
  return other ? say(other.title).toLowerCase() : slug;
}

function clockWords(term: Term): string {
  const at = document.documentElement.lang === "en" ? 1 : 0;
  const days = ((term.weekdays as number[]) ?? []).map((n) => DAYS[n - 1]![at]).join(", ");
  const hours = (term.hours as number[]) ?? [];
  const span = hours.length ? `${hours[0]}h–${hours.at(-1)! + 1}h` : "";
  return [days, span].filter(Boolean).join(" · ");
}

customElements.define("ioc-plan-conditions", Conditions);
