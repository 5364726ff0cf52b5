import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import type { Escalation, Plan } from "./contract";
import { Editor } from "./editor";
import { glyph } from "./icons";
import { tell, type Said } from "./words";

const CLOCKS = ["acknowledge", "resolve", "dwell"] as const;
const TONES = { acknowledge: "--kind-camera", resolve: "--accent", dwell: "--severity-moderate" };

/** `<ioc-plan-form>`: what the city promises, and who hears when it is late. */
class PlanForm extends Editor<Plan> {
  protected readonly tab = "plans";

  protected original(): Plan | undefined {
    return this.model.data.value!.plans.find((one) => one.code === this.key);
  }

  protected blank(): Plan {
    return {
      code: "", name_vi: "", name_en: "", calendar: this.model.data.value!.calendars[0]?.code ?? "",
      acknowledge_h: 8, resolve_h: 56, dwell_h: 24, emergency_acknowledge_h: 0.5, emergency_resolve_h: 24,
      warn_share: 0.8, escalations: [], answer_days: 7, reopen_days: 30, active: true, version: "", used_by: 0,
    };
  }

  protected where() {
    return { url: `/plans/${encodeURIComponent(this.draft.code || "-")}`, method: "PUT" };
  }

  protected heading(): string {
    return say({ vi: this.draft.name_vi, en: this.draft.name_en }) || tell("planNew");
  }

  protected keyOf(): string {
    return this.draft.code;
  }

  protected body(): TemplateResult {
    const calendars = this.model.data.value!.calendars.map((one) => [one.code, say({ vi: one.name_vi, en: one.name_en })] as const);
    const h = tell("hoursUnit");
    const days = tell("daysUnit");
    return html`<div class="form-body">
      <p class="notice quiet-note">${glyph("timer")}<span>${tell("planFrozen")}</span></p>
      <div class="grid">
        ${this.isNew ? this.text("code", "code", 40, { hint: tell("codeHint"), wide: true }) : nothing}
        ${this.text("name_vi", "nameVi")}${this.text("name_en", "nameEn")}
        ${this.choice("calendar", "calendarOf", calendars, { wide: true })}
      </div>
      <h2 class="part">${tell("promise")}<small>${tell("promiseHint")}</small></h2>
      ${this.bars()}
      <div class="grid three">
        ${this.number("acknowledge_h", "acknowledge", { unit: h })}${this.number("resolve_h", "resolve", { unit: h })}
        ${this.number("dwell_h", "dwell", { unit: h, hint: tell("dwellHint") })}
        ${this.number("emergency_acknowledge_h", "emergencyAcknowledge", { unit: h, step: 0.25 })}
        ${this.number("emergency_resolve_h", "emergencyResolve", { unit: h })}
        ${this.number("warn_share", "warnAt", { unit: "%", step: 5, scale: 0.01 })}
        ${this.number("answer_days", "answerDays", { unit: days, step: 1 })}
        ${this.number("reopen_days", "reopenDays", { unit: days, step: 1 })}
      </div>
      <h2 class="part">${tell("escalations")}<small>${tell("escalationsHint")}</small></h2>
      ${this.steps()}
      <div class="grid">${this.isNew ? nothing : this.toggle("active", "planActive", tell("usedBy", { n: this.draft.used_by }))}</div></div>`;
  }

  /** The plan as lines on one time axis: how long each clock is, and where it warns and tells. */
  private bars(): TemplateResult {
    const { draft } = this;
    const length = { acknowledge: draft.acknowledge_h, resolve: draft.resolve_h, dwell: draft.dwell_h };
    const last = (clock: string) => Math.max(1, ...draft.escalations.filter((one) => one.clock === clock).map((one) => one.share));
    const most = Math.max(1, ...CLOCKS.map((clock) => (length[clock] || 0) * last(clock)));
    return html`<div class="bars" aria-hidden="true">${CLOCKS.map((clock) => {
      const at = (share: number) => `${((length[clock] || 0) * share * 100) / most}%`;
      return html`<span>${tell(clock)}</span><div class="bar" style="--tone:var(${TONES[clock]})">
        <i style="width:${at(1)}"></i><b style="left:${at(draft.warn_share)}" title=${tell("warnAt")}></b>
        ${draft.escalations.filter((one) => one.clock === clock).map((one) => html`<em class=${one.to} style="left:${at(one.share)}"
          title="${number(one.share * 100, 0)} % → ${tell(one.to as Said)}"></em>`)}</div><small>${number(length[clock])} ${tell("hoursUnit")}</small>`;
    })}</div>`;
  }

  private steps(): TemplateResult {
    const { escalations } = this.draft;
    const put = (place: number, changes: Partial<Escalation>) =>
      this.set("escalations", escalations.map((one, each) => (each === place ? { ...one, ...changes } : one)));
    const choose = (place: number, name: "clock" | "to", all: readonly Said[]) => html`<select aria-label=${tell(name === "clock" ? "clock" : "tells")}
      @change=${(event: Event) => put(place, { [name]: (event.target as HTMLSelectElement).value })}>
      ${all.map((one) => html`<option value=${one} ?selected=${escalations[place]![name] === one}>${tell(one)}</option>`)}</select>`;
    return html`<ol class="steps">${escalations.map((one, place) => html`<li>
        <span>${tell("whenClock")}</span>${choose(place, "clock", CLOCKS)}<span>${tell("reaches")}</span>
        <span class="with-unit"><input type="number" min="5" max="1000" step="5" aria-label=${tell("share")} .value=${String(Math.round(one.share * 100))}
          @change=${(event: Event) => put(place, { share: (event.target as HTMLInputElement).valueAsNumber / 100 })}><i>%</i></span>
        <span>${tell("tells")}</span>${choose(place, "to", ["agency", "centre"])}
        <button type="button" class="icon-button tiny" aria-label=${tell("removeStep")}
          @click=${() => this.set("escalations", escalations.filter((_, each) => each !== place))}>${glyph("x")}</button></li>`)}</ol>
      ${escalations.length ? nothing : html`<p class="quiet small">${tell("noSteps")}</p>`}
      ${this.faults.escalations ? html`<p class="fault">${glyph("alert")}${this.faults.escalations}</p>` : nothing}
      <button type="button" class="button small" @click=${() => this.set("escalations", [...escalations, { clock: "resolve", share: 1, to: "agency" }])}>${glyph("plus")}${tell("addStep")}</button>`;
  }
}

customElements.define("ioc-plan-form", PlanForm);
