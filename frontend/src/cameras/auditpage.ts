import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { dateTime } from "../i18n/format";
import * as api from "./api";
import type { AuditLine, Titled } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import { reasonOf } from "./model";
import { failed, waiting } from "./parts";
import { tell, type Said } from "./words";

const PAGE = 50;
const SETTLE_MS = 300;
const ACTS = new Set(["clear_picture", "plate_search", "plate_text", "login", "address", "discovery"]);

/** Who looked at what is not for everybody, when, and why. Nobody can change it. */
class AuditPage extends CamPart {
  private items: AuditLine[] | null = null;
  private acts: Titled[] = [];
  private next: string | null = null;
  private failure = "";
  private asked = { act: "", camera: "", by: "", day: "" };
  private asking: AbortController | null = null;
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    const { asked } = this.model.route.value;
    for (const name of ["act", "camera", "by", "day"] as const) this.asked[name] = asked.get(name) ?? "";
    this.until(() => { clearTimeout(this.timer); this.asking?.abort(); });
    void this.ask();
  }

  private async ask(more = ""): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const { day, ...rest } = this.asked;
    const start = day ? new Date(`${day}T00:00:00`) : null;
    const span = start ? { start: start.toISOString(), end: new Date(start.getTime() + 86_400_000).toISOString() } : {};
    try {
      const page = await api.audit({ ...rest, ...span, cursor: more, limit: PAGE }, asking.signal);
      this.items = more ? [...(this.items ?? []), ...page.items] : page.items;
      this.next = page.next;
      this.acts = page.acts;
      this.failure = "";
    } catch (error) {
      if (asking.signal.aborted) return;
      this.failure = reasonOf(error);
    }
    this.requestUpdate();
  }

  private choose(name: "act" | "camera" | "by" | "day", value: string): void {
    this.asked = { ...this.asked, [name]: value };
    this.model.ask(this.asked);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), name === "by" ? SETTLE_MS : 0);
    this.requestUpdate();
  }

  private act(line: { act: string; title: string }): string {
    return ACTS.has(line.act) ? tell(`act_${line.act}` as Said) : line.title;
  }

  protected override render(): TemplateResult {
    const { asked } = this;
    const value = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><div><h1 id="page-title">${tell("audit")}</h1><p>${tell("auditWhy")}</p></div><span class="spacer"></span>
        <label class="search">${glyph("search")}<input type="search" .value=${asked.by} placeholder=${tell("auditWho")} aria-label=${tell("auditWho")} @input=${(event: Event) => this.choose("by", value(event))}></label>
        <select aria-label=${tell("auditWhat")} @change=${(event: Event) => this.choose("act", value(event))}><option value="">${tell("allActs")}</option>${this.acts.map((one) => html`<option value=${one.code} ?selected=${one.code === asked.act}>${this.act({ act: one.code, title: one.title })}</option>`)}</select>
        <select aria-label=${tell("camera")} @change=${(event: Event) => this.choose("camera", value(event))}><option value="">${tell("allCameras")}</option>${(this.model.cameras.value ?? []).map((one) => html`<option value=${one.id} ?selected=${String(one.id) === asked.camera}>${say(one.name)}</option>`)}</select>
        <input type="date" class="day" aria-label=${tell("auditDay")} .value=${asked.day} @change=${(event: Event) => this.choose("day", value(event))}></header>
      ${this.failure ? failed(this.failure, () => void this.ask()) : !this.items ? waiting() : this.items.length ? this.table(this.items)
        : html`<div class="empty">${glyph("audit")}<p>${tell(Object.values(asked).some(Boolean) ? "noneFit" : "auditEmpty")}</p></div>`}</section>`;
  }

  private table(items: AuditLine[]): TemplateResult {
    return html`<div class="panel"><table class="plain wide-table stack audit"><caption class="visually-hidden">${tell("audit")}</caption>
        <thead><tr><th scope="col">${tell("when")}</th><th scope="col">${tell("auditWho")}</th><th scope="col">${tell("auditWhat")}</th><th scope="col">${tell("camera")}</th><th scope="col">${tell("why")}</th></tr></thead>
        <tbody>${items.map((one) => html`<tr><td class="nowrap">${dateTime(one.at)}</td><td><b>${one.by_name}</b></td><td>${this.act({ act: one.act, title: one.act_title })}</td>
          <td>${one.camera ? html`<a href="#/cameras/${one.camera.id}">${one.camera.name}</a>` : one.camera_code || "–"}${one.event_id ? html`<small><a href="#/review?review=all&notable=false&event=${one.event_id}">${tell("openEvent")}</a></small>` : nothing}</td>
          <td class="reason">${one.reason || "–"}</td></tr>`)}</tbody></table></div>
      ${this.next ? html`<button type="button" class="button more-rows" @click=${() => void this.ask(this.next!)}>${tell("more")}</button>` : nothing}`;
  }
}

customElements.define("ioc-cam-audit", AuditPage);
