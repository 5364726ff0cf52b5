import { html, nothing, type TemplateResult } from "lit";
import { number } from "../i18n/format";
import * as api from "./api";
import type { Finding, RuleData, Tried } from "./contract";
import { OpenPart } from "./element";
import { glyph } from "./icons";
import type { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { className, fault, percent, wayName } from "./parts";
import { tell } from "./words";

const SPANS_S = [60, 600, 3600];

/** The rules as they are drawn now, tried on a recording or the stream; nothing is stored. */
class Trial extends OpenPart {
  static override properties = { ...OpenPart.properties, rules: { attribute: false }, good: { attribute: false }, watch: { attribute: false } };
  declare rules: RuleData[];
  declare good: boolean;
  /** The page's: a look at the rules does not break a trial off. */
  declare watch: JobWatch<Tried>;
  private files: { name: string; bytes: number }[] | null = null;
  private recording = "";
  private seconds = 3600;
  private wrong = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.watch.job.on(() => this.requestUpdate()));
    void api.recordings().then((files) => this.set(() => {
      this.files = files;
      if (!this.model.open.value?.streaming) this.recording = files[0]?.name ?? "";
    })).catch((error) => this.set(() => (this.wrong = reasonOf(error))));
  }

  private async begin(): Promise<void> {
    const camera = this.model.open.value!;
    this.wrong = "";
    try {
      this.watch.follow(await api.tryRules(camera.id, {
        rules: this.rules.filter((rule) => !rule.off), recording: this.recording, seconds: this.seconds,
        control_points: camera.control_points.length ? camera.control_points : null,
      }));
    } catch (error) {
      this.wrong = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const camera = this.model.open.value!;
    const job = this.watch.job.value;
    const on = this.rules.filter((rule) => !rule.off).length;
    return html`<div class="trial"><p class="hint">${tell("trialWhy")}</p>
      <div class="field"><label for="t-file">${tell("tryOn")}</label><select id="t-file" @change=${(event: Event) => this.set(() => (this.recording = (event.target as HTMLSelectElement).value))}>
        ${camera.streaming ? html`<option value="" ?selected=${!this.recording}>${tell("ownStream")}</option>` : nothing}
        ${(this.files ?? []).map((file) => html`<option value=${file.name} ?selected=${file.name === this.recording}>${file.name} · ${number(file.bytes / 1e6, 1)} MB</option>`)}</select></div>
      <div class="field"><label for="t-span">${tell("howLong")}</label><select id="t-span" @change=${(event: Event) => this.set(() => (this.seconds = Number((event.target as HTMLSelectElement).value)))}>
        ${SPANS_S.map((s) => html`<option value=${s} ?selected=${s === this.seconds}>${tell("minutesLong", { n: s / 60 })}</option>`)}</select></div>
      ${this.watch.busy ? html`<div class="progress" role="status"><progress max="1" .value=${job!.progress}></progress><span>${job!.state === "queued" ? tell("jobQueued") : tell("trialAt", { share: percent(job!.progress), at: job!.note })}</span>
          <button type="button" class="button small" @click=${() => void this.watch.cancel()}>${glyph("stop")}${tell("cancel")}</button></div>`
        : html`<button type="button" class="button primary" ?disabled=${!this.good || !on || (!this.recording && !camera.streaming)} @click=${() => void this.begin()}>${glyph("play")}${tell(job?.state === "done" ? "tryAgain" : "tryNow")}</button>
          ${this.good ? nothing : html`<p class="hint">${tell("mendFirst")}</p>`}`}
      ${fault(this.wrong || (job?.state === "failed" ? job.note : ""))}
      ${job?.state === "cancelled" ? html`<p class="hint" role="status">${tell("jobCancelled")}</p>` : nothing}
      ${job?.state === "done" ? this.result(job.id, job.result) : nothing}</div>`;
  }

  private result(id: number, tried: Tried): TemplateResult {
    const counted = tried.counts.filter((row) => row.kind === "line");
    const raised = tried.findings.filter((one) => one.notable || one.kind !== "line");
    return html`<section class="tried" aria-label=${tell("trialResult")}><dl class="figures"><div><dt>${tell("found")}</dt><dd>${number(tried.found, 0)}</dd></div>
        <div><dt>${tell("raised")}</dt><dd>${number(raised.length, 0)}</dd></div><div><dt>${tell("lookedAt")}</dt><dd>${number(tried.seconds, 0)} s</dd></div></dl>
      ${counted.length ? html`<table class="plain"><caption>${tell("counted")}</caption><tbody>${counted.map((row) => html`<tr><th scope="row">${row.rule}</th><td>${wayName(row.direction)}</td><td>${className(row.object_class)}</td><td class="num">${number(row.count, 0)}</td></tr>`)}</tbody></table>` : nothing}
      ${tried.found ? html`<h3>${tell("wouldBe")}</h3><ol class="findings">${tried.findings.map((one) => this.finding(id, one))}</ol>` : html`<p class="hint">${tell("nothingFound")}</p>`}</section>`;
  }

  private finding(id: number, one: Finding): TemplateResult {
    const at = `${Math.floor(one.at_s / 60)}:${String(Math.floor(one.at_s % 60)).padStart(2, "0")}`;
    return html`<li style="--c:${this.model.color(one.kind)}">${one.picture === null ? html`<span class="no-shot">${glyph("camera")}</span>` : html`<img src=${api.trialPicture(id, one.picture)} alt="" loading="lazy">`}
      <span><b>${this.model.kindName(one.kind)}</b><small>${at} · ${className(one.object_class)}${one.direction ? ` · ${wayName(one.direction)}` : ""} · ${percent(one.confidence)} · ±${number(one.error_m, 0)} m</small></span></li>`;
  }
}

customElements.define("ioc-cam-trial", Trial);
