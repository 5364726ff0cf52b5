import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import type { HttpError } from "../common/http";
import { day } from "../i18n/format";
import { arrows } from "./arrows";
import { rate, type Followed, type Verdict } from "./api";
import { uuid } from "../common/uuid";
import { glyph, type Glyph } from "./icons";
import { tell, type Said } from "./words";

const VERDICTS: [Verdict, Glyph, Said][] = [
  ["satisfied", "smile", "satisfied"], ["accepts", "meh", "accepts"],
  ["not_satisfied", "frown", "notSatisfied"],
];
const REASONS = ["not-done", "came-back", "badly-done", "wrong-answer"] as const;

/** Was it mended? Whoever is not satisfied says why, and it is opened again. */
class Rate extends IocElement {
  static override properties = { report: { attribute: false }, key: { attribute: false } };
  declare report: Followed;
  declare key: string;
  private verdict: Verdict | "" = "";
  private reason: (typeof REASONS)[number] | "" = "";
  private words = "";
  private problem = "";
  private busy = false;
  private again = false;
  private once = uuid();

  private async send(): Promise<void> {
    if (this.busy || !this.verdict) return;
    if (this.verdict === "not_satisfied" && !this.reason) {
      this.problem = tell("whyFirst");
      return this.requestUpdate();
    }
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    try {
      await rate(this.report.code, this.key, this.once, {
        verdict: this.verdict, reason: this.verdict === "not_satisfied" ? this.reason : "", words: this.words,
      });
      this.once = uuid();
      const reopened = this.verdict === "not_satisfied";
      this.verdict = "";
      this.again = false;
      this.dispatchEvent(new CustomEvent("done", { detail: tell(reopened ? "ratedReopened" : "rated") }));
    } catch (error) {
      const said = error as HttpError;
      this.problem = said.status === 0 ? tell("tryAgain") : said.message || tell("serverSilent");
    }
    this.busy = false;
    this.requestUpdate();
  }

  private pick(changes: { verdict?: Verdict; reason?: (typeof REASONS)[number] }): void {
    Object.assign(this, changes);
    this.problem = "";
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { rate_until: until, can = [], satisfied } = this.report;
    if ((satisfied === "satisfied" || satisfied === "accepts") && !this.again) {
      return html`<button class="button big wide" id="rate-again" @click=${() => {
        this.again = true;
        this.requestUpdate();
      }}>${glyph("retry")}${tell("rateAgain")}</button>`;
    }
    const offered = VERDICTS.filter(([value]) => can.includes(value === "not_satisfied" ? "dispute" : "rate"));
    return html`<section class="panel rating" aria-labelledby="rate-title">
      <h2 id="rate-title">${tell("rateTitle")}</h2>
      <div class="verdicts" role="radiogroup" @keydown=${arrows} aria-labelledby="rate-title">${offered.map(([value, icon, title]) => html`
        <button class="verdict ${value}" role="radio" data-verdict=${value} aria-checked=${this.verdict === value}
          @click=${() => this.pick({ verdict: value })}>${glyph(icon)}<span>${tell(title)}</span></button>`)}</div>
      ${this.verdict === "not_satisfied" ? this.why() : nothing}
      ${this.problem ? html`<p class="note warn" role="alert">${this.problem}</p>` : nothing}
      ${this.verdict ? html`<button class="button primary big wide" id="rate-send" ?disabled=${this.busy}
        @click=${() => void this.send()}>${tell(this.busy ? "sending"
          : this.verdict === "not_satisfied" ? "rateReopen" : "rateSend")}</button>` : nothing}
      ${until ? html`<p class="quiet small">${tell("rateUntil", { at: day(until) })}</p>` : nothing}
    </section>`;
  }

  private why(): TemplateResult {
    return html`<p class="quiet">${tell("whyTitle")}</p>
      <div class="choices">${REASONS.map((reason) => html`<label class="choice ${this.reason === reason ? "on" : ""}">
        <input type="radio" name="why" value=${reason} .checked=${this.reason === reason}
          @change=${() => this.pick({ reason })}>${tell(`why_${reason}`)}</label>`)}</div>
      <label class="visually-hidden" for="why-words">${tell("whyWords")}</label>
      <textarea id="why-words" rows="2" maxlength="1000" placeholder=${tell("whyWords")} .value=${this.words}
        @input=${(event: Event) => (this.words = (event.target as HTMLTextAreaElement).value)}></textarea>`;
  }
}

customElements.define("ioc-rate", Rate);
