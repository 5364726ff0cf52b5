import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { IocElement } from "../common/element";
import { lang, say } from "../i18n";
import { dateTime, day, dayTime, number, position } from "../i18n/format";
import * as api from "./api";
import { bandMark, clockWords, shareBar, stretch } from "./bands";
import { Composer } from "./composer";
import type { Case, Clock } from "./contract";
import { hints } from "./hints";
import { glyph, maki } from "./icons";
import { Lightbox } from "./lightbox";
import type { DeskModel } from "./model";
import { timeline } from "./timeline";
import { tell } from "./words";

/** One report as those who handle it see it: what was seen, what is due, what happened, what next. */
export class CaseFile extends IocElement {
  private readonly composer: Composer;
  private readonly lightbox: Lightbox;

  constructor(private readonly model: DeskModel) {
    super();
    this.composer = new Composer(model);
    this.lightbox = new Lightbox(model);
    this.uses(model.file, model.fileState, model.code, model.queue);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const clock = setInterval(() => this.requestUpdate(), 30_000);
    this.until(() => clearInterval(clock));
    this.until(this.model.code.on(() => this.querySelector(".case-body")?.scrollTo({ top: 0 })));
  }

  /** True where it was open and is closed now. */
  closeLightbox(): boolean {
    return this.lightbox.shut();
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const code = model.code.value;
    if (!code) return this.nothingOpen();
    const file = model.file.value;
    const state = model.fileState.value;
    if (state === "gone" || state === "failed") {
      return html`${this.bar(null)}<div class="empty tall" role="alert">${glyph(state === "gone" ? "eye" : "offline")}
        <b>${state === "gone" ? tell("gone", { code }) : tell("failed")}</b>
        <p>${state === "gone" ? tell("goneWhy") : tell("failedWhy", { why: model.problem })}</p>
        <button type="button" class="button small" @click=${() => void model.loadFile()}>${tell("retry")}</button></div>`;
    }
    if (!file) {
      return html`${this.bar(null)}<div class="case-skeleton" role="status" aria-label=${tell("caseLoading", { code })}>
        <i></i><i></i><i></i><i></i></div>`;
    }
    return html`${this.bar(file)}<div class="case-body" tabindex="-1">${keyed(file.code, this.body(file))}</div>
      ${this.composer}${this.lightbox}`;
  }

  private nothingOpen(): TemplateResult {
    return html`<div class="empty tall calm">${glyph("inbox")}<b>${tell("pick")}</b></div>`;
  }

