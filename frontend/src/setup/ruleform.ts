import { html, nothing, type TemplateResult } from "lit";
import type { CityInfo } from "../common/contract";
import { HttpError, send } from "../common/http";
import { say } from "../i18n";
import { dateTime, day, number } from "../i18n/format";
import type { Conditions, Rule, Tried } from "./contract";
import { Editor, tags } from "./editor";
import { glyph } from "./icons";
import { reasonOf, ROOT } from "./model";
import { RuleMap } from "./rulemap";
import { timeBox } from "./spans";
import { WEEKDAYS } from "./summary";
import { tell } from "./words";

const WAIT_MS = 700;

/** `<ioc-rule-form>`: what a rule asks and who answers, tried on past reports while it is edited. */
class RuleForm extends Editor<Rule> {
  static override readonly properties = { ...Editor.properties, city: { attribute: false } };
  declare city: CityInfo;
  protected readonly tab = "rules";
  private map: RuleMap | null = null;
  private tried: Tried | null = null;
  private failure = "";
  private trying = 0;
  private timer = 0;
  private doomed = false;
  private wardSearch = "";

  protected original(): Rule | undefined {
    return this.model.data.value!.rules.find((rule) => String(rule.id) === this.key);
  }

  protected blank(): Rule {
    return {
      id: 0, name: "", order: 0, conditions: {}, agency: "", note: "", live: false, version: "",
      changed_by: null, changed_at: "",
    };
  }

  protected where() {
    return this.isNew ? { url: "/rules", method: "POST" } : { url: `/rules/${this.key}`, method: "PUT" };
  }

  protected heading(): string {
    return this.draft.name || tell(this.isNew ? "ruleNew" : "unnamed");
  }

  protected keyOf(saved: Rule): string {
    return String(saved.id);
  }

  protected override opened(): void {
    this.tried = null;
    this.failure = "";
    this.doomed = false;
    this.wardSearch = "";
    this.changed();
    void this.updateComplete.then(() => this.map?.frame());
  }

