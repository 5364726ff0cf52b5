import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import type { Category } from "./contract";
import { Editor, tags } from "./editor";
import { glyph, maki } from "./icons";
import { questionsBlock } from "./questions";
import { tell } from "./words";

const ICONS = [
  "construction", "waste-basket", "car", "city", "police", "attraction", "town-hall", "marker", "danger",
  "water", "drinking-water", "dam", "bus", "bicycle", "parking", "park", "garden", "school", "hospital",
  "bridge", "building", "home", "shop", "market", "road-accident", "roadblock", "recycling", "toilet",
  "lodging", "monument", "restaurant", "fire-station", "telephone", "communications-tower", "industry",
  "natural", "wetland", "dog-park", "harbor", "ferry", "information", "barrier", "playground", "museum",
  "library", "bank", "beach", "farm", "tunnel", "wheelchair",
];
const COLORS = ["#e0a23c", "#5fa85b", "#d9685b", "#4f8fd0", "#8a6fd1", "#3fa7a0", "#b0798f", "#7b8aa3"];

/** `<ioc-category-form>`: what people may report, who answers it, and by which plan. */
class CategoryForm extends Editor<Category> {
  protected readonly tab = "categories";
  private retiring = false;

  protected original(): Category | undefined {
    return this.model.data.value!.categories.find((one) => one.code === this.key);
  }

  protected blank(): Category {
    return {
      code: "", name_vi: "", name_en: "", description_vi: "", description_en: "", icon: "marker",
      color: COLORS[3]!, agency: "", order: 100, active: true, keywords: [], plan: null,
      needs_result_photo: false, attributes: [], version: "", open_reports: 0, rules: [],
    };
  }

  protected where() {
    return { url: `/categories/${encodeURIComponent(this.draft.code || "-")}`, method: "PUT" };
  }

  protected heading(): string {
    return say({ vi: this.draft.name_vi, en: this.draft.name_en }) || tell("categoryNew");
  }

  protected keyOf(): string {
    return this.draft.code;
  }

  protected override opened(): void {
    this.retiring = false;
  }

  protected body(): TemplateResult {
    const { agencies, plans } = this.model.data.value!;
    const { draft } = this;
    const answer = agencies.filter((one) => one.active || one.code === draft.agency).map((one) => [one.code, say(one.title)] as const);
    const planned = plans.filter((one) => one.active || one.code === draft.plan)
      .map((one) => [one.code, say({ vi: one.name_vi, en: one.name_en })] as const);
    return html`<div class="form-body">
      ${draft.active ? nothing : html`<div class="notice">${glyph("alert")}<p>${tell("retiredNow")}</p>
        <button type="button" class="button small" @click=${() => this.set("active", true)}>${tell("bringBack")}</button></div>`}
      <div class="grid">
        ${this.isNew ? this.text("code", "code", 40, { hint: tell("codeHint"), wide: true }) : nothing}
        ${this.text("name_vi", "nameVi")}${this.text("name_en", "nameEn")}
        ${this.text("description_vi", "descriptionVi", 300)}${this.text("description_en", "descriptionEn", 300)}
        ${this.choice("agency", "usualAgency", [["", tell("centreDecides")], ...answer], { hint: tell("usualAgencyHint") })}
        ${this.choice("plan", "planOf", [["", tell("usualPlan")], ...planned], { hint: tell("planHint") })}
        ${this.field("keywords", tell("keywords"), tags("f-keywords", draft.keywords, (words) => this.set("keywords", words), tell("wordsAdd")),
          { hint: tell("keywordsHint"), wide: true })}
        ${this.toggle("needs_result_photo", "needsPhoto", tell("needsPhotoHint"))}
        ${this.looks()}
      </div>
      ${questionsBlock(draft.attributes, (asked) => this.set("attributes", asked), this.faults)}
      ${this.isNew || !draft.active ? nothing : this.retire()}</div>`;
  }

  private looks(): TemplateResult {
    const { draft } = this;
    return html`<fieldset class="block wide"><legend>${tell("looks")}</legend>
      <div class="looks"><span class="badge big" style="--badge:${draft.color}">${maki(draft.icon)}</span>
        <div class="swatches" role="group" aria-label=${tell("color")}>${COLORS.map((color) => html`<button type="button" class="swatch"
          style="--badge:${color}" aria-label=${color} aria-pressed=${draft.color.toLowerCase() === color} @click=${() => this.set("color", color)}></button>`)}
          <input type="color" aria-label=${tell("otherColor")} title=${tell("otherColor")} .value=${draft.color}
            @input=${(event: Event) => this.set("color", (event.target as HTMLInputElement).value)}></div></div>
      ${this.faults.color ? html`<p class="fault">${glyph("alert")}${this.faults.color}</p>` : nothing}
      <div class="icon-grid" role="group" aria-label=${tell("icon")}>${ICONS.map((name) => html`<button type="button" title=${name} aria-label=${name}
        aria-pressed=${draft.icon === name} @click=${() => this.set("icon", name)}>${maki(name)}</button>`)}</div></fieldset>`;
  }

  /** Retiring says first what it does. */
  private retire(): TemplateResult {
    const { open_reports: open, rules } = this.draft;
    const now = this.original() ?? this.draft;
    if (!this.retiring) {
      return html`<div class="form-foot"><small>${tell("openReports", { n: number(now.open_reports, 0) })}</small>
        <button type="button" class="button small plain danger-text" @click=${() => { this.retiring = true; this.requestUpdate(); }}>${tell("retire")}</button></div>`;
    }
    return html`<div class="notice warn" role="alert">${glyph("warning")}<div>
      <p><b>${tell("retireWhat")}</b></p><ul class="plain-list">
        <li>${tell("retireCitizens")}</li>
        <li>${open ? tell("retireOpen", { n: number(now.open_reports, 0) }) : tell("retireNoneOpen")}</li>
        ${rules.length ? html`<li>${tell("retireRules", { rules: now.rules.join(", ") })}</li>` : nothing}</ul>
      ${this.faults.active ? html`<p class="fault">${glyph("alert")}${this.faults.active}</p>` : nothing}
      <p class="row"><button type="button" class="button small danger" ?disabled=${now.rules.length > 0}
          @click=${() => { this.set("active", false); void this.save(); }}>${tell("retireYes")}</button>
        <button type="button" class="button small plain" @click=${() => { this.retiring = false; this.requestUpdate(); }}>${tell("keep")}</button></p></div></div>`;
  }
}

customElements.define("ioc-category-form", CategoryForm);
