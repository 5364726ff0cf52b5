import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import type { Rule } from "./contract";
import { glyph } from "./icons";
import { listHead } from "./lists";
import type { SetupModel } from "./model";
import { summary } from "./summary";
import { tell } from "./words";

/** `<ioc-rule-list>`: rules in the order they are asked; dragged, or moved with the keyboard. */
class RuleList extends IocElement {
  static override readonly properties = { model: { attribute: false } };
  declare model: SetupModel;
  private dragged = 0;
  private over = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    for (const signal of [this.model.data, this.model.route, this.model.drafted]) {
      this.until(signal.on(() => this.requestUpdate()));
    }
  }

  override render(): TemplateResult {
    const { rules } = this.model.data.value!;
    return html`${listHead("rules", "ruleAdd")}
      ${rules.length ? html`<ol class="cards rules">${rules.map((rule, place) => this.row(rule, place, rules))}</ol>`
        : html`<p class="empty">${tell("rulesEmpty")}</p>`}
      <p class="last-word">${glyph("to")}${tell("lastWord")}</p>`;
  }

  private row(rule: Rule, place: number, rules: readonly Rule[]): TemplateResult {
    const { model } = this;
    const { shadows, broken } = model.data.value!;
    const shadow = shadows.find((one) => one.rule === rule.id);
    const fault = broken.find((one) => one.rule === rule.id);
    const open = model.route.value.key === String(rule.id);
    return html`<li class=${this.over === rule.id ? "over" : ""} draggable="true"
      @dragstart=${(event: DragEvent) => { this.dragged = rule.id; event.dataTransfer!.effectAllowed = "move"; }}
      @dragover=${(event: DragEvent) => this.hover(event, rule.id)}
      @dragend=${() => this.hover(null, 0)}
      @drop=${(event: DragEvent) => { event.preventDefault(); this.drop(rule.id); }}>
      <div class="card rule ${rule.live ? "" : "off"}" aria-current=${open ? "true" : nothing}>
        <span class="rank">${glyph("grip")}<b>${place + 1}</b></span>
        <a class="card-words" href="#/rules/${rule.id}"><b>${rule.name}</b>
          <small class="asks">${summary(model, rule.conditions)}</small>
          <small class="goes">${glyph("to")}${model.agency(rule.agency)}</small></a>
        <span class="card-side">
          <input type="checkbox" role="switch" class="switch" .checked=${rule.live} aria-label=${tell("liveName", { name: rule.name })}
            title=${tell(rule.live ? "liveOn" : "liveOff")} @change=${() => void model.switchRule(rule)}>
          <span class="moves">
            <button type="button" class="icon-button tiny" ?disabled=${place === 0} aria-label=${tell("moveUp", { name: rule.name })}
              @click=${() => this.move(place, -1)}>${glyph("up")}</button>
            <button type="button" class="icon-button tiny" ?disabled=${place === rules.length - 1} aria-label=${tell("moveDown", { name: rule.name })}
              @click=${() => this.move(place, 1)}>${glyph("down")}</button></span></span>
      </div>
      ${fault ? html`<p class="row-note bad">${glyph("alert")}${tell("brokenNow")} ${fault.message}</p>` : nothing}
      ${shadow ? html`<p class="row-note">${glyph("warning")}${say(shadow.why)}</p>` : nothing}</li>`;
  }

  private hover(event: DragEvent | null, id: number): void {
    if (event && this.dragged) event.preventDefault();
    if (!event) this.dragged = 0;
    if (this.over === id) return;
    this.over = id;
    this.requestUpdate();
  }

  private drop(on: number): void {
    const ids = this.model.data.value!.rules.map((rule) => rule.id);
    const from = ids.indexOf(this.dragged);
    const to = ids.indexOf(on);
    this.hover(null, 0);
    if (from < 0 || to < 0 || from === to) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    void this.model.order(ids);
  }

  private move(place: number, by: number): void {
    const ids = this.model.data.value!.rules.map((rule) => rule.id);
    ids.splice(place + by, 0, ...ids.splice(place, 1));
    void this.model.order(ids);
  }
}

customElements.define("ioc-rule-list", RuleList);
