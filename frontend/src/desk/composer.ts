import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import type { Case, MoveSpec } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type DeskModel } from "./model";
import { uuid } from "../common/uuid";
import { MoveForm } from "./moveform";
import { tell } from "./words";

const SHOWN = 3;
/** What is most often next stands first; what is rare or hard to take back stands under "more". */
const ORDER = [
  "release", "accept", "resume", "resolve", "assign", "triage", "ask_reporter", "plan", "take", "publish",
  "wait_third_party", "reopen", "hand_over", "send_back", "join", "unjoin", "change", "split",
  "redact", "hide", "reject",
];
const RARE = new Set(["reject", "hide", "split", "redact", "change", "unjoin"]);

/** What one may do with the case: the allowed moves as buttons; each opens its form in place. */
export class Composer extends IocElement {
  private more = false;
  private form: MoveForm | null = null;
  private busy = "";

  constructor(private readonly model: DeskModel) {
    super();
    this.uses(model.home, model.file, model.form, model.code);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.model.form.on((move) => this.begin(move)));
    this.until(this.model.code.on(() => (this.more = false)));
    // It was away while another case was fetched, and heard nothing.
    if (!this.model.form.value) this.form = null;
    this.requestUpdate();
  }

  private spec(move: string): MoveSpec | undefined {
    return this.model.home.value?.moves[move];
  }

  private begin(move: string): void {
    const spec = this.spec(move);
    const file = this.model.file.value;
    this.more = false;
    this.form = null;
    if (!move || !spec || !file) return;
    const current = (): Case | null => this.model.file.value ?? file;
    this.form = new MoveForm(this.model, move, spec, () => {
      const now = current()!;
      return [{ code: now.code, version: now.version }];
    }, current);
    this.form.onDone = () => (this.model.form.value = "");
  }

  /** Does it at once where it asks nothing; else opens its form. */
  async start(move: string): Promise<void> {
    const spec = this.spec(move);
    const file = this.model.file.value;
    if (!spec || !file?.can.includes(move) || this.busy) return;
    if (!spec.undoable || spec.needs.some((need) => need.required) || spec.needs.length > 1) {
      this.model.form.value = this.model.form.value === move ? "" : move;
      return;
    }
    this.busy = move;
    this.requestUpdate();
    try {
      const { results } = await this.model.act(move, [{ code: file.code, version: file.version }], {}, uuid());
      const refused = results.find((result) => !result.ok);
      if (refused) this.model.say(refused.error?.message ?? "", "bad");
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
    this.busy = "";
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const file = this.model.file.value;
    if (!file) return html``;
    if (this.form) return html`<div class="composer open" data-move=${this.form.move}>${this.form}</div>`;
    const can = ORDER.filter((move) => file.can.includes(move) && this.spec(move));
    can.push(...file.can.filter((move) => !can.includes(move) && move !== "note" && this.spec(move)));
    if (!can.length && !file.can.includes("note")) return html`<div class="composer"><p class="quiet">${tell("readOnly")}</p></div>`;
    const common = can.filter((move) => !RARE.has(move)).slice(0, SHOWN);
    const rest = can.filter((move) => !common.includes(move));
    return html`<div class="composer" role="group" aria-label=${tell("moves")}>
      ${this.more ? html`<div class="more-moves">${rest.map((move) => this.button(move))}</div>` : nothing}
      <div class="moves">${common.map((move, i) => this.button(move, i === 0))}
        ${rest.length ? html`<button type="button" class="button more" aria-expanded=${this.more}
          aria-label=${tell("moreMoves")} title=${tell("moreMoves")}
          @click=${() => { this.more = !this.more; this.requestUpdate(); }}>${glyph("more")}</button>` : nothing}
        ${file.can.includes("note") ? html`<button type="button" class="button note-button" data-move="note"
          @click=${() => void this.start("note")}>${glyph("note")}${tell("note")}</button>` : nothing}</div></div>`;
  }

  private button(move: string, first = false): TemplateResult {
    const spec = this.spec(move)!;
    return html`<button type="button" class="button ${first ? "primary" : ""} ${spec.tone === "bad" ? "danger-text" : ""}"
      data-move=${move} ?disabled=${this.busy !== ""} @click=${() => void this.start(move)}>
      ${glyph(move)}${this.busy === move ? tell("doing") : say(spec.title)}</button>`;
  }
}

customElements.define("ioc-composer", Composer);
