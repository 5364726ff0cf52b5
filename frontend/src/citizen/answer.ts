import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import type { HttpError } from "../common/http";
import { answer, type Followed } from "./api";
import { uuid } from "../common/uuid";
import { MAX_PHOTOS, MAX_WORDS } from "./draft";
import { glyph } from "./icons";
import { since } from "./looks";
import { photoUrl } from "./photourl";
import { shrink } from "./shrink";
import { tell } from "./words";

/** The agency's question with the room to answer it, in words and photos. */
class Answer extends IocElement {
  static override properties = { report: { attribute: false }, key: { attribute: false } };
  declare report: Followed;
  declare key: string;
  private words = "";
  private photos: Blob[] = [];
  private problem = "";
  private busy = false;
  /** The same until it was taken: whoever taps twice answers once. */
  private once = uuid();

  private async send(): Promise<void> {
    if (this.busy) return;
    if (!this.words.trim() && !this.photos.length) {
      this.problem = tell("answerEmpty");
      return this.requestUpdate();
    }
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    try {
      await answer(this.report.code, this.key, this.once, this.words, this.photos);
      this.once = uuid();
      this.words = "";
      this.photos = [];
      this.dispatchEvent(new CustomEvent("done", { detail: tell("answerDone") }));
    } catch (error) {
      const said = error as HttpError;
      this.problem = said.status === 0 ? tell("tryAgain") : said.message || tell("serverSilent");
    }
    this.busy = false;
    this.requestUpdate();
  }

  private typed(words: string): void {
    this.words = words;
    this.problem = "";
    this.requestUpdate();
  }

  private async add(event: Event): Promise<void> {
    this.problem = "";
    const input = event.target as HTMLInputElement;
    for (const file of [...(input.files ?? [])].slice(0, MAX_PHOTOS - this.photos.length)) {
      try {
        this.photos = [...this.photos, await shrink(file)];
      } catch {
        this.problem = tell("photoBad");
      }
    }
    input.value = "";
    this.requestUpdate();
  }

  private drop(n: number): void {
    this.photos = this.photos.filter((_, at) => at !== n);
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    const { question } = this.report;
    if (!question) return nothing;
    return html`<section class="panel asking" aria-labelledby="question-title">
      <h2 id="question-title">${glyph("question")}${tell("questionTitle")}</h2>
      <blockquote>${question.words}<footer class="quiet small">${since(question.at)}</footer></blockquote>
      <label class="visually-hidden" for="answer">${tell("answerLabel")}</label>
      <textarea id="answer" rows="3" maxlength=${MAX_WORDS} placeholder=${tell("answerHint")} .value=${this.words}
        @input=${(event: Event) => this.typed((event.target as HTMLTextAreaElement).value)}></textarea>
      ${this.photos.length ? html`<ul class="thumbs">${this.photos.map((photo, n) => html`<li><img src=${photoUrl(photo)}
        alt=${tell("photoAlt", { n: n + 1 })}><button class="round dark" aria-label=${tell("photoRemove", { n: n + 1 })}
        @click=${() => this.drop(n)}>${glyph("close")}</button></li>`)}</ul>` : nothing}
      ${this.problem ? html`<p class="note warn" role="alert">${this.problem}</p>` : nothing}
      <div class="pair">
        <label class="button big picker-button">${glyph("camera")}<span>${tell("addPhoto")}</span>
          <input type="file" id="answer-photo" accept="image/jpeg,image/png,image/webp" multiple
            ?disabled=${this.photos.length >= MAX_PHOTOS} @change=${(event: Event) => void this.add(event)}></label>
        <button class="button primary big" id="answer-send" ?disabled=${this.busy} @click=${() => void this.send()}
          >${glyph("send")}${tell(this.busy ? "sending" : "answerSend")}</button>
      </div>
    </section>`;
  }
}

customElements.define("ioc-answer", Answer);
