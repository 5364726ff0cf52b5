import { html, type TemplateResult } from "lit";
import { glyph } from "./icons";
import { tell } from "./words";

/** Hands the public address of a report to the phone's own share sheet, else to the clipboard. */
async function share(code: string, button: HTMLElement): Promise<void> {
  const url = new URL(`/r/${code}`, location.href).href;
  const title = tell("reportTitle", { code });
  try {
    if (navigator.share) await navigator.share({ title, url });
    else {
      await navigator.clipboard.writeText(url);
      const words = button.querySelector("span")!;
      words.textContent = tell("copied");
      setTimeout(() => (words.textContent = tell("share")), 2500);
    }
  } catch {
    // Closed without sharing.
  }
}

export function shareButton(code: string): TemplateResult {
  return html`<button class="button big wide" @click=${(event: Event) =>
    void share(code, event.currentTarget as HTMLElement)}>${glyph("share")}<span>${tell("share")}</span></button>`;
}
