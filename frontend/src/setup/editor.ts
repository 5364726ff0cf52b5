import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { HttpError, send } from "../common/http";
import { glyph } from "./icons";
import { NEW, reasonOf, ROOT, type SetupModel, type Tab } from "./model";
import { tell, type Said } from "./words";

type Options = readonly (readonly [value: string, title: string])[];
interface Look {
  hint?: string;
  unit?: string;
  wide?: boolean;
}

/**
 * A form on one thing that is set up. Edits a copy, keeps it while one looks elsewhere, shows the
 * server's words beside the field they are about, and loses nobody's work when two edit at once.
 */
export abstract class Editor<T extends { version: string }> extends IocElement {
  static override readonly properties = { model: { attribute: false }, key: { attribute: false } };
  declare model: SetupModel;
  declare key: string;
  protected draft!: T;
  protected faults: Record<string, string> = {};
  protected busy = false;
  /** What somebody else saved meanwhile. */
  private theirs: { message: string; version: string } | null = null;
  private of = "";
  private seen = "";

  protected abstract readonly tab: Tab;
  protected abstract original(): T | undefined;
  protected abstract blank(): T;
  protected abstract where(): { url: string; method: string };
  protected abstract body(): TemplateResult;
  protected abstract heading(): string;
  protected abstract keyOf(saved: T): string;

  protected get isNew(): boolean {
    return this.key === NEW;
  }

  private get place(): string {
    return `${this.tab}/${this.key}`;
  }

  protected get dirty(): boolean {
    return this.model.drafts.has(this.place);
  }

  protected override willUpdate(): void {
    const original = this.original();
    const fresh = this.of !== this.place;
    if (fresh) {
      this.of = this.place;
      this.faults = {};
      this.theirs = null;
      this.opened();
    }
    if (fresh || (!this.dirty && original && original.version !== this.seen)) {
      const kept = this.model.drafts.get(this.place) as T | undefined;
      this.draft = kept ?? structuredClone(original ?? this.blank());
      this.seen = this.draft.version;
    }
  }

  /** Called when another thing is opened in this form. */
  protected opened(): void {}

  /** Called after every change of the draft. */
  protected changed(): void {}

  protected set<K extends keyof T>(name: K, value: T[K]): void {
    this.draft = { ...this.draft, [name]: value };
    delete this.faults[String(name)];
    const same = JSON.stringify(this.draft) === JSON.stringify(this.original() ?? this.blank());
    this.model.keepDraft(this.place, same ? null : this.draft);
    this.changed();
    this.requestUpdate();
  }

  protected discard(): void {
    this.model.keepDraft(this.place, null);
    this.draft = structuredClone(this.original() ?? this.blank());
    this.faults = {};
    this.theirs = null;
    this.changed();
    if (this.isNew) this.model.open(this.tab);
    this.requestUpdate();
  }

