import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { dateTime, dayTime, number } from "../i18n/format";
import { loadValues, overrule, undoOverrule } from "./api";
import type { Value } from "./contract";
import { why } from "./floodmodel";
import { tell, type Said } from "./words";

const CHOICES = [1, 3, 4] as const;

/** The newest values with their flags, and a person's word on one of them, with a reason. */
export class OverrulePart extends IocElement {
  static override properties = { code: {}, parameter: {}, unit: {} };
  declare code: string;
  declare parameter: string;
  declare unit: string;
  private values: Value[] | null = null;
  private chosen: Value | null = null;
  private flag = 1;
  private note = "";
  private busy = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("code") && !changed.has("parameter")) return;
    this.values = null;
    this.chosen = null;
    this.note = "";
    if (this.querySelector("details")?.open) void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.values = await loadValues(this.code, this.parameter, new Date(serverNow()).toISOString());
    } catch (error) {
      this.note = tell("failed", { why: why(error) });
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    return html`<details class="overrule" @toggle=${(event: Event) => (event.target as HTMLDetailsElement).open && !this.values && void this.load()}>
      <summary>${tell("qualityOpen")}</summary>
      ${this.note ? html`<p class="overrule-note" role="status">${this.note}</p>` : nothing}
      ${this.chosen ? this.form(this.chosen) : nothing}
      ${this.values ? html`<table><caption class="visually-hidden">${tell("quality")}</caption><tbody>${this.values.map((each) => this.row(each))}</tbody></table>`
        : html`<p class="quiet">${tell("loading")}</p>`}</details>`;
  }

  private row(each: Value): TemplateResult {
    return html`<tr class=${each === this.chosen ? "chosen" : ""}><td title=${dateTime(each.time)}>${dayTime(each.time)}</td>
      <td class="num">${number(each.value, 2)} ${this.unit}</td><td><span class="flag flag-${each.flag}" title=${each.note}>${tell(`flag${each.flag}` as Said)}</span></td>
      <td>${each.overruled ? html`<button type="button" class="button small" ?disabled=${this.busy} @click=${() => void this.undo(each)}>${tell("undo")}</button>`
        : html`<button type="button" class="button small" @click=${() => this.pick(each)}>${tell("overrule")}</button>`}</td></tr>
      ${each.overruled ? html`<tr class="why"><td colspan="4"><small class="overruled">${this.told(each.overruled)}</small></td></tr>` : nothing}`;
  }

  private told({ by, at, reason }: NonNullable<Value["overruled"]>): string {
    return tell("reasonWas", { who: by, at: dateTime(at), reason });
  }

  private pick(each: Value | null): void {
    this.chosen = each;
    this.flag = each && each.flag < 3 ? 4 : 1;
    this.note = "";
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>("form input[name=reason]")?.focus());
  }

  private form(each: Value): TemplateResult {
    return html`<form @submit=${(event: Event) => void this.save(event, each)}>
      <p><b>${tell("overruleOf", { at: dateTime(each.time) })}</b>${each.note ? html`<small>${tell("whyFlag")}: ${each.note}</small>` : nothing}</p>
      <div role="radiogroup" aria-label=${tell("quality")}>${CHOICES.map((flag) => html`<label><input type="radio" name="flag" .checked=${flag === this.flag}
        @change=${() => (this.flag = flag)}><span class="flag flag-${flag}">${tell(`flag${flag}`)}</span></label>`)}</div>
      <label class="reason"><span>${tell("reason")}</span><input type="text" name="reason" required minlength="5" maxlength="300" placeholder=${tell("reasonHint")}></label>
      <p class="buttons"><button class="button small primary" ?disabled=${this.busy}>${tell("save")}</button>
        <button type="button" class="button small" @click=${() => this.pick(null)}>${tell("cancel")}</button></p></form>`;
  }

  private async save(event: Event, each: Value): Promise<void> {
    event.preventDefault();
    const reason = this.querySelector<HTMLInputElement>("form input[name=reason]")!.value.trim();
    await this.send(() => overrule(this.code, { parameter: this.parameter, time: each.time, flag: this.flag, reason }));
  }

  private async undo(each: Value): Promise<void> {
    await this.send(() => undoOverrule(this.code, { parameter: this.parameter, time: each.time }), "undone");
  }

  private async send(act: () => Promise<unknown>, said: Said = "saved"): Promise<void> {
    this.busy = true;
    this.requestUpdate();
    try {
      await act();
      this.chosen = null;
      this.note = tell(said);
      await this.load();
      this.dispatchEvent(new CustomEvent("done"));
    } catch (error) {
      this.note = tell("failed", { why: why(error) });
    }
    this.busy = false;
    this.requestUpdate();
  }
}

customElements.define("ioc-overrule", OverrulePart);
