import { html, type PropertyValues } from "lit";
import type uPlot from "uplot";
import { serverNow } from "../common/catalogue";
import type { SeriesData, SeriesInfo } from "../common/contract";
import { IocElement } from "../common/element";
import { rootSize, theme } from "../common/prefs";
import { loadSeries } from "../common/services";
import type { Signal } from "../common/signal";
import { say, t } from "../i18n";
import { clock, dayTime, number, toDate } from "../i18n/format";
import { palette } from "../map/palette";

const HEIGHT_REM = 8.25;
const FONT_REM = 0.6875;

/** A series over time: the playhead of the map, thresholds with their names, gaps as gaps. */
export class Chart extends IocElement {
  static override properties = { series: { attribute: false }, at: { attribute: false } };
  declare series: SeriesInfo;
  declare at: Signal<number>;
  private state: "busy" | "ready" | "none" | "failed" = "busy";
  private plot: uPlot | null = null;
  private data: SeriesData | null = null;

  constructor() {
    super();
    this.uses(theme);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.at.on(() => this.plot?.redraw(false)));
    const again = () => requestAnimationFrame(() => void this.draw());
    this.until(theme.on(again));
    this.until(rootSize.on(again));
    this.until(() => this.plot?.destroy());
    void this.load();
  }

  protected override render() {
    return html`<figure class="chart"><figcaption>${say(this.series.title)}${this.series.unit ? html` <small>${this.series.unit}</small>` : ""}</figcaption>
      <div class="chart-box" ?hidden=${this.state === "none" || this.state === "failed"}></div>
      ${this.state === "none" ? html`<p class="quiet">${t("card.nochart")}</p>` : ""}
      ${this.state === "failed" ? html`<p class="bad">${t("card.failed")}</p>` : ""}</figure>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("series") && changed.get("series") && changed.get("series")?.url !== this.series.url) {
      void this.load();
    }
  }

  private async load(): Promise<void> {
    try {
      this.data = await loadSeries(this.series.url);
      this.state = this.data.t.length ? "ready" : "none";
    } catch {
      this.state = "failed";
    }
    this.requestUpdate();
    await this.updateComplete;
    if (this.state === "ready") await this.draw();
  }

  private async draw(): Promise<void> {
    const box = this.querySelector<HTMLElement>(".chart-box");
    if (!box || !this.data) return;
    const [{ default: UPlot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    this.plot?.destroy();
    const times = this.data.t.map((at) => (toDate(at)?.getTime() ?? 0) / 1000);
    this.plot = new UPlot(this.options(box.clientWidth || 300), [times, this.data.v], box);
  }

  private options(width: number): uPlot.Options {
    const c = palette();
    const rem = rootSize.value;
    const font = `${FONT_REM * rem}px ${c.fontFamily}`;
    const grid = { stroke: `${c.border}40`, width: 1 };
    const thresholds = this.data?.thresholds ?? [];
    const values = (this.data?.v ?? []).filter((value) => value !== null);
    const top = Math.max(...values);
    // A threshold far above what was seen would flatten the curve: only the next one up is shown.
    const next = thresholds.map((each) => each.value).filter((value) => value > top).sort((a, b) => a - b)[0];
    const near = thresholds.filter((each) => each.value <= top || each.value === next);
    return {
      width, height: HEIGHT_REM * rem, cursor: { y: false, points: { size: 6 } }, legend: { show: false },
      scales: {
        x: { time: true },
        y: { range: (_, low, high) => {
          const all = [low, high, ...near.map((each) => each.value)].filter(Number.isFinite);
          const pad = (Math.max(...all) - Math.min(...all) || 1) * 0.1;
          return [Math.min(...all) - pad, Math.max(...all) + pad];
        } },
      },
      axes: [
        { stroke: c.quiet, grid: { show: false }, ticks: { show: false }, font, size: 1.4 * rem, space: 4.5 * rem,
          values: (_, splits) => splits.map((at) => clock(at)) },
        { stroke: c.quiet, grid, ticks: { show: false }, font, size: 2.5 * rem,
          values: (_, splits) => splits.map((value) => number(value, 2)) },
      ],
      series: [{}, { stroke: c.accent, width: 2, fill: `${c.accent}22`, points: { show: false }, spanGaps: false }],
      hooks: { draw: [(plot) => this.over(plot, near)], setCursor: [(plot) => this.read(plot)] },
    };
  }

  private over(plot: uPlot, thresholds: NonNullable<SeriesData["thresholds"]>): void {
    const { ctx, bbox } = plot;
    const c = palette();
    ctx.save();
    ctx.font = `${FONT_REM * rootSize.value * devicePixelRatio}px ${c.fontFamily}`;
    ctx.textAlign = "left";
    ctx.lineJoin = "round";
    for (const { value, title, color } of thresholds) {
      const y = plot.valToPos(value, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = color ?? c.quiet;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      const at: [number, number] = [bbox.left + 4 * devicePixelRatio, y - 4 * devicePixelRatio];
      ctx.setLineDash([]);
      ctx.lineWidth = 3 * devicePixelRatio;
      ctx.strokeStyle = c.panel;
      ctx.strokeText(say(title), ...at);
      ctx.fillStyle = c.quiet;
      ctx.fillText(say(title), ...at);
    }
    const at = Math.min(this.at.value, serverNow()) / 1000;
    const x = plot.valToPos(at, "x", true);
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.setLineDash([]);
      ctx.strokeStyle = c.text;
      ctx.lineWidth = devicePixelRatio;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  private read(plot: uPlot): void {
    const i = plot.cursor.idx;
    const value = i === null || i === undefined ? null : plot.data[1]?.[i];
    const caption = this.querySelector("figcaption");
    if (!caption) return;
    caption.dataset.read = value === null || value === undefined ? ""
      : `${dayTime(plot.data[0][i!])} · ${number(value)}`;
  }
}

customElements.define("ioc-chart", Chart);
