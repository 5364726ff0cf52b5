import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { recall, remember } from "../common/prefs";
import { pushKey, subscribe, unsubscribe } from "./api";
import { glyph } from "./icons";
import { tell } from "./words";

/** The server's key as the browser's push service wants it. */
function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** A switch: this phone is told when the report moves, or without a `code` of all that concerns
 * who is signed in. Not there where no push can be had. */
class Bell extends IocElement {
  static override properties = { code: {}, claim: { attribute: false } };
  declare code: string;
  /** Gives the key of the sender or follower who is told; without one it is who is signed in. */
  declare claim?: () => Promise<string>;
  private serverKey = "";
  private on = false;
  private busy = false;
  private problem = "";

  override connectedCallback(): void {
    super.connectedCallback();
    if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;
    pushKey().then(async ({ public_key: key }) => {
      this.serverKey = key ?? "";
      const registration = await navigator.serviceWorker.getRegistration();
      const known = await registration?.pushManager.getSubscription();
      this.on = Boolean(known && recall(`push.${this.code}`));
    }).catch(() => undefined).finally(() => this.requestUpdate());
  }

  private async turn(): Promise<void> {
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    try {
      await (this.on ? this.turnOff() : this.turnOn());
    } catch {
      this.problem = tell(Notification.permission === "denied" ? "bellDenied" : "bellFailed");
    }
    this.busy = false;
    this.requestUpdate();
  }

  private async turnOn(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: bytesOf(this.serverKey),
    });
    await subscribe(this.code || null, this.claim ? await this.claim() : "", subscription.toJSON());
    remember(`push.${this.code}`, "1");
    this.on = true;
  }

  /** This report falls silent; the browser's one subscription ends with the last of them. */
  private async turnOff(): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration();
    const subscription = await registration?.pushManager.getSubscription();
    if (subscription) {
      const { left } = await unsubscribe(this.code || null, subscription.endpoint);
      if (!left) await subscription.unsubscribe();
    }
    remember(`push.${this.code}`, null);
    this.on = false;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.serverKey) return nothing;
    return html`<button class="switch-row" role="switch" aria-checked=${this.on} ?disabled=${this.busy}
        @click=${() => void this.turn()}>${glyph(this.on ? "bell" : "bellOff")}
        <span><strong>${tell("bellTitle")}</strong><span class="quiet small">${tell("bellHint")}</span></span><i></i></button>
      ${this.problem ? html`<p class="note warn" role="alert">${this.problem}</p>` : nothing}`;
  }
}

customElements.define("ioc-bell", Bell);
