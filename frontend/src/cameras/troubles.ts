import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, dateTime, dayTime } from "../i18n/format";
import * as api from "./api";
import type { Trouble } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import { tell, type Said } from "./words";

const ASK_MS = 20_000;
const KNOWN = new Set(["black", "frozen", "covered", "wrong_rate", "stalled", "size"]);

/** What is wrong, in the reader's words where the kind is known, else as the worker said it. */
export function troubleWords(one: { kind: string; words: string }): string {
  if (KNOWN.has(one.kind)) return tell(`trouble_${one.kind}` as Said);
  return one.words || one.kind;
}

/** What is wrong with cameras now, since when; and on request what was. */
class Troubles extends CamPart {
  private now: Trouble[] | null = null;
  private past: Trouble[] | null = null;
  private following: string | null = null;
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => clearTimeout(this.timer));
    void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    if (!document.hidden) this.now = (await api.troubles({ open: true, limit: 100 }).catch(() => null))?.items ?? this.now;
    this.timer = window.setTimeout(() => void this.ask(), ASK_MS);
    this.requestUpdate();
  }

  private async more(): Promise<void> {
    const page = await api.troubles({ limit: 30, cursor: this.past ? (this.following ?? "") : "" }).catch(() => null);
    if (page) {
      this.past = [...(this.past ?? []), ...page.items.filter((one) => one.ended_at)];
      this.following = page.next;
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.now || (!this.now.length && !this.past)) return nothing;
    return html`<section class="panel trouble-panel" aria-labelledby="troubles-title"><header><h2 id="troubles-title">${glyph("health")}${tell("troublesNow", { n: this.now.length })}</h2><span class="spacer"></span>
        <button type="button" class="button small plain" aria-expanded=${this.past !== null} @click=${() => { if (this.past) this.set(() => (this.past = null)); else void this.more(); }}>${tell(this.past ? "hidePast" : "showPast")}</button></header>
      ${this.now.length ? html`<ul>${this.now.map((one) => this.line(one))}</ul>` : html`<p class="hint">${tell("noTroubles")}</p>`}
      ${this.past ? html`<h3>${tell("troublesPast")}</h3>${this.past.length ? html`<ul>${this.past.map((one) => this.line(one))}</ul>` : html`<p class="hint">${tell("noPast")}</p>`}
        ${this.following ? html`<button type="button" class="button small" @click=${() => void this.more()}>${tell("more")}</button>` : nothing}` : nothing}</section>`;
  }

  private line(one: Trouble): TemplateResult {
    return html`<li class=${one.ended_at ? "" : "open"}><i aria-hidden="true">${one.ended_at ? "○" : "▲"}</i><a href="#/cameras/${one.camera.id}">${say(one.camera.name)}</a><span>${troubleWords(one)}</span>
      <small title=${dateTime(one.started_at)}>${one.ended_at ? `${dayTime(one.started_at)} – ${dayTime(one.ended_at)}` : tell("sinceWhen", { at: dayTime(one.started_at), ago: ago(one.started_at, serverNow()) })}</small></li>`;
  }
}

customElements.define("ioc-cam-troubles", Troubles);
