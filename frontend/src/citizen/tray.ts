import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { hasContent, type Draft } from "./draft";
import { glyph } from "./icons";
import { tell } from "./words";

/** What waits, is being sent or was refused, and why; nothing while nothing waits. */
export function tray(drafts: Draft[]): TemplateResult | typeof nothing {
  const of = (state: Draft["state"]) =>
    drafts.filter((draft) => draft.state === state && (state !== "draft" || hasContent(draft)));
  const parts: string[] = [];
  for (const [state, key] of [
    ["sending", "traySending"], ["queued", "trayWaiting"],
    ["refused", "trayRefused"], ["draft", "trayDrafts"],
  ] as const) {
    const n = of(state).length;
    if (n) parts.push(tell(key, { n }));
  }
  if (!parts.length) return nothing;
  const refused = of("refused");
  const sending = of("sending").length > 0;
  const why = refused[0] ?? of("queued").find((draft) => draft.problem);
  return html`<a class="tray ${refused.length ? "urgent" : ""}" href="#/mine" role="status">
    ${glyph(refused.length ? "alert" : sending ? "send" : "text")}
    <span class="tray-words"><span>${parts.join(" · ")}</span>
      ${why && !sending ? html`<small>${say(why.categoryTitle)}${why.categoryTitle ? ": " : ""}${why.problem}</small>` : nothing}</span>
    ${glyph("next")}
    ${sending ? html`<span class="tray-bar"></span>` : nothing}</a>`;
}
