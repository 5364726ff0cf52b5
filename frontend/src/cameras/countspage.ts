import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { say } from "../i18n";
import { dayTime, number } from "../i18n/format";
import * as api from "./api";
import type { Counted, Watched } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import "./linechart";
import type { Line, Plotted } from "./linechart";
import { reasonOf } from "./model";
import { className, failed, waiting, wayName } from "./parts";
import { tell } from "./words";

const HOUR_S = 3600;
const SPANS: Record<string, { s: number; step: "minute" | "hour"; step_s: number }> = {
  h1: { s: HOUR_S, step: "minute", step_s: 60 }, h6: { s: 6 * HOUR_S, step: "minute", step_s: 60 },
  d1: { s: 24 * HOUR_S, step: "minute", step_s: 60 }, d7: { s: 7 * 24 * HOUR_S, step: "hour", step_s: HOUR_S },
};
/** Safe for colour-blind eyes (Okabe and Ito), the darkest left out. */
const COLORS = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#8fa3b8"];
const ASK_MS = 30_000;

/** What crossed each lane, by minute. */
class CountsPage extends CamPart {
  private camera = "";
  private span = "h1";
  private rows: Counted[] | null = null;
  private watched: Watched[] = [];
  private until_s = 0;
  private failure = "";
  private asking: AbortController | null = null;
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    const { asked } = this.model.route.value;
    this.camera = asked.get("camera") ?? "";
    this.span = asked.get("span") && SPANS[asked.get("span")!] ? asked.get("span")! : "h1";
    this.until(() => { clearTimeout(this.timer); this.asking?.abort(); });
    void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const { s, step, step_s } = SPANS[this.span]!;
    // The step that is not over yet would look like a fall: it is told when it is whole.
    const end = Math.floor(serverNow() / 1000 / step_s) * step_s;
    try {
      const told = await api.counts({ start: new Date((end - s) * 1000).toISOString(), end: new Date(end * 1000).toISOString(), step, camera: this.camera }, asking.signal);
      this.rows = told.rows;
      this.watched = told.watched;
      this.until_s = end;
      this.failure = "";
    } catch (error) {
      if (asking.signal.aborted) return;
      this.failure = reasonOf(error);
    }
    this.timer = window.setTimeout(() => void this.ask(), ASK_MS);
    this.requestUpdate();
  }

  private choose(change: () => void): void {
    change();
    this.rows = null;
    this.model.ask({ camera: this.camera, span: this.span === "h1" ? "" : this.span });
    this.requestUpdate();
    void this.ask();
  }

  private lane(row: Counted): string {
    const way = wayName(row.direction);
    const name = this.model.cameras.value?.find((one) => one.id === row.camera_id);
    return [this.camera ? "" : (name ? say(name.name) : String(row.camera_id)), row.rule, way].filter(Boolean).join(" · ");
  }

  private plotted(rows: Counted[]): Plotted {
    const { s, step_s } = SPANS[this.span]!;
    const from = this.until_s - s;
    const t = Array.from({ length: Math.round(s / step_s) }, (_, i) => from + i * step_s);
    const lanes = new Map<string, (number | null)[]>();
    for (const row of rows) {
      const lane = this.lane(row);
      if (!lanes.has(lane)) lanes.set(lane, this.looked(row.camera_id, t, step_s).map((yes) => (yes ? 0 : null)));
      const i = Math.round((Date.parse(row.at) / 1000 - from) / step_s);
      if (i >= 0 && i < t.length) lanes.get(lane)![i] = (lanes.get(lane)![i] ?? 0) + row.count;
    }
    const all = (values: (number | null)[]): number => sum(values.map((value) => value ?? 0));
    const most = [...lanes].sort((a, b) => all(b[1]) - all(a[1])).slice(0, COLORS.length);
    const lines: Line[] = most.sort((a, b) => a[0].localeCompare(b[0])).map(([title, values], i) => ({ title, values, color: COLORS[i]!, bars: most.length === 1 }));
    return { t, lines, from, to: this.until_s, unit: "" };
  }

  /** In which steps the camera looked; all of them where nothing is known of it. */
  private looked(camera: number, t: number[], step_s: number): boolean[] {
    const spans = this.watched.filter((one) => one.camera_id === camera).map((one): [number, number] => [Date.parse(one.from) / 1000, Date.parse(one.to) / 1000]);
    return t.map((at) => !spans.length || spans.some(([from, to]) => from < at + step_s && to >= at));
  }

  /** Minutes in which the camera looked. */
  private minutes(camera: number): number {
    const { s, step_s } = SPANS[this.span]!;
    const t = Array.from({ length: Math.round(s / step_s) }, (_, i) => this.until_s - s + i * step_s);
    return Math.max(1, (this.looked(camera, t, step_s).filter(Boolean).length * step_s) / 60);
  }

  protected override render(): TemplateResult {
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><div><h1 id="page-title">${tell("counts")}</h1><p>${tell("countsWhy")}</p></div><span class="spacer"></span>
        <select aria-label=${tell("camera")} @change=${(event: Event) => this.choose(() => (this.camera = (event.target as HTMLSelectElement).value))}><option value="">${tell("allCameras")}</option>
          ${(this.model.cameras.value ?? []).map((one) => html`<option value=${one.id} ?selected=${String(one.id) === this.camera}>${say(one.name)}</option>`)}</select>
        <div class="segments" role="group" aria-label=${tell("span")}>${Object.keys(SPANS).map((span) => html`<button type="button" aria-pressed=${span === this.span} @click=${() => this.choose(() => (this.span = span))}>${tell(`span_${span}` as "span_h1")}</button>`)}</div></header>
      ${this.failure ? failed(this.failure, () => void this.ask()) : !this.rows ? waiting() : this.rows.length ? this.shown(this.rows)
        : html`<div class="empty">${glyph("chart")}<p>${tell("noCounts")}</p></div>`}</section>`;
  }

  private shown(rows: Counted[]): TemplateResult {
    const data = this.plotted(rows);
    const classes = [...new Set(rows.map((row) => row.object_class))].sort();
    const lanes = new Map<string, Map<string, number>>();
    for (const row of rows) {
      const lane = this.lane(row);
      const by = lanes.get(lane) ?? new Map<string, number>();
      by.set(row.object_class, (by.get(row.object_class) ?? 0) + row.count);
      lanes.set(lane, by);
    }
    const total = sum(rows.map((row) => row.count));
    const color = new Map(data.lines.map((line) => [line.title, line.color]));
    const camera = new Map(rows.map((row) => [this.lane(row), row.camera_id]));
    const rate = (lane: string, by: Map<string, number>): number => sum([...by.values()]) / this.minutes(camera.get(lane)!);
    return html`<div class="panel"><h2>${tell(SPANS[this.span]!.step === "minute" ? "perMinuteTitle" : "perHourTitle")}</h2>
        <ioc-line-chart .rem=${17} .data=${data} .told=${tell("countsTold", { n: total, from: dayTime(data.from), to: dayTime(data.to) })}></ioc-line-chart></div>
      <div class="panel"><table class="plain wide-table"><caption>${tell("byLane")}</caption><thead><tr><th scope="col">${tell("lane")}</th>${classes.map((one) => html`<th scope="col" class="num">${className(one)}</th>`)}<th scope="col" class="num">${tell("all")}</th><th scope="col" class="num">${tell("aMinute")}</th></tr></thead>
        <tbody>${[...lanes].sort((a, b) => a[0].localeCompare(b[0])).map(([lane, by]) => { const n = sum([...by.values()]); return html`<tr><th scope="row"><i class="key" style="--c:${color.get(lane) ?? "transparent"}"></i>${lane}</th>
          ${classes.map((one) => html`<td class="num">${by.get(one) ? number(by.get(one), 0) : "–"}</td>`)}<td class="num"><b>${number(n, 0)}</b></td><td class="num">${number(rate(lane, by), 1)}</td></tr>`; })}</tbody>
        ${lanes.size > 1 ? html`<tfoot><tr><th scope="row">${tell("all")}</th>${classes.map((one) => html`<td class="num">${number(sum(rows.filter((row) => row.object_class === one).map((row) => row.count)), 0)}</td>`)}<td class="num"><b>${number(total, 0)}</b></td><td class="num">${number(sum([...lanes].map((one) => rate(...one))), 1)}</td></tr></tfoot>` : nothing}</table></div>`;
  }
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

customElements.define("ioc-cam-counts", CountsPage);
