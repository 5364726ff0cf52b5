import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { inbox, markRead, type InboxMessage } from "../common/inbox";
import { ago, dateTime } from "../i18n/format";
import { glyph } from "./icons";
import { tell } from "./words";

const ASK_MS = 60_000;

/** The bell: what was written to who sits here. Opening it reads what it shows. */
export class Letters extends IocElement {
  private messages: InboxMessage[] = [];
  private unread = 0;
  private asked: "never" | "done" | "failed" = "never";

  override connectedCallback(): void {
    super.connectedCallback();
    const ask = () => void (document.hidden || this.open || this.ask());
    const timer = setInterval(ask, ASK_MS);
    document.addEventListener("visibilitychange", ask);
    this.until(() => clearInterval(timer));
    this.until(() => document.removeEventListener("visibilitychange", ask));
    void this.ask();
  }

  private get panel(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[popover]");
  }

  private get open(): boolean {
    return this.panel?.matches(":popover-open") ?? false;
  }

  private async ask(): Promise<void> {
    try {
      const { messages, unread } = await inbox();
      Object.assign(this, { messages, unread, asked: "done" });
    } catch {
      this.asked = this.asked === "done" ? "done" : "failed";
    }
    this.requestUpdate();
  }

  private async toggled(event: ToggleEvent): Promise<void> {
    if (event.newState !== "open") return;
    await this.ask();
    const fresh = this.messages.filter((one) => !one.read).map((one) => one.id);
    if (!fresh.length) return;
    // They stay marked while one looks at them; only the count goes.
    await markRead(fresh).then(({ unread }) => (this.unread = unread)).catch(() => undefined);
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const name = this.unread ? tell("lettersUnread", { n: this.unread }) : tell("letters");
    return html`<button type="button" class="icon-button bell" popovertarget="letters" aria-label=${name} title=${name}>
        ${glyph("bell")}${this.unread ? html`<b class="count" aria-hidden="true">${this.unread > 99 ? "99+" : this.unread}</b>` : nothing}</button>
      <section id="letters" class="letters-panel" popover aria-label=${tell("letters")}
        @toggle=${(event: ToggleEvent) => void this.toggled(event)}>
        <header><h2>${tell("letters")}</h2><button type="button" class="icon-button tiny" popovertarget="letters"
          popovertargetaction="hide" aria-label=${tell("close")}>${glyph("x")}</button></header>${this.body()}</section>`;
  }

  private body(): TemplateResult {
    if (this.asked === "never") return html`<p class="quiet" role="status">${tell("loading")}</p>`;
    if (this.asked === "failed") {
      return html`<p class="problem" role="alert">${tell("lettersFailed")}</p>
        <button type="button" class="button small" @click=${() => void this.ask()}>${glyph("refresh")}${tell("retry")}</button>`;
    }
    if (!this.messages.length) return html`<p class="quiet">${tell("lettersEmpty")}</p>`;
    return html`<ul>${this.messages.map((one) => html`<li class=${one.read ? "" : "fresh"}>
      <a href=${one.url || "/desk/"} @click=${() => this.panel?.hidePopover()}><b>${one.subject}</b>
        <span class="letter-words">${one.body}</span><small title=${dateTime(one.at)}>${ago(one.at, serverNow())}</small></a></li>`)}</ul>`;
  }
}

customElements.define("ioc-letters", Letters);
