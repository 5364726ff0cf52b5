import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { glyph } from "./icons";
import { reasonOf } from "./model";
import { fault } from "./parts";
import { tell } from "./words";

const LEAST_WORDS = 5;

/** Asks why, then shows a clear picture; it says that the view is recorded. */
export class ClearView extends IocElement {
  static override properties = { fetch: { attribute: false }, of: {} };
  declare fetch: (reason: string) => Promise<string>;
  declare of: string;
  private reason = "";
  private shown = "";
  private wrong = "";
  private busy = false;
  private open = false;
  private was = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => this.close());
  }

  protected override willUpdate(): void {
    if (this.was === this.of) return;
    this.was = this.of;
    this.close();
  }

  private close(): void {
    if (this.shown) URL.revokeObjectURL(this.shown);
    this.shown = this.reason = this.wrong = "";
    this.open = false;
    this.requestUpdate();
  }

  private async show(): Promise<void> {
    this.busy = true;
    this.wrong = "";
    this.requestUpdate();
    try {
      this.shown = await this.fetch(this.reason.trim());
    } catch (error) {
      this.wrong = reasonOf(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    if (this.shown) return html`<figure class="clear-shown"><img src=${this.shown} alt=${tell("clearPicture")}>
      <figcaption>${glyph("shield")}<span>${tell("clearRecorded")}</span><button type="button" class="button small" @click=${() => this.close()}>${tell("closeClear")}</button></figcaption></figure>`;
    if (!this.open) return html`<button type="button" class="button small plain" @click=${() => { this.open = true; this.requestUpdate(); }}>${glyph("shield")}${tell("clearPicture")}</button>`;
    return html`<form class="clear-form" @submit=${(event: Event) => { event.preventDefault(); void this.show(); }}>
      <p>${glyph("shield")}<span>${tell("clearWarning")}</span></p>
      <label><span class="visually-hidden">${tell("why")}</span><input type="text" maxlength="300" placeholder=${tell("whyClear")} .value=${this.reason}
        @input=${(event: Event) => { this.reason = (event.target as HTMLInputElement).value; this.requestUpdate(); }}></label>${fault(this.wrong)}
      <div class="row"><button type="button" class="button small" @click=${() => this.close()}>${tell("cancel")}</button>
        <button type="submit" class="button small primary" ?disabled=${this.busy || this.reason.trim().length < LEAST_WORDS}>${this.busy ? html`<span class="spinner tiny"></span>` : nothing}${tell("showClear")}</button></div></form>`;
  }
}

customElements.define("ioc-clear-view", ClearView);
