import { uuid } from "../common/uuid";
import { html, nothing, type TemplateResult } from "lit";
import { shrink } from "../citizen/shrink";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { say } from "../i18n";
import { dateTime } from "../i18n/format";
import * as api from "./api";
import type { Case, Fields, MoveResult, MoveSpec, Need } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type DeskModel } from "./model";
import { CLEANING, field, MOST_WORDS, type FormContext, type PartDraft, type PhotoDraft } from "./needs";
import { tell } from "./words";

const WRITTEN = new Set(["words", "note", "text"]);

/** One move's form: its fields, what is wrong with them, and what became of it. */
export class MoveForm extends IocElement {
  onDone: () => void = () => undefined;
  private key = uuid();
  private busy = false;
  private problems: Record<string, string> = {};
  private problem = "";
  private stale: MoveResult | null = null;
  private refused: MoveResult[] = [];
  private photos: PhotoDraft[] = [];
  private fields: Fields;

  constructor(
    private readonly model: DeskModel, readonly move: string, readonly spec: MoveSpec,
    private readonly targets: () => api.Target[], private readonly file: () => Case | null,
  ) {
    super();
    const kept = `${this.file()?.code ?? "selection"}/${move}`;
    this.fields = { ...this.defaults(), ...model.drafts.get(kept) };
    model.drafts.set(kept, this.fields);
    this.uses(model.file);
  }