  protected async save(version = this.draft.version): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.requestUpdate();
    const { url, method } = this.where();
    try {
      const saved = await send<T>(ROOT + url, { values: this.draft, version }, method);
      const name = this.heading();
      this.faults = {};
      this.theirs = null;
      await this.model.load();
      this.model.keepDraft(this.place, null);
      this.model.say(tell("saved", { name }));
      this.seen = "";
      this.model.open(this.tab, this.keyOf(saved));
    } catch (error) {
      this.refused(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  private refused(error: unknown): void {
    const details = error instanceof HttpError ? error.details : {};
    const now = details.now as { version?: string } | undefined;
    if (error instanceof HttpError && error.status === 409 && now?.version) {
      this.theirs = { message: error.message, version: now.version };
      void this.model.load().catch(() => undefined);
      return;
    }
    this.faults = (details.fields as Record<string, string> | undefined) ?? {};
    this.model.say(reasonOf(error), "bad");
    void this.updateComplete.then(() => this.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }

  override render(): TemplateResult {
    return html`<form class="editor" novalidate aria-label=${this.heading()}
      @submit=${(event: Event) => { event.preventDefault(); void this.save(); }}>
      <header class="form-head">
        <a class="icon-button narrow-only" href="#/${this.tab}" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1>${this.heading() || tell("unnamed")}</h1>
        ${this.dirty ? html`<span class="tag dashed">${tell("unsaved")}</span>` : nothing}
        <span class="spacer"></span>
        ${this.dirty || this.isNew ? html`<button type="button" class="button plain" ?disabled=${this.busy}
          @click=${() => this.discard()}>${tell("discard")}</button>` : nothing}
        <button class="button primary" ?disabled=${this.busy || !(this.dirty || this.isNew)}>${glyph("check")}${tell(this.busy ? "saving" : "save")}</button>
      </header>
      ${this.theirs ? html`<div class="notice warn" role="alert">${glyph("warning")}<p>${this.theirs.message}</p>
        <button type="button" class="button small" @click=${() => this.discard()}>${tell("takeTheirs")}</button>
        <button type="button" class="button small" @click=${() => void this.save(this.theirs!.version)}>${tell("keepMine")}</button></div>` : nothing}
      ${this.body()}
    </form>`;
  }

  // -- fields ------------------------------------------------------------------------------------

  /** A control with its name above, and below what is wrong with it or a hint. */
  protected field(name: string, label: string, control: TemplateResult, look: Look = {}): TemplateResult {
    const fault = this.faults[name];
    return html`<div class="field ${look.wide ? "wide" : ""}">
      <label for="f-${name}">${label}</label>${control}
      ${fault ? html`<p class="fault" id="e-${name}">${glyph("alert")}${fault}</p>`
        : look.hint ? html`<p class="hint" id="e-${name}">${look.hint}</p>` : nothing}</div>`;
  }

  protected wrong(name: string): "true" | typeof nothing {
    return this.faults[name] ? "true" : nothing;
  }

  protected text(name: keyof T & string, label: Said, most = 120, look: Look = {}): TemplateResult {
    return this.field(name, tell(label), html`<input id="f-${name}" type="text" maxlength=${most}
      .value=${String(this.draft[name] ?? "")} aria-invalid=${this.wrong(name)} aria-describedby="e-${name}"
      @input=${(event: Event) => this.set(name, (event.target as HTMLInputElement).value as T[typeof name])}>`, look);
  }

  protected area(name: keyof T & string, label: Said, look: Look = {}): TemplateResult {
    return this.field(name, tell(label), html`<textarea id="f-${name}" rows="2" maxlength="2000"
      .value=${String(this.draft[name] ?? "")} aria-invalid=${this.wrong(name)} aria-describedby="e-${name}"
      @input=${(event: Event) => this.set(name, (event.target as HTMLTextAreaElement).value as T[typeof name])}></textarea>`, look);
  }

  /** A number; `scale` is what one unit on screen is in the value (percent: 0.01). */
  protected number(name: keyof T & string, label: Said, look: Look & { step?: number; scale?: number } = {}): TemplateResult {
    const scale = look.scale ?? 1;
    const shown = Math.round((Number(this.draft[name]) / scale) * 1e6) / 1e6;
    return this.field(name, tell(label), html`<span class="with-unit"><input id="f-${name}" type="number"
      step=${look.step ?? 0.5} min="0" .value=${Number.isFinite(shown) ? String(shown) : ""} inputmode="decimal"
      aria-invalid=${this.wrong(name)} aria-describedby="e-${name}"
      @change=${(event: Event) => this.set(name, ((event.target as HTMLInputElement).valueAsNumber * scale) as T[typeof name])}>
      ${look.unit ? html`<i>${look.unit}</i>` : nothing}</span>`, look);
  }

  protected choice(name: keyof T & string, label: Said, options: Options, look: Look = {}): TemplateResult {
    const value = String(this.draft[name] ?? "");
    return this.field(name, tell(label), html`<select id="f-${name}" aria-invalid=${this.wrong(name)}
      aria-describedby="e-${name}" @change=${(event: Event) => this.set(name, ((event.target as HTMLSelectElement).value || null) as T[typeof name])}>
      ${options.map(([code, title]) => html`<option value=${code} ?selected=${code === value}>${title}</option>`)}</select>`, look);
  }

  protected toggle(name: keyof T & string, label: Said, hint = ""): TemplateResult {
    const fault = this.faults[name];
    return html`<div class="field wide"><label class="switch-row"><input type="checkbox" role="switch" class="switch"
      .checked=${Boolean(this.draft[name])} aria-invalid=${this.wrong(name)}
      @change=${(event: Event) => this.set(name, (event.target as HTMLInputElement).checked as T[typeof name])}>
      <span><b>${tell(label)}</b>${hint ? html`<small>${hint}</small>` : nothing}</span></label>
      ${fault ? html`<p class="fault">${glyph("alert")}${fault}</p>` : nothing}</div>`;
  }
}

/** Words as chips with a box to add more: Enter or a comma adds, Backspace takes the last one. */
export function tags(id: string, words: readonly string[], put: (words: string[]) => void, placeholder: string): TemplateResult {
  const add = (box: HTMLInputElement) => {
    const more = box.value.split(",").map((word) => word.trim()).filter(Boolean);
    box.value = "";
    if (more.length) put([...new Set([...words, ...more])]);
  };
  const press = (event: KeyboardEvent) => {
    const box = event.target as HTMLInputElement;
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add(box);
    } else if (event.key === "Backspace" && !box.value && words.length) put(words.slice(0, -1));
  };
  return html`<div class="tags">${words.map((word) => html`<span class="chip-word">${word}<button type="button"
    aria-label=${tell("removeWord", { word })} @click=${() => put(words.filter((one) => one !== word))}>${glyph("x")}</button></span>`)}
    <input id=${id} type="text" maxlength="60" placeholder=${placeholder} aria-describedby="e-${id.replace(/^f-/, "")}"
      @keydown=${press} @change=${(event: Event) => add(event.target as HTMLInputElement)}></div>`;
}
