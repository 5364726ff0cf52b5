import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { ago, dateTime, number } from "../i18n/format";
import * as api from "./api";
import { bring } from "./bring";
import type { Finding, Job, RuleData, TrialLine, Tried } from "./contract";
import { OpenPart } from "./element";
import { glyph } from "./icons";
import type { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { className, fault, percent, wayName } from "./parts";
import { tell, type Said } from "./words";

const SPANS_S = [60, 600, 3600];
const VIDEO = ".mp4,.mov,.m4v,.mkv,.webm,.avi,.ts,video/*";
const CLIP = "clip:";
const MARKS: Record<string, string> = { queued: "◌", running: "◔", done: "●", failed: "◆", cancelled: "■" };

/** Rules tried on a recording, a clip that is brought, or the stream; trials outlive the page. */
class Trial extends OpenPart {
  static override properties = { ...OpenPart.properties, rules: { attribute: false }, good: { attribute: false }, watch: { attribute: false } };
  declare rules: RuleData[];
  declare good: boolean;
  /** The page's: a look at the rules does not break a trial off. */
  declare watch: JobWatch<Tried>;
  adopt: (rules: RuleData[]) => void = () => undefined;
  private files: { name: string; bytes: number }[] | null = null;
  private lines: TrialLine[] | null = null;
  private following: string | null = null;
  private clips = new Map<string, string>();
  private source = "";
  private seconds = 3600;
  private wrong = "";
  private sending: { name: string; share: number; stop: AbortController } | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.watch.job.on((job) => {
      if (job && !this.watch.busy) void this.list();
      this.requestUpdate();
    }));
    this.until(() => this.sending?.stop.abort());
    void api.recordings().then((files) => this.set(() => {
      this.files = files;
      if (!this.model.open.value?.streaming && !this.source) this.source = files[0]?.name ?? "";
    })).catch((error) => this.set(() => (this.wrong = reasonOf(error))));
    void this.begun();
  }

  /** Finds the trial of the address, or the one that still runs. */
  private async begun(): Promise<void> {
    await this.list();
    const wanted = Number(this.model.route.value.asked.get("trial")) || 0;
    const running = this.lines?.find((one) => one.mine && (one.state === "queued" || one.state === "running"));
    const id = this.watch.job.value ? 0 : wanted || running?.id || 0;
    if (id) await this.open(id);
  }

  private async list(more = ""): Promise<void> {
    const camera = this.model.open.value;
    if (!camera) return;
    const page = await api.trials(camera.id, more).catch(() => null);
    if (!page) return;
    this.lines = more ? [...(this.lines ?? []), ...page.items] : page.items;
    this.following = page.next;
    for (const one of page.items) if (one.clip && !this.clips.has(one.clip)) this.clips.set(one.clip, one.clip_name);
    this.requestUpdate();
  }

  private async open(id: number): Promise<void> {
    this.wrong = "";
    try {
      this.watch.follow(await api.job<Tried>(id));
      this.model.ask({ trial: String(id) });
    } catch (error) {
      this.wrong = reasonOf(error);
    }
    this.requestUpdate();
  }

  private async take(file: File | undefined): Promise<void> {
    if (!file) return;
    const most = this.model.home.value!.clip_mb;
    this.wrong = file.size > most * 1e6 ? tell("clipTooLarge", { most }) : "";
    if (this.wrong) return this.requestUpdate();
    const stop = new AbortController();
    this.set(() => (this.sending = { name: file.name, share: 0, stop }));
    try {
      const got = await bring(file, (share) => this.set(() => this.sending && (this.sending.share = share)), stop.signal);
      this.clips.set(got.clip, file.name.slice(0, 120));
      this.source = CLIP + got.clip;
    } catch (error) {
      if (!stop.signal.aborted) this.wrong = reasonOf(error);
    }
    this.set(() => (this.sending = null));
  }

  private async begin(): Promise<void> {
    const camera = this.model.open.value!;
    const clip = this.source.startsWith(CLIP) ? this.source.slice(CLIP.length) : "";
    this.wrong = "";
    try {
      const job = await api.tryRules(camera.id, {
        rules: this.rules.filter((rule) => !rule.off), recording: clip ? "" : this.source, seconds: this.seconds,
        clip, clip_name: this.clips.get(clip) ?? "", control_points: camera.control_points.length ? camera.control_points : null,
      });
      this.watch.follow(job);
      this.model.ask({ trial: String(job.id) });
      void this.list();
    } catch (error) {
      this.wrong = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const job = this.watch.job.value;
    return html`<div class="trial"><p class="hint">${tell("trialWhy")}</p>${this.asked()}
      ${fault(this.wrong || (job?.state === "failed" ? job.note : ""))}
      ${job?.state === "cancelled" ? html`<p class="hint" role="status">${tell("jobCancelled")}</p>` : nothing}
      ${this.recent(job)}${job?.state === "done" ? this.result(job) : nothing}</div>`;
  }

  private asked(): TemplateResult {
    const camera = this.model.open.value!;
    const job = this.watch.job.value;
    const on = this.rules.filter((rule) => !rule.off).length;
    const option = (value: string, words: string) => html`<option value=${value} ?selected=${value === this.source}>${words}</option>`;
    return html`<div class="field"><label for="t-file">${tell("tryOn")}</label><select id="t-file" @change=${(event: Event) => this.set(() => (this.source = (event.target as HTMLSelectElement).value))}>
        ${camera.streaming ? option("", tell("ownStream")) : nothing}
        ${[...this.clips].map(([token, name]) => option(CLIP + token, tell("broughtClip", { name: name || token.slice(0, 6) })))}
        ${(this.files ?? []).map((file) => option(file.name, `${file.name} · ${number(file.bytes / 1e6, 1)} MB`))}</select></div>
      ${this.sending ? html`<div class="progress" role="status"><progress max="1" .value=${this.sending.share}></progress><span>${tell("clipSending", { share: percent(this.sending.share) })}</span>
          <button type="button" class="button small" @click=${() => this.sending?.stop.abort()}>${glyph("stop")}${tell("cancel")}</button></div>`
        : html`<label class="drop" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${(event: DragEvent) => { event.preventDefault(); void this.take(event.dataTransfer?.files[0]); }}>${glyph("upload")}<span><b>${tell("bringClip")}</b><small>${tell("bringClipHint", { most: this.model.home.value!.clip_mb })}</small></span>
          <input type="file" class="visually-hidden" accept=${VIDEO} @change=${(event: Event) => { const input = event.target as HTMLInputElement; void this.take(input.files?.[0]); input.value = ""; }}></label>`}
      <div class="field"><label for="t-span">${tell("howLong")}</label><select id="t-span" @change=${(event: Event) => this.set(() => (this.seconds = Number((event.target as HTMLSelectElement).value)))}>
        ${SPANS_S.map((s) => html`<option value=${s} ?selected=${s === this.seconds}>${tell("minutesLong", { n: s / 60 })}</option>`)}</select></div>
      ${this.watch.busy ? html`<div class="progress" role="status"><progress max="1" .value=${job!.progress}></progress><span>${job!.state === "queued" ? tell("jobQueued") : tell("trialAt", { share: percent(job!.progress), at: job!.note })}</span>
          ${this.lines?.find((one) => one.id === job!.id)?.mine === false ? nothing : html`<button type="button" class="button small" @click=${() => void this.watch.cancel()}>${glyph("stop")}${tell("cancel")}</button>`}</div>
          <p class="hint">${tell("mayLeave")}</p>`
        : html`<button type="button" class="button primary" ?disabled=${!this.good || !on || !!this.sending || (!this.source && !camera.streaming)} @click=${() => void this.begin()}>${glyph("play")}${tell("tryNow")}</button>
          ${this.good ? nothing : html`<p class="hint">${tell("mendFirst")}</p>`}`}`;
  }

  private recent(open: Job<Tried> | null): TemplateResult | typeof nothing {
    if (!this.lines?.length) return nothing;
    return html`<details class="recent" ?open=${open?.state !== "done"}><summary>${tell("recentTrials")} <small>${this.lines.length}${this.following ? "+" : ""}</small></summary><p class="hint">${tell("recentTrialsWhy")}</p>
      <ul>${this.lines.map((one) => { const now = one.id === open?.id ? { ...one, state: open.state, progress: open.progress, note: open.note } : one; return html`<li><button type="button" class="trial-line trial-${now.state}" aria-current=${one.id === open?.id ? "true" : nothing} @click=${() => void this.open(one.id)}>
        <i aria-hidden="true">${MARKS[now.state]}</i><span><b>${one.clip_name || one.recording || tell("ownStream")}</b>
          <small>${this.outcome(now)}</small><small><time title=${dateTime(one.created_at)}>${ago(one.created_at, serverNow())}</time> · ${tell("rulesCount", { n: one.rules })}${one.mine ? "" : ` · ${one.by}`}</small></span></button></li>`; })}</ul>
      ${this.following ? html`<button type="button" class="button small" @click=${() => void this.list(this.following!)}>${tell("more")}</button>` : nothing}</details>`;
  }

  private outcome(one: TrialLine): string {
    const state = tell(`job_${one.state}` as Said);
    if (one.state === "running") return `${state} · ${percent(one.progress)}`;
    if (one.state === "failed") return `${state} · ${one.note}`;
    return one.state === "done" && one.found !== null ? tell("trialTold", { found: number(one.found, 0), raised: number(one.raised ?? 0, 0), s: number(one.seconds ?? 0, 0) }) : state;
  }

  private result(job: Job<Tried>): TemplateResult {
    const tried = job.result;
    const counted = tried.counts.filter((row) => row.kind === "line");
    const raised = tried.raised ?? tried.findings.filter((one) => one.notable).length;
    const on = this.rules.filter((rule) => !rule.off);
    const other = job.asked.rules && JSON.stringify(job.asked.rules) !== JSON.stringify(on);
    return html`<section class="tried" aria-label=${tell("trialResult")}><dl class="figures"><div><dt>${tell("found")}</dt><dd>${number(tried.found, 0)}</dd></div>
        <div><dt>${tell("raised")}</dt><dd>${number(raised, 0)}</dd></div><div><dt>${tell("lookedAt")}</dt><dd>${number(tried.seconds, 0)} s</dd></div></dl>
      ${other ? html`<p class="notice">${glyph("rules")}<span>${tell("otherRules")}</span><button type="button" class="button small" @click=${() => this.adopt(job.asked.rules!)}>${tell("adoptRules")}</button></p>` : nothing}
      ${counted.length ? html`<table class="plain"><caption>${tell("counted")}</caption><tbody>${counted.map((row) => html`<tr><th scope="row">${row.rule}</th><td>${wayName(row.direction)}</td><td>${className(row.object_class)}</td><td class="num">${number(row.count, 0)}</td></tr>`)}</tbody></table>` : nothing}
      ${tried.found ? html`<h3>${tell("wouldBe")}</h3><ol class="findings">${tried.findings.map((one) => this.finding(job.id, one))}</ol>` : html`<p class="hint">${tell("nothingFound")}</p>`}</section>`;
  }

  private finding(id: number, one: Finding): TemplateResult {
    const at = `${Math.floor(one.at_s / 60)}:${String(Math.floor(one.at_s % 60)).padStart(2, "0")}`;
    return html`<li style="--c:${this.model.color(one.kind)}">${one.picture === null ? html`<span class="no-shot">${glyph("camera")}</span>` : html`<img src=${api.trialPicture(id, one.picture)} alt="" loading="lazy">`}
      <span><b>${this.model.kindName(one.kind)}</b><small>${at} · ${className(one.object_class)}${one.direction ? ` · ${wayName(one.direction)}` : ""} · ${percent(one.confidence)} · ±${number(one.error_m, 0)} m</small></span></li>`;
  }
}

customElements.define("ioc-cam-trial", Trial);