  private defaults(): Fields {
    const file = this.file();
    const fields: Fields = {};
    for (const need of this.spec.needs) {
      if (need.name === "words" && CLEANING.has(this.move)) fields[need.name] = file?.words_public || file?.words || "";
      if (need.type === "category") fields[need.name] = file?.category.code ?? "";
      if (need.type === "bool" && need.name === "emergency") fields[need.name] = file?.emergency ?? false;
      if (need.type === "officer") {
        const me = file?.officers.find((one) => one.name === this.model.home.value?.me.name);
        if (me && me.name !== file?.officer) fields[need.name] = String(me.id);
      }
      if (need.type === "parts") {
        const part: PartDraft = { category: file?.category.code ?? "", agency: file?.agency?.code ?? "", words: "" };
        fields[need.name] = [part, { ...part, agency: "" }];
      }
    }
    return fields;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override firstUpdated(): void {
    this.querySelector<HTMLElement>("textarea, select, input:not([type=file]), .primary")?.focus({ preventScroll: true });
  }

  private set = (name: string, value: unknown): void => {
    this.fields[name] = value;
    delete this.problems[name];
    this.requestUpdate();
  };

  private addPhotos = (name: string, files: FileList): void => {
    for (const file of files) void this.upload(name, file);
  };

  private async upload(name: string, file: File): Promise<void> {
    const photo: PhotoDraft = { url: URL.createObjectURL(file), name: "", state: "sending" };
    this.photos.push(photo);
    this.requestUpdate();
    try {
      const [kept] = await api.addPhotos(this.file()!.code, [await shrink(file)]);
      Object.assign(photo, { name: kept!.name, state: "sent" });
      this.set(name, this.sent());
    } catch (error) {
      photo.state = "failed";
      this.problems[name] = error instanceof HttpError ? reasonOf(error) : tell("photoFailed");
    }
    this.requestUpdate();
  }

  private sent(): string[] {
    return this.photos.filter((photo) => photo.state === "sent").map((photo) => photo.name);
  }

  private dropPhoto = (name: string, photo: PhotoDraft): void => {
    this.photos = this.photos.filter((one) => one !== photo);
    URL.revokeObjectURL(photo.url);
    this.set(name, this.sent());
  };

  private missing(need: Need): boolean {
    const value = this.fields[need.name];
    if (need.type === "parts") return ((value as PartDraft[]) ?? []).some((part) => !part.category || !part.agency || !part.words.trim());
    return need.required && (value === undefined || value === "" || (Array.isArray(value) && !value.length));
  }

  /** True where every field may be sent; else the fields say what they lack. */
  private check(): boolean {
    this.problems = {};
    for (const need of this.spec.needs) {
      if (this.missing(need)) this.problems[need.name] = tell(need.type === "parts" ? "partNeeds" : "fillThis");
      else if (WRITTEN.has(need.type) && String(this.fields[need.name] ?? "").length > MOST_WORDS) {
        this.problems[need.name] = tell("over_chars", { n: String(this.fields[need.name]).length - MOST_WORDS });
      }
    }
    if (this.photos.some((photo) => photo.state === "sending")) this.problem = tell("photoUploading");
    return !Object.keys(this.problems).length && !this.photos.some((photo) => photo.state === "sending");
  }

  private cleaned(): Fields {
    const sent: Fields = {};
    for (const need of this.spec.needs) {
      const value = this.fields[need.name];
      if (value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
      sent[need.name] = need.type === "officer" ? Number(value) : typeof value === "string" ? value.trim() : value;
    }
    return sent;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    this.problem = "";
    if (!this.check()) {
      this.requestUpdate();
      await this.updateComplete;
      this.querySelector<HTMLElement>(".wrong :is(textarea, select, input)")?.focus();
      return;
    }
    this.busy = true;
    this.requestUpdate();
    try {
      const { results } = await this.model.act(this.move, this.targets(), this.cleaned(), this.key);
      this.key = uuid();
      this.took(results);
    } catch (error) {
      // Not reached: the same key again, so that what did arrive is not done twice.
      if (!(error instanceof HttpError) || error.status !== 0) this.key = uuid();
      const fields = error instanceof HttpError ? (error.details.fields as Record<string, string>) : null;
      if (fields) this.problems = fields;
      this.problem = reasonOf(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  private took(results: MoveResult[]): void {
    const failed = results.filter((result) => !result.ok);
    this.stale = failed.find((result) => result.error?.code === "stale") ?? null;
    if (!failed.length) {
      this.model.drafts.delete(`${this.file()?.code ?? "selection"}/${this.move}`);
      this.onDone();
      return;
    }
    this.refused = results.length > 1 ? failed : [];
    const first = failed[0]!.error;
    this.problems = first?.fields ?? {};
    this.problem = this.stale && results.length === 1 ? "" : results.length > 1
      ? tell("someFailed", { n: failed.length }) : first?.message ?? "";
  }

  protected override render(): TemplateResult {
    const home = this.model.home.value!;
    const file = this.file();
    const ctx: FormContext = {
      id: `${file ? "case" : "many"}-${this.move}`, home, file, fields: this.fields, problems: this.problems, photos: this.photos,
      set: this.set, addPhotos: this.addPhotos, dropPhoto: this.dropPhoto,
      cleaning: CLEANING.has(this.move) && file !== null,
      alone: this.move === "ask_reporter",
      reasons: home.reasons[this.move] ?? [],
    };
    const gone = this.stale !== null && file !== null && !file.can.includes(this.move);
    return html`<form class="move-form" data-move=${this.move} novalidate @submit=${(event: Event) => void this.submit(event)}>
      <h3>${glyph(this.move)}${say(this.spec.title)}</h3>
      ${this.staleNote(gone)}
      ${this.spec.needs.map((need) => (need.type === "photos" && !file ? nothing : field(need, ctx)))}
      ${this.spec.undoable ? nothing : html`<p class="confirm">${glyph("alert")}${tell("noUndo")}</p>`}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.refused.length ? html`<ul class="refused">${this.refused.map((one) => html`<li><b class="code">${one.code}</b> ${one.error?.message}</li>`)}</ul>` : nothing}
      <div class="form-foot">
        <button type="submit" class="button ${this.spec.tone === "bad" ? "danger" : "primary"}" ?disabled=${this.busy || gone}>
          ${this.busy ? tell("doing") : this.stale ? tell("sendAgain") : say(this.spec.title)}</button>
        <button type="button" class="button plain" @click=${() => this.onDone()}>${tell("cancel")}</button></div></form>`;
  }

  private staleNote(gone: boolean): TemplateResult | typeof nothing {
    const error = this.stale?.error;
    if (!error || this.refused.length) return nothing;
    const who = error.who ?? error.by;
    return html`<div class="stale" role="alert"><b>${tell("staleTitle")}</b>
      <p>${who && error.at ? tell("staleWho", { who, at: dateTime(error.at), what: say(error.what) }) : error.message}</p>
      <p>${tell(gone ? "staleGone" : "staleHint")}</p></div>`;
  }
}

customElements.define("ioc-move-form", MoveForm);
