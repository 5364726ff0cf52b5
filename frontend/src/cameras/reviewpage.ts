import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { ago, clock, dateTime } from "../i18n/format";
import * as api from "./api";
import type { CameraEvent } from "./contract";
import { CamPart } from "./element";
import "./eventcase";
import { glyph } from "./icons";
import { className, failed, percent, waiting } from "./parts";
import { NO_FILTERS, ReviewDesk, type Filters } from "./reviewdesk";
import { tell, type Said } from "./words";

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select";
export const MARKS: Record<string, string> = { pending: "○", accepted: "✓", rejected: "✕", wrong_class: "≠" };

/** The review queue: what cameras raised, for a person to accept, reject or rename. */
class ReviewPage extends CamPart {
  private desk!: ReviewDesk;
  private asking: "" | "reject" | "rename" = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.desk ??= new ReviewDesk(this.model);
    const { desk } = this;
    const again = () => this.requestUpdate();
    for (const signal of [desk.items, desk.state, desk.open, desk.whole, desk.picks, desk.filters, desk.rows, desk.fresh]) this.until((signal as typeof desk.open).on(again));
    const keys = (event: KeyboardEvent) => this.key(event);
    addEventListener("keydown", keys);
    this.until(() => { removeEventListener("keydown", keys); desk.stop(); });
    this.until(desk.open.on(() => {
      this.asking = "";
      void this.updateComplete.then(() => this.querySelector('.event-row[aria-current="true"]')?.scrollIntoView({ block: "nearest" }));
    }));
    desk.begin();
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && (this.asking || this.desk.picks.value.size)) {
      if (this.asking) this.asking = "";
      else this.desk.pickAll(false);
      return this.requestUpdate();
    }
    if (target.matches(TYPING)) return;
    const digit = Number(event.key);
    if (this.asking && digit >= 1) {
      const choice = this.querySelectorAll<HTMLButtonElement>(".choices button")[digit - 1];
      choice?.click();
      return event.preventDefault();
    }
    const { desk } = this;
    const act: Record<string, () => void> = {
      j: () => desk.step(1), k: () => desk.step(-1), x: () => desk.pick(desk.open.value), u: () => void desk.undo(),
      a: () => void desk.say("accepted"), r: () => this.ask("reject"), w: () => this.ask("rename"),
      p: () => { const clip = this.querySelector<HTMLVideoElement>("video"); if (clip) void (clip.paused ? clip.play() : clip.pause()); else this.querySelector<HTMLButtonElement>(".play-clip")?.click(); },
    };
    const found = act[event.key.toLowerCase()];
    if (!found) return;
    event.preventDefault();
    found();
  }

  private ask(what: "reject" | "rename"): void {
    if (!this.desk.may || !this.desk.subjects.length) return;
    this.asking = this.asking === what ? "" : what;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".choices button")?.focus());
  }

  protected override render(): TemplateResult {
    const { desk } = this;
    const open = desk.items.value.find((one) => one.id === desk.open.value);
    return html`<section class="review" aria-labelledby="page-title" data-case=${this.model.route.value.asked.get("event") ? "open" : "closed"}>
      <div class="queue"><header class="queue-head"><h1 id="page-title">${tell("review")}</h1><span class="spacer"></span>
          <a class="button small plain" href=${api.provenUrl({ camera: desk.filters.value.camera, kind: desk.filters.value.kind })} download title=${tell("provenHint")}>${glyph("download")}CSV</a></header>
        ${this.filterRow()}${this.bulk()}
        ${desk.fresh.value ? html`<button type="button" class="fresh" @click=${() => void desk.load()}>${tell("freshEvents", { n: desk.fresh.value })}</button>` : nothing}
        ${desk.state.value === "failed" ? failed(desk.problem, () => void desk.load()) : desk.state.value === "busy" && !desk.items.value.length ? waiting()
          : desk.items.value.length ? html`<ul class="events">${desk.items.value.map((one) => this.row(one))}
              ${desk.next ? html`<li><button type="button" class="button more" @click=${() => void desk.more()}>${tell("more")}</button></li>` : nothing}</ul>` : this.empty()}</div>
      <div class="case-room">${open ? html`<ioc-event-case .model=${this.model} .event=${open} .whole=${desk.whole.value} .back=${() => desk.choose(0)}></ioc-event-case>${this.actions(open)}`
        : html`<div class="wait">${glyph("review")}<p>${tell("pickEvent")}</p></div>`}</div></section>`;
  }

  private empty(): TemplateResult {
    const asked = JSON.stringify(this.desk.filters.value) !== JSON.stringify(NO_FILTERS);
    return html`<div class="empty">${glyph("check")}<p>${tell(asked ? "noneFit" : "allReviewed")}</p>
      ${asked ? html`<button type="button" class="button small" @click=${() => this.desk.set(NO_FILTERS)}>${tell("clearFilters")}</button>` : nothing}</div>`;
  }

  private filterRow(): TemplateResult {
    const { filters, rows } = this.desk;
    const f = filters.value;
    const choose = (name: keyof Filters, label: string, options: [string, string][]) => html`<select aria-label=${label} class=${f[name] !== NO_FILTERS[name] ? "set" : ""}
      @change=${(event: Event) => this.desk.set({ [name]: (event.target as HTMLSelectElement).value })}>${options.map(([value, title]) => html`<option value=${value} ?selected=${value === f[name]}>${title}</option>`)}</select>`;
    const rules = [...new Set(rows.value.filter((row) => !f.camera || String(row.camera.id) === f.camera).map((row) => row.rule))].sort();
    return html`<div class="filters" role="group" aria-label=${tell("filters")}>
      ${choose("review", tell("reviewState"), [["pending", tell("r_pending")], ["accepted", tell("r_accepted")], ["rejected", tell("r_rejected")], ["wrong_class", tell("r_wrong_class")], ["all", tell("r_all")]])}
      ${choose("camera", tell("camera"), [["", tell("allCameras")], ...(this.model.cameras.value ?? []).map((one): [string, string] => [String(one.id), say(one.name)])])}
      ${choose("kind", tell("kind"), [["", tell("allKinds")], ...(this.model.home.value?.kinds ?? []).map((one): [string, string] => [one.code, say(one.title)])])}
      ${choose("rule", tell("rule"), [["", tell("allRules")], ...rules.map((one): [string, string] => [one, one])])}
      ${choose("object_class", tell("object"), [["", tell("allObjects")], ...["person", "bicycle", "motorcycle", "car", "bus", "truck", "moving"].map((one): [string, string] => [one, className(one)])])}</div>`;
  }

  private bulk(): TemplateResult | typeof nothing {
    const { desk } = this;
    if (!desk.may || !desk.items.value.length) return nothing;
    const n = desk.picks.value.size;
    const all = n === desk.items.value.length;
    return html`<div class="bulk"><label><input type="checkbox" .checked=${all} .indeterminate=${n > 0 && !all} @change=${() => desk.pickAll(!all)}><span>${n ? tell("picked", { n }) : tell("pickAll")}</span></label>
      <span class="keys" aria-hidden="true"><kbd>j</kbd><kbd>k</kbd> ${tell("keyMove")} <kbd>x</kbd> ${tell("keyPick")}</span></div>`;
  }

  private row(one: CameraEvent): TemplateResult {
    const { desk } = this;
    return html`<li class="event-row said-${one.review}" aria-current=${one.id === desk.open.value ? "true" : nothing} style="--c:${this.model.color(one.kind)}">
      ${desk.may ? html`<input type="checkbox" aria-label=${tell("pickOne", { name: `${say(one.kind_title)} ${clock(one.started_at, true)}` })} .checked=${desk.picks.value.has(one.id)} @change=${() => desk.pick(one.id)}>` : nothing}
      <button type="button" @click=${() => desk.choose(one.id)}>${one.picture ? html`<img src=${one.picture} alt="" loading="lazy">` : html`<span class="no-shot">${glyph("camera")}</span>`}
        <span><b><i></i>${say(one.kind_title)}</b><small>${one.camera.name} · ${one.rule}</small>
          <small><time title=${dateTime(one.started_at)}>${ago(one.started_at, serverNow())}</time> · ${className(one.object_class)} · ${percent(one.confidence)}</small></span>
        ${one.review === "pending" ? nothing : html`<em class="said" title=${tell(`r_${one.review}` as Said)}>${MARKS[one.review]}</em>`}</button></li>`;
  }

  private actions(open: CameraEvent): TemplateResult {
    const { desk } = this;
    const n = desk.picks.value.size;
    if (!desk.may) return html`<footer class="act"><p class="hint">${tell("mayNotReview")}</p></footer>`;
    return html`<footer class="act">
      ${this.asking === "reject" ? html`<div class="choices" role="group" aria-label=${tell("whyReject")}><p>${tell("whyReject")}</p>${this.model.home.value!.causes.map((cause, i) => html`<button type="button" class="pill" @click=${() => { this.asking = ""; void desk.say("rejected", say(cause.title)); }}><kbd>${i + 1}</kbd>${say(cause.title)}</button>`)}
          <form @submit=${(event: Event) => { event.preventDefault(); const words = (event.target as HTMLFormElement).querySelector("input")!.value.trim(); if (words) { this.asking = ""; void desk.say("rejected", words); } }}><input type="text" maxlength="300" placeholder=${tell("otherReason")} aria-label=${tell("otherReason")}><button type="submit" class="button small">${tell("reject")}</button></form></div>` : nothing}
      ${this.asking === "rename" ? html`<div class="choices" role="group" aria-label=${tell("whatWasIt")}><p>${tell("whatWasIt")}</p>${this.model.home.value!.classes.filter((one) => one !== open.object_class).map((one, i) => html`<button type="button" class="pill" @click=${() => { this.asking = ""; void desk.say("wrong_class", "", one); }}>${i < 9 ? html`<kbd>${i + 1}</kbd>` : nothing}${className(one)}</button>`)}</div>` : nothing}
      <div class="act-row">${n ? html`<b class="n">${tell("picked", { n })}</b>` : nothing}
        <button type="button" class="button good" @click=${() => void desk.say("accepted")}>${glyph("check")}${tell("accept")}<kbd>a</kbd></button>
        <button type="button" class="button bad" aria-expanded=${this.asking === "reject"} @click=${() => this.ask("reject")}>${glyph("x")}${tell("reject")}<kbd>r</kbd></button>
        <button type="button" class="button" aria-expanded=${this.asking === "rename"} @click=${() => this.ask("rename")}>${glyph("tag")}${tell("wrongClass")}<kbd>w</kbd></button>
        <span class="spacer"></span><button type="button" class="button plain" @click=${() => void desk.undo()}>${glyph("undo")}<span class="wide-only">${tell("undo")}</span><kbd>u</kbd></button></div>
      <p class="hint">${tell("noPenalty")}</p></footer>`;
  }
}

customElements.define("ioc-cam-review", ReviewPage);
