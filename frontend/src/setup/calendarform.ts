import { html, nothing, type TemplateResult } from "lit";
import { HttpError, send } from "../common/http";
import { say } from "../i18n";
import { clock, day as dayOf } from "../i18n/format";
import type { Day, Span, WorkCalendar } from "./contract";
import { dayForm, type DayDraft } from "./dayform";
import { Editor } from "./editor";
import { glyph } from "./icons";
import { reasonOf, ROOT } from "./model";
import { OFFICE, spanInputs } from "./spans";
import { WEEKDAYS } from "./summary";
import { tell } from "./words";
import { yearView } from "./year";

const WAIT_MS = 400;

/** `<ioc-calendar-form>`: the week, the year with its holidays, and a probe of both. */
class CalendarForm extends Editor<WorkCalendar> {
  protected readonly tab = "calendars";
  private year = new Date().getFullYear();
  private picked: DayDraft | null = null;
  private dayFaults: Record<string, string> = {};
  private hours = 8;
  private start = "";
  private end = "";
  private probeFault = "";
  private timer = 0;
  private asked = 0;

  protected original(): WorkCalendar | undefined {
    return this.model.data.value!.calendars.find((one) => one.code === this.key);
  }

  protected blank(): WorkCalendar {
    const day = () => OFFICE.map((span) => [...span] as Span);
    return {
      code: "", name_vi: "", name_en: "", time_zone: "Asia/Ho_Chi_Minh",
      hours: [day(), day(), day(), day(), day(), [], []], holidays: "VN", days: [], version: "",
    };
  }

  protected where() {
    return { url: `/calendars/${encodeURIComponent(this.draft.code || "-")}`, method: "PUT" };
  }

  protected heading(): string {
    return say({ vi: this.draft.name_vi, en: this.draft.name_en }) || tell("calendarNew");
  }

  protected keyOf(): string {
    return this.draft.code;
  }

  protected override opened(): void {
    this.picked = null;
    this.end = "";
    this.changed();
  }

