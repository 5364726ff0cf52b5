import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { inbox, markRead, type InboxMessage } from "../common/inbox";
import { Signal } from "../common/signal";
import "./bell";
import { glyph } from "./icons";
import { since } from "./looks";
import { tell } from "./words";

interface InboxState {
  messages: InboxMessage[];
  unread: number;
  asked: "never" | "done" | "failed";
}

export const inboxState = new Signal<InboxState>({ messages: [], unread: 0, asked: "never" });

/** Asks for the messages of who is signed in. */
export async function refreshInbox(): Promise<void> {
  try {
    inboxState.value = { ...(await inbox()), asked: "done" };
  } catch {
    inboxState.value = { ...inboxState.value, asked: "failed" };
  }
}

/** `/#/inbox`: what the city wrote to who is signed in. What was shown counts as read. */
class Inbox extends IocElement {
  constructor() {
    super();
    this.uses(inboxState);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void refreshInbox().then(() => this.read());
  }

  private async read(): Promise<void> {
    const fresh = inboxState.value.messages.filter((one) => !one.read).map((one) => one.id);
    if (!fresh.length) return;
    await markRead(fresh).catch(() => undefined);
    // They stay marked as new while one looks at them; only the count goes.
    inboxState.value = { ...inboxState.value, unread: 0 };
  }

  override render(): TemplateResult {
    const { messages, asked } = inboxState.value;
    return html`<div class="sheet-head"><a class="icon-button" href="#/" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1>${tell("inbox")}</h1></div>
      <div class="sheet-body">
        ${asked === "never" ? html`<p class="quiet" role="status">${tell("loading")}</p>` : nothing}
        ${asked === "failed" ? html`<p class="note warn" role="alert">${tell("inboxFailed")}</p>
          <button class="button big" @click=${() => void refreshInbox()}>${glyph("retry")}${tell("retry")}</button>` : nothing}
        ${asked === "done" && !messages.length ? html`<div class="empty-mine">${glyph("bell")}<p>${tell("inboxEmpty")}</p></div>` : nothing}
        ${asked === "done" ? html`<ioc-bell code=""></ioc-bell>` : nothing}
        <ul class="letters">${messages.map((one) => html`<li class="letter ${one.read ? "" : "fresh"}">
          <a href=${one.url || "#/inbox"}><strong>${one.subject}</strong><span class="letter-body">${one.body}</span>
            <span class="quiet small">${since(one.at)}</span></a></li>`)}</ul>
      </div>`;
  }
}

customElements.define("ioc-inbox", Inbox);