  private bar(file: Case | null): TemplateResult {
    const { model } = this;
    const before = model.neighbour(-1);
    const after = model.neighbour(1);
    const go = (code: string, icon: string, label: string) => html`<button type="button" class="icon-button" ?disabled=${!code}
      aria-label=${label} title=${label} @click=${() => void model.open(code)}>${glyph(icon)}</button>`;
    return html`<header class="case-bar">
      <button type="button" class="icon-button to-list" aria-label=${tell("back")} title=${tell("back")} @click=${() => model.close()}>${glyph("back")}</button>
      <span class="code">${model.code.value}</span>
      ${file ? html`<span class="state" style="--tint:${file.state.color}">${say(file.state.title)}</span>` : nothing}
      <span class="spacer"></span>
      <span class="pair">${go(before, "left", tell("previous"))}${go(after, "right", tell("next"))}</span>
      <button type="button" class="icon-button" aria-label=${tell("copyLink")} title=${tell("copyLink")} @click=${() => void this.copy()}>${glyph("copy")}</button>
      <button type="button" class="icon-button" ?disabled=${!file} aria-label=${tell("print")} title=${tell("print")} @click=${() => print()}>${glyph("print")}</button>
      <a class="icon-button" href=${api.dossierUrl(model.code.value, lang.value)} target="_blank" rel="noopener"
        aria-label=${tell("pdf")} title=${tell("pdf")}>${glyph("pdf")}</a>
      <button type="button" class="icon-button close-case" aria-label=${tell("close")} title="${tell("close")} (Esc)" @click=${() => model.close()}>${glyph("x")}</button>
    </header>`;
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.model.say(tell("copied"), "good");
    } catch {
      // The address bar says the same.
    }
  }

  private body(file: Case): TemplateResult {
    return html`
      <section class="case-lead">
        <p class="case-kind"><span class="kind" style="--tint:${file.category.color}">${maki(file.category.icon)}</span>
          <b>${say(file.category.title)}</b>
          ${file.emergency ? html`<span class="tag urgent">${glyph("siren")}${tell("emergency")}</span>` : nothing}
          ${file.reopened ? html`<span class="tag">${tell("reopened", { n: file.reopened })}</span>` : nothing}
          ${file.synthetic ? html`<span class="tag dashed">${tell("synthetic")}</span>` : nothing}</p>
        <h2 class="case-words" lang=${file.language || nothing}>${file.words || tell("noWords")}</h2>
        ${this.photos(file)}
        ${this.published(file)}
        ${file.words_original && file.words_original !== file.words ? html`<details class="original">
          <summary>${tell("original")}</summary><p lang=${file.language || nothing}>${file.words_original}</p></details>` : nothing}
      </section>
      ${this.moderation(file)}
      <section class="clock-box" aria-label=${tell("clocks")}>
        ${this.nextUp(file)}
        <div class="clocks">${file.clocks.map((clock) => this.clock(clock, file))}</div>
        <p class="small-words quiet">${tell(file.emergency ? "clocksHintEmergency" : "clocksHint")}</p>
      </section>
      ${this.facts(file)}
      ${hints(file, this.model)}
      ${timeline(file, (photos, at) => this.lightbox.show(file, photos, at))}`;
  }

  private photos(file: Case): TemplateResult | typeof nothing {
    if (!file.photos.length) return nothing;
    return html`<div class="shots" data-n=${Math.min(3, file.photos.length)}>${file.photos.map((photo, i) => html`
      <button type="button" class="photo" aria-label=${tell("photo", { n: i + 1, m: file.photos.length })}
        @click=${() => this.lightbox.show(file, file.photos, i)}>
        <img src=${file.photos.length === 1 ? photo.url : photo.thumb} alt="" loading="lazy">
        ${photo.kind === "result" ? html`<span class="photo-tag good">${tell("resultPhoto")}</span>` : nothing}
        ${photo.published ? html`<span class="photo-tag">${glyph("eye")}${tell("photoPublic")}</span>` : nothing}
      </button>`)}</div>`;
  }

  private published(file: Case): TemplateResult | typeof nothing {
    if (!file.words) return nothing;
    if (!file.words_public) return html`<p class="small-words quiet">${glyph("redact")} ${tell("notPublished")}</p>`;
    if (file.words_public === file.words) return html`<p class="small-words quiet">${glyph("eye")} ${tell("wordsPublic")}</p>`;
    return html`<p class="public-version"><span>${glyph("eye")} ${tell("published")}</span>${file.words_public}</p>`;
  }

  private moderation(file: Case): TemplateResult | typeof nothing {
    if (file.moderation === "clear") return nothing;
    const why = file.held_why.map((one) => say(one)).join(" · ");
    return html`<p class="banner">${glyph("shield")}<span>${tell(file.moderation === "held" ? "moderationHeld" : "moderationHidden")}
      ${why ? html`<b>${why}</b>` : nothing}</span></p>`;
  }

  private nextUp(file: Case): TemplateResult {
    const who = say(file.agency?.title) || tell("nextCentre");
    const running = file.clocks.filter((clock) => clock.state === "running" && clock.due_at)
      .sort((a, b) => String(a.due_at).localeCompare(String(b.due_at)))[0];
    const what = { acknowledge: "doAcknowledge", resolve: "doResolve", dwell: "doDwell" } as const;
    const words = file.state.open === false ? tell("nextDone")
      : file.moderation === "held" ? tell("nextModerate")
      : !running ? tell("nextWaiting")
      : !file.agency ? tell("nextTriage")
      : tell("nextWho", { who: file.officer ? `${file.officer} (${who})` : who, what: tell(what[running.clock]), at: dayTime(running.due_at) });
    return html`<p class="next-up"><span>${tell("nextUp")}</span>${words}</p>`;
  }

  private clock(clock: Clock, file: Case): TemplateResult {
    const used = tell("used", { n: number(clock.used * 100, 0) });
    const band = clock.state === "paused" ? "paused" : clock.band;
    return html`<div class="clock" data-clock=${clock.clock} data-state=${clock.state}
      title="${used}: ${number(clock.used * clock.budget_h, 1)} / ${tell("budget", { n: number(clock.budget_h, 1) })}">
      <span class="clock-name">${tell(clock.clock)}</span>
      ${shareBar(band === "none" ? "within" : band, clock.used, `${tell(clock.clock)}: ${used}`)}
      <span class="clock-left band-${clock.state === "stopped" && clock.band !== "breached" ? "within" : band}">
        ${bandMark(clock.state === "stopped" && clock.band !== "breached" ? "within" : band)}${clockWords(clock, file.emergency)}</span>
      <span class="clock-due quiet">${clock.stopped_at ? tell("stoppedAt", { at: dayTime(clock.stopped_at) })
        : clock.due_at ? tell("due", { at: dayTime(clock.due_at) }) : used}</span>
    </div>`;
  }

  private facts(file: Case): TemplateResult {
    const fact = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    const off = file.clock_off_s ? tell("clockOff", { n: stretch(file.clock_off_s * 1000) }) : "";
    return html`<dl class="facts">
      ${fact(tell("place"), html`${say(file.district?.title) || "–"} <span class="quiet">${position(file.lon, file.lat)}
        ${file.accuracy_m ? tell("accuracy", { n: number(file.accuracy_m, 0) }) : nothing}</span>`)}
      ${fact(tell("received"), html`${dateTime(file.received_at)}${off ? html` <span class="quiet">${off}</span>` : nothing}`)}
      ${fact(tell("handledBy"), html`${say(file.agency?.title) || tell("noAgency")} <span class="quiet">${file.officer ?? tell("nobody")}</span>`)}
      ${fact(tell("reporter"), html`${tell(file.reporter.kind === "account" ? "hasAccount" : "anonymous")}
        <span class="quiet">${tell(file.reporter.reachable ? "reachable" : "notReachable")}${file.followers ? ` · ${tell("followers", { n: file.followers })}` : ""}</span>`)}
      ${file.planned_for ? fact(tell("plannedFor"), day(`${file.planned_for}T05:00:00Z`)) : nothing}
      ${file.waiting_until ? fact(tell("waitingUntil"), day(`${file.waiting_until}T05:00:00Z`)) : nothing}
      ${file.satisfied ? fact(tell("rating"), tell(file.satisfied)) : nothing}
      ${file.answers.map((one) => fact(say(one.question), say(one.answer)))}
    </dl>`;
  }
}

customElements.define("ioc-case-file", CaseFile);
