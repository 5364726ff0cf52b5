import { html, nothing, type TemplateResult } from "lit";
import { HttpError } from "../common/http";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import * as api from "./api";
import type { Analysis } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type PlanModel } from "./model";
import { tell, type Said } from "./words";

const EVERY = ["", "hour", "day", "week"] as const;

/** Name, schedule, sharing, the wall: what becomes of an analysis. */
export class Saving extends IocElement {
  private analysis: Analysis | null = null;
  private problem = "";
  private busy = false;

  constructor(private readonly model: PlanModel) {
    super();
  }

  async open(): Promise<void> {
    const run = this.model.runs.run.value;
    if (!run) return;
    try {
      this.analysis = await api.analysis(run.analysis);
    } catch (error) {
      return this.model.say(reasonOf(error), "bad");
    }
    this.problem = "";
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector("dialog")?.showModal();
  }

  private close(): void {
    this.querySelector("dialog")?.close();
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const said = new FormData(form);
    const one = this.analysis!;
    this.busy = true;
    this.requestUpdate();
    try {
      await api.change(one, {
        name: String(said.get("name") ?? "").trim(), every: String(said.get("every") ?? "") as Analysis["every"],
        shared: said.has("shared"), on_wall: said.has("on_wall"),
      });
      await this.model.runs.loadAnalyses();
      this.close();
      this.model.say(tell("saved"), "good");
    } catch (error) {
      this.problem = reasonOf(error);
      // Somebody else saved meanwhile: the next try is of their version, what was typed is kept.
      if (error instanceof HttpError && error.status === 409) this.analysis = { ...one, version: (await api.analysis(one.id)).version };
    }
    this.busy = false;
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const one = this.analysis;
    return html`<dialog class="save-dialog" aria-label=${tell("saveTitle")}>${one ? html`<form @submit=${(event: SubmitEvent) => { event.preventDefault(); void this.save(event.target as HTMLFormElement); }}>
      <h2>${tell("saveTitle")}</h2><p class="quiet">${say(one.method.title)}</p>
      <label class="field">${tell("saveName")}<input name="name" maxlength="120" required autofocus .value=${one.name}></label>
      <label class="field">${tell("every")}<select name="every">${EVERY.map((every) => html`<option value=${every} ?selected=${every === one.every}>${tell(`every_${every}` as Said)}</option>`)}</select></label>
      <label class="tick"><input type="checkbox" name="shared" .checked=${one.shared}>${tell("shared")}</label>
      <label class="tick"><input type="checkbox" name="on_wall" .checked=${one.on_wall}>${tell("onWall")}</label>
      ${this.problem ? html`<p class="refused" role="alert">${glyph("warning")}${this.problem}</p>` : nothing}
      <div class="form-foot"><button type="submit" class="button primary" ?disabled=${this.busy}>${tell("save")}</button><button type="button" class="button" @click=${() => this.close()}>${tell("cancel")}</button></div></form>` : nothing}</dialog>`;
  }
}

customElements.define("ioc-plan-saving", Saving);