  protected override changed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.tryOut(), WAIT_MS);
    this.map?.show(this.draft?.conditions ?? {}, this.tried);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.map?.stop();
    this.map = null;
  }

  protected override firstUpdated(): void {
    this.map = new RuleMap(this.querySelector<HTMLElement>(".rule-map")!, this.city, {
      area: (area) => this.ask("area", area ?? undefined),
      ward: (code) => this.toggleIn("wards", code),
      drawing: () => this.requestUpdate(),
    });
    this.map.show(this.draft.conditions, null);
    this.map.frame();
  }

  private async tryOut(): Promise<void> {
    const ticket = ++this.trying;
    this.requestUpdate();
    try {
      const { conditions, agency, id } = this.draft;
      const tried = await send<Tried>(`${ROOT}/rules/try`, { conditions, agency, rule: id || null });
      if (ticket !== this.trying) return;
      this.tried = tried;
      this.failure = "";
      for (const name of Object.keys(this.faults)) if (name.startsWith("conditions.")) delete this.faults[name];
    } catch (error) {
      if (ticket !== this.trying) return;
      this.tried = null;
      this.failure = reasonOf(error);
      const fields = error instanceof HttpError ? (error.details.fields as Record<string, string> | undefined) : undefined;
      if (fields) this.faults = { ...this.faults, ...fields };
    }
    this.trying = 0;
    this.map?.show(this.draft.conditions, this.tried);
    this.requestUpdate();
  }

  private ask<K extends keyof Conditions>(name: K, value: Conditions[K]): void {
    const conditions = { ...this.draft.conditions, [name]: value };
    if (value === undefined || (Array.isArray(value) && !value.length)) delete conditions[name];
    delete this.faults[`conditions.${name}`];
    this.set("conditions", conditions);
  }

  private toggleIn(name: "wards" | "categories", code: string): void {
    const held = this.draft.conditions[name] ?? [];
    this.ask(name, held.includes(code) ? held.filter((one) => one !== code) : [...held, code]);
  }

  protected body(): TemplateResult {
    const { agencies } = this.model.data.value!;
    const options = agencies.filter((one) => one.active || one.code === this.draft.agency)
      .map((one) => [one.code, say(one.title)] as const);
    return html`<div class="rule-body">
      <div class="rule-fields">
        <div class="grid">
          ${this.text("name", "ruleName", 120, { wide: true })}
          ${this.choice("agency", "answers", [["", tell("choose")], ...options], { wide: true })}
          ${this.toggle("live", "liveLabel", tell("liveHint"))}
        </div>
        <h2 class="part">${tell("asks")}<small>${tell("asksHint")}</small></h2>
        ${this.where_()}${this.what()}${this.when()}
        <div class="grid">${this.area("note", "note", { wide: true })}</div>
        ${this.foot()}
      </div>
      <div class="rule-side">
        <div class="map-room"><div class="rule-map"></div>${this.mapTools()}</div>
        ${this.results()}
      </div></div>`;
  }

  private where_(): TemplateResult {
    const { wards, layers, place_kinds: kinds } = this.model.data.value!;
    const asked = this.draft.conditions;
    const wanted = this.wardSearch.toLowerCase();
    const found = wards.filter((one) => say(one.title).toLowerCase().includes(wanted) || asked.wards?.includes(one.code));
    const fault = this.faults["conditions.wards"];
    return html`<fieldset class="block"><legend>${tell("where")}</legend>
      <details class="wards" ?open=${Boolean(asked.wards?.length)}><summary>${tell("wards")}
        <b>${asked.wards?.length ? asked.wards.map((code) => this.model.ward(code)).join(", ") : tell("anyWard")}</b></summary>
        <input type="text" placeholder=${tell("findWard")} aria-label=${tell("findWard")} .value=${this.wardSearch}
          @input=${(event: Event) => { this.wardSearch = (event.target as HTMLInputElement).value; this.requestUpdate(); }}>
        <div class="checks">${found.map((one) => html`<label><input type="checkbox" .checked=${asked.wards?.includes(one.code) ?? false}
          @change=${() => this.toggleIn("wards", one.code)}>${say(one.title)}</label>`)}</div></details>
      ${fault ? html`<p class="fault">${glyph("alert")}${fault}</p>` : nothing}
      ${this.field("conditions.near", tell("near"), html`<span class="near">
        <select id="f-conditions.near" aria-invalid=${this.wrong("conditions.near")} @change=${(event: Event) => {
          const layer = (event.target as HTMLSelectElement).value;
          this.ask("near", layer ? { layer, metres: asked.near?.metres ?? 100 } : undefined);
        }}><option value="">${tell("nearNothing")}</option>
          <optgroup label=${tell("layers")}>${layers.map((one) => html`<option value=${one.slug} ?selected=${asked.near?.layer === one.slug}>${say(one.title)}</option>`)}</optgroup>
          <optgroup label=${tell("places")}>${kinds.map((kind) => html`<option value="place:${kind}" ?selected=${asked.near?.layer === `place:${kind}`}>${kind}</option>`)}</optgroup></select>
        ${asked.near ? html`<span class="with-unit"><input type="number" min="1" max="20000" step="10" aria-label=${tell("metres")}
          .value=${String(asked.near.metres)} @change=${(event: Event) =>
            this.ask("near", { ...asked.near!, metres: (event.target as HTMLInputElement).valueAsNumber || 0 })}><i>m</i></span>` : nothing}</span>`)}
    </fieldset>`;
  }

  private what(): TemplateResult {
    const asked = this.draft.conditions;
    const rows = this.model.data.value!.categories.filter((one) => one.active || asked.categories?.includes(one.code));
    const fault = this.faults["conditions.categories"];
    return html`<fieldset class="block"><legend>${tell("what")}</legend>
      <div class="pills" role="group" aria-label=${tell("categories")}>${rows.map((one) => html`<button type="button" class="pill"
        style="--badge:${one.color}" aria-pressed=${asked.categories?.includes(one.code) ?? false}
        @click=${() => this.toggleIn("categories", one.code)}><i></i>${say({ vi: one.name_vi, en: one.name_en })}</button>`)}</div>
      ${fault ? html`<p class="fault">${glyph("alert")}${fault}</p>` : nothing}
      ${this.field("conditions.words", tell("words"), tags("f-conditions.words", asked.words ?? [],
        (words) => this.ask("words", words), tell("wordsAdd")), { hint: tell("wordsHint") })}
      ${this.field("conditions.emergency", tell("emergency"), html`<select id="f-conditions.emergency"
        @change=${(event: Event) => {
          const { value } = event.target as HTMLSelectElement;
          this.ask("emergency", value === "" ? undefined : value === "yes");
        }}>${([["", "either"], ["yes", "onlyEmergency"], ["no", "noEmergency"]] as const).map(([value, title]) => html`
          <option value=${value} ?selected=${value === (asked.emergency === undefined ? "" : asked.emergency ? "yes" : "no")}>${tell(title)}</option>`)}</select>`)}
    </fieldset>`;
  }

  private when(): TemplateResult {
    const asked = this.draft.conditions;
    const hour = (place: 0 | 1) => timeBox(asked.hours?.[place] ?? "", tell(place ? "to" : "from"), (value) => {
      const hours: [string, string] = [...(asked.hours ?? ["00:00", "23:59"])];
      hours[place] = value || (place ? "23:59" : "00:00");
      this.ask("hours", hours);
    }, Boolean(this.faults["conditions.hours"]));
    return html`<fieldset class="block"><legend>${tell("when")}</legend>
      <div class="week" role="group" aria-label=${tell("weekdays")}>${WEEKDAYS.map((name, place) => html`<button type="button" class="pill day"
        aria-pressed=${asked.weekdays?.includes(place) ?? false} @click=${() => {
          const held = asked.weekdays ?? [];
          this.ask("weekdays", held.includes(place) ? held.filter((one) => one !== place) : [...held, place].sort());
        }}>${tell(name)}</button>`)}</div>
      ${this.field("conditions.hours", tell("hours"), html`<span class="spans">${hour(0)}<span>–</span>${hour(1)}
        ${asked.hours ? html`<button type="button" class="button small plain" @click=${() => this.ask("hours", undefined)}>${tell("allDay")}</button>` : nothing}</span>`,
        { hint: tell("hoursHint") })}
    </fieldset>`;
  }

  private foot(): TemplateResult | typeof nothing {
    const rule = this.original();
    if (!rule) return nothing;
    return html`<div class="form-foot">
      <small>${tell("changedBy", { who: rule.changed_by ?? tell("system"), at: dateTime(rule.changed_at) })}</small>
      ${this.doomed ? html`<span class="sure">${tell("sureRemove")}
          <button type="button" class="button small danger" @click=${() => { this.model.keepDraft(`rules/${this.key}`, null); void this.model.removeRule(rule); }}>${tell("remove")}</button>
          <button type="button" class="button small plain" @click=${() => { this.doomed = false; this.requestUpdate(); }}>${tell("keep")}</button></span>`
        : html`<button type="button" class="button small plain danger-text" @click=${() => { this.doomed = true; this.requestUpdate(); }}>${glyph("trash")}${tell("remove")}</button>`}</div>`;
  }

  private mapTools(): TemplateResult {
    const { map } = this;
    const drawing = map?.drawing ?? false;
    const fault = this.faults["conditions.area"];
    return html`<div class="map-tools">
        ${drawing ? html`<button type="button" class="button small primary" @click=${() => map?.finish()}>${glyph("check")}${tell("areaDone")}</button>
          <button type="button" class="button small" @click=${() => map?.addMiddle()}>${glyph("plus")}${tell("areaCorner")}</button>`
          : html`<button type="button" class="button small" @click=${() => map?.draw()}>${glyph("draw")}${tell(this.draft.conditions.area ? "areaAgain" : "areaDraw")}</button>`}
        ${drawing || this.draft.conditions.area ? html`<button type="button" class="button small" @click=${() => map?.erase()}>${glyph("trash")}${tell("areaErase")}</button>` : nothing}
      </div>
      ${drawing ? html`<p class="map-hint">${tell("areaHint")}</p>` : nothing}
      ${fault ? html`<p class="map-hint bad" role="alert">${glyph("alert")}${fault}</p>` : nothing}
      <div class="map-zoom"><button type="button" aria-label=${tell("zoomIn")} @click=${() => map?.map.zoomIn()}>${glyph("zoom-in")}</button>
        <button type="button" aria-label=${tell("zoomOut")} @click=${() => map?.map.zoomOut()}>${glyph("zoom-out")}</button></div>`;
  }

  private results(): TemplateResult {
    const { tried } = this;
    return html`<section class="results" aria-labelledby="results-title" aria-busy=${this.trying > 0}>
      <header><h2 id="results-title">${tell("tryOut")}</h2>
        <button type="button" class="button small" ?disabled=${this.trying > 0} @click=${() => void this.tryOut()}>${glyph("retry")}${tell("tryAgain")}</button></header>
      ${this.failure ? html`<p class="notice bad" role="alert">${glyph("alert")}${this.failure}</p>` : nothing}
      ${!tried && !this.failure ? html`<p class="quiet">${tell("trying")}</p>` : nothing}
      ${tried ? this.found(tried) : nothing}</section>`;
  }

  private found(tried: Tried): TemplateResult {
    if (!tried.looked_at) return html`<p class="quiet">${tell("noReports")}</p>`;
    return html`<div class="figures">
        <p><b>${number(tried.matched, 0)}</b>${tell("fit")}</p>
        <p class=${tried.changed_count ? "changes" : ""}><b>${number(tried.changed_count, 0)}</b>${tell("wouldMove")}</p>
        <p><b>${number(tried.looked_at, 0)}</b>${tell("lookedAt", { day: day(tried.oldest_at) })}</p></div>
      ${tried.complete ? nothing : html`<p class="hint">${tell("cutShort")}</p>`}
      ${this.draft.agency ? nothing : html`<p class="hint">${tell("noAgencyYet")}</p>`}
      <ul class="sample">${tried.sample.map((one) => html`<li class=${one.was === one.would_be ? "" : "changed"}>
        <button type="button" @click=${() => this.map?.fly(one.lon, one.lat)}>
          <span class="sample-words">${one.words || tell("noWords")}</span>
          <small>${one.code} · ${this.model.category(one.category)} · ${day(one.at)}</small>
          <small class="path">${this.model.agency(one.was)}${one.was === one.would_be ? nothing : html`${glyph("to")}<b>${this.model.agency(one.would_be)}</b>`}</small></button></li>`)}</ul>
      ${tried.sample.length ? nothing : html`<p class="quiet">${tell("noneFit")}</p>`}`;
  }
}

customElements.define("ioc-rule-form", RuleForm);
