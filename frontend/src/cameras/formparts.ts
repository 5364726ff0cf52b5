import { html, nothing, type TemplateResult } from "lit";
import { fault } from "./parts";

export interface FieldOf {
  name: string;
  label: string;
  value: unknown;
  set: (value: string) => void;
  type?: "text" | "number" | "password" | "url";
  unit?: string;
  hint?: string;
  wrong?: string;
  wide?: boolean;
  min?: number | null;
  max?: number | null;
  placeholder?: string;
}

/** One input with its label, its hint and what is wrong with it. */
export function field(f: FieldOf): TemplateResult {
  const id = `f-${f.name}`;
  return html`<div class="field ${f.wide ? "wide" : ""}"><label for=${id}>${f.label}</label>
    <span class=${f.unit ? "with-unit" : "plain-input"}><input id=${id} type=${f.type ?? "text"} step="any" autocomplete=${f.type === "password" ? "new-password" : "off"} .value=${String(f.value ?? "")}
      min=${f.min ?? nothing} max=${f.max ?? nothing} placeholder=${f.placeholder ?? ""} aria-invalid=${f.wrong ? "true" : nothing} aria-describedby=${f.hint ? `${id}-hint` : nothing}
      @input=${(event: Event) => f.set((event.target as HTMLInputElement).value)}>${f.unit ? html`<i>${f.unit}</i>` : nothing}</span>
    ${f.hint ? html`<small class="hint" id="${id}-hint">${f.hint}</small>` : nothing}${fault(f.wrong)}</div>`;
}

/** The words of a refusal for each field. */
export function faultsOf(error: unknown): Record<string, string> {
  const fields = (error as { details?: { fields?: Record<string, unknown> } })?.details?.fields ?? {};
  return Object.fromEntries(Object.entries(fields).map(([name, words]) => [name, Array.isArray(words) ? words.join(" ") : String(words)]));
}

/** A typed number, null where nothing is typed. */
export function numeric(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
