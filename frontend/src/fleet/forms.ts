import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { uuid } from "../common/uuid";
import { say } from "../i18n";
import * as api from "./api";
import { glyph } from "./icons";
import { reasonOf, type FleetModel } from "./model";
import { CITY_AHEAD_S } from "./past";
import { tell, wordOf } from "./words";

const KINDS = ["departure", "arrival"] as const;
type Form = "" | "declare" | "note";

/** What an officer writes down of a vessel: a departure or arrival, and notes. A refusal keeps what was typed. */
export class VesselForms extends IocElement {
  private form: Form = "";
  private of = "";
  private key = "";
  private busy = false;
  private refusal = "";

  constructor(private readonly model: FleetModel) {
    super();
    this.uses(model.open, model.places.ports);
  }

  private start(form: Form): void {
    this.form = this.form === form ? "" : form;
    this.key = uuid();
    this.refusal = "";
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>("form :is(select, textarea)")?.focus());
  }

  private async send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const said = new FormData(event.target as HTMLFormElement);
    const words = (name: string): string => String(said.get(name) ?? "").trim();
    const id = this.model.open.value;
    this.busy = true;
    this.refusal = "";
    this.requestUpdate();
    try {
      if (this.form === "note") await api.addNote(id, words("words"));
      else {
        await api.declare({
          vessel: Number(id), kind: words("kind"), port: words("port"), at: `${words("at")}:00${cityOffset()}`,
          crew: words("crew") ? Number(words("crew")) : null, note: words("note"), key: this.key,
        });
      }
      this.model.say(tell(this.form === "note" ? "noteDone" : "declareDone"), "good");
      this.form = "";
      await this.model.loadFile(true);
    } catch (error) {
      this.refusal = error instanceof HttpError && error.status === 0 ? tell("noAnswer") : reasonOf(error);
    } finally {
      this.busy = false;
      this.requestUpdate();
    }
  }

  protected override render(): TemplateResult {
    if (this.of !== this.model.open.value) {
      this.of = this.model.open.value;
      this.form = "";
      this.refusal = "";
    }
    const button = (form: Form, icon: Parameters<typeof glyph>[0], label: string) => html`<button type="button" class="button small" data-form=${form}
      aria-expanded=${this.form === form} @click=${() => this.start(form)}>${glyph(icon)}${label}</button>`;
    return html`<section class="file-forms"><div class="moves">${button("declare", "anchor", tell("declare"))}${button("note", "file", tell("addNote"))}</div>
      ${this.form === "" ? nothing : html`<form class="stage-form" @submit=${(event: SubmitEvent) => void this.send(event)}>
        ${this.form === "note" ? this.note() : this.declaration()}
        ${this.refusal ? html`<p class="refused" role="alert">${glyph("warning")}<span>${this.refusal}</span></p>` : nothing}
        <div class="form-foot"><button type="submit" class="button small primary" ?disabled=${this.busy}>${tell(this.busy ? "sending" : "record")}</button>
          <button type="button" class="button small" @click=${() => this.start("")}>${tell("cancel")}</button><span class="quiet">${tell("recordHint")}</span></div></form>`}</section>`;
  }

  private note(): TemplateResult {
    return html`<label class="field"><span>${tell("noteWords")}</span><textarea name="words" rows="3" maxlength="2000" required></textarea></label>`;
  }

  private declaration(): TemplateResult {
    const now = new Date(serverNow() + CITY_AHEAD_S * 1000).toISOString().slice(0, 16);
    return html`<div class="form-two">
        <label class="field"><span>${tell("declareKind")}</span><select name="kind">${KINDS.map((kind) => html`<option value=${kind}>${wordOf(kind)}</option>`)}</select></label>
        <label class="field"><span>${tell("port")}</span><select name="port" required>${this.model.places.ports.value.map((port) => html`<option value=${port.code}>${say(port.name)}</option>`)}</select></label>
        <label class="field"><span>${tell("declareAt")}</span><input type="datetime-local" name="at" .defaultValue=${now} required></label>
        <label class="field"><span>${wordOf("crew")}</span><input type="number" name="crew" min="0" max="500" inputmode="numeric"></label></div>
      <label class="field"><span>${tell("declareNote")}</span><textarea name="note" rows="2" maxlength="500"></textarea></label>`;
  }
}

function cityOffset(): string {
  return `+${String(CITY_AHEAD_S / 3_600).padStart(2, "0")}:00`;
}

customElements.define("ioc-vessel-forms", VesselForms);
