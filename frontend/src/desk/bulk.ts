import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { glyph } from "./icons";
import type { DeskModel } from "./model";
import { MoveForm } from "./moveform";
import { tell } from "./words";

/** What may be done with all selected rows at once. */
export class BulkBar extends IocElement {
  private form: MoveForm | null = null;

  constructor(private readonly model: DeskModel) {
    super();
    this.uses(model.home, model.picked, model.bulkForm, model.queue);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.model.bulkForm.on((move) => this.begin(move)));
  }

  private begin(move: string): void {
    const { model } = this;
    const spec = model.home.value?.moves[move];
    this.form = null;
    if (!spec) return;
    this.form = new MoveForm(model, move, spec, () => model.queue.value.items
      .filter((item) => model.picked.value.has(item.code))
      .map(({ code, version }) => ({ code, version })), () => null);
    this.form.onDone = () => {
      model.bulkForm.value = "";
      model.picked.value = new Set();
    };
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const n = model.picked.value.size;
    const home = model.home.value;
    if (!n || !home?.me.may.act) return html``;
    const part = home.me.centre ? "centre" : "agency";
    // Which officers there are depends on each case's agency: one is named on the case itself.
    const moves = Object.entries(home.moves).filter(([, spec]) =>
      spec.bulk && spec.by.includes(part) && !spec.needs.some((need) => need.type === "officer"));
    const all = model.queue.value.items.length === n;
    return html`<div class="bulk" role="region" aria-label=${tell("selected", { n })}>
      <div class="bulk-head"><b>${tell("selected", { n })}</b>
        ${all ? nothing : html`<button type="button" class="link" @click=${() =>
          (model.picked.value = new Set(model.queue.value.items.map((item) => item.code)))}>${tell("selectAll")}</button>`}
        <span class="spacer"></span>
        <button type="button" class="icon-button tiny" aria-label=${tell("unselect")} title=${tell("unselect")}
          @click=${() => { model.bulkForm.value = ""; model.picked.value = new Set(); }}>${glyph("x")}</button></div>
      ${this.form ? this.form : html`<div class="bulk-moves">${moves.map(([move, spec]) => html`
        <button type="button" class="button small ${spec.tone === "bad" ? "danger-text" : ""}" data-move=${move}
          @click=${() => (model.bulkForm.value = move)}>${glyph(move)}${say(spec.title)}</button>`)}</div>`}</div>`;
  }
}

customElements.define("ioc-bulk", BulkBar);