  protected override changed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.probe(), WAIT_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private async probe(): Promise<void> {
    const ticket = ++this.asked;
    const { time_zone, hours } = this.draft;
    try {
      const answer = await send<{ end: string }>(`${ROOT}/calendars/${encodeURIComponent(this.draft.code || "-")}/probe`,
        { values: { time_zone, hours }, hours: this.hours, start: this.start || null });
      if (ticket !== this.asked) return;
      this.end = answer.end;
      this.probeFault = "";
    } catch (error) {
      if (ticket !== this.asked) return;
      this.end = "";
      this.probeFault = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected body(): TemplateResult {
    return html`<div class="form-body">
      <div class="grid">
        ${this.isNew ? this.text("code", "code", 40, { hint: tell("codeHint"), wide: true }) : nothing}
        ${this.text("name_vi", "nameVi")}${this.text("name_en", "nameEn")}
        ${this.text("time_zone", "timeZone", 64)}
        ${this.choice("holidays", "holidaysOf", [["VN", tell("vietnam")], ["", tell("noCountry")]])}
      </div>
      <div class="calendar-halves"><div>
        <h2 class="part">${tell("weekHours")}</h2>${this.week()}</div>
        <div>${this.probeBox()}</div></div>
      ${this.isNew ? html`<p class="hint">${tell("daysAfterSaving")}</p>` : html`
        ${yearView(this.draft, this.year, this.picked?.day ?? "", {
          turn: (year) => { this.year = year; this.requestUpdate(); },
          pick: (day) => this.pick(day),
        })}
        ${this.picked ? dayForm(this.picked, this.dayFaults, {
          put: (changes) => { this.picked = { ...this.picked!, ...changes }; this.requestUpdate(); },
          save: () => void this.saveDay(), remove: () => void this.removeDay(), close: () => { this.picked = null; this.requestUpdate(); },
        }) : html`<p class="hint">${tell("pickDay")}</p>`}`}</div>`;
  }

  private week(): TemplateResult {
    const { hours } = this.draft;
    const put = (place: number, spans: Span[]) => this.set("hours", hours.map((one, each) => (each === place ? spans : one)));
    return html`<div class="week-hours">${WEEKDAYS.map((name, place) => html`<div class="day-row ${hours[place]!.length ? "" : "off"}">
        <b>${tell(name)}</b>${spanInputs(hours[place]!, (spans) => put(place, spans), tell(name))}
        ${place && JSON.stringify(hours[place]) !== JSON.stringify(hours[place - 1]) ? html`<button type="button" class="icon-button tiny"
          aria-label=${tell("asAbove")} title=${tell("asAbove")} @click=${() => put(place, structuredClone(hours[place - 1]!))}>${glyph("copy")}</button>` : nothing}</div>`)}</div>
      ${this.faults.hours ? html`<p class="fault">${glyph("alert")}${this.faults.hours}</p>` : nothing}`;
  }

  private probeBox(): TemplateResult {
    return html`<section class="probe" aria-labelledby="probe-title"><h2 id="probe-title">${glyph("timer")}${tell("probe")}</h2>
      <p class="probe-ask"><label>${tell("probeHours")}<span class="with-unit"><input id="probe-hours" type="number" min="0" max="2000" step="0.5" .value=${String(this.hours)}
          @input=${(event: Event) => { this.hours = (event.target as HTMLInputElement).valueAsNumber || 0; this.changed(); }}><i>${tell("hoursUnit")}</i></span></label>
        <label>${tell("probeFrom")}<input type="datetime-local" .value=${this.start} @input=${(event: Event) => { this.start = (event.target as HTMLInputElement).value; this.changed(); }}></label>
        ${this.start ? html`<button type="button" class="button small plain" @click=${() => { this.start = ""; this.changed(); this.requestUpdate(); }}>${tell("probeNow")}</button>` : nothing}</p>
      <p class="probe-end" aria-live="polite">${this.end ? html`<small>${tell("probeEnds")}</small><b>${clock(this.end)}</b><span>${dayOf(this.end)}</span>`
        : this.probeFault ? html`<span class="fault">${glyph("alert")}${this.probeFault}</span>` : html`<small>…</small>`}</p></section>`;
  }

  private pick(day: string): void {
    const known = this.draft.days.find((one) => one.day === day);
    const weekday = (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7;
    const works = known?.working ?? this.draft.hours[weekday]!.length > 0;
    this.dayFaults = {};
    this.picked = {
      day, working: works, hours: known?.hours ?? null, name_vi: known?.name_vi ?? "", name_en: known?.name_en ?? "",
      source: known?.source ?? "", kind: !known ? "usual" : known.national ? "national" : "own",
    };
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector(".day-form")?.scrollIntoView({ block: "nearest", behavior: "smooth" }));
  }

  private async saveDay(): Promise<void> {
    const picked = this.picked!;
    try {
      await send(`${ROOT}/calendars/${this.key}/days/${picked.day}`, { values: picked }, "PUT");
      await this.afterDay(tell("daySaved", { day: dayOf(`${picked.day}T12:00Z`) }));
    } catch (error) {
      this.dayFaults = error instanceof HttpError ? ((error.details.fields as Record<string, string>) ?? {}) : {};
      this.model.say(reasonOf(error), "bad");
      this.requestUpdate();
    }
  }

  private async removeDay(): Promise<void> {
    const { day } = this.picked!;
    const before = this.draft.days.find((one: Day) => one.day === day);
    const url = `${ROOT}/calendars/${this.key}/days/${day}`;
    const gone = await this.model.tried(() => send(url, {}, "DELETE"), tell("dayRemoved", { day: dayOf(`${day}T12:00Z`) }),
      before && (async () => void (await send(url, { values: before }, "PUT"))));
    if (gone) await this.afterDay("");
  }

  private async afterDay(said: string): Promise<void> {
    this.picked = null;
    await this.model.load();
    const now = this.original();
    if (now) this.draft = { ...this.draft, days: now.days };
    if (said) this.model.say(said);
    this.changed();
    this.requestUpdate();
  }
}

customElements.define("ioc-calendar-form", CalendarForm);
