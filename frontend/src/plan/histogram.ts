import { html, type TemplateResult } from "lit";
import type uPlot from "uplot";
import { IocElement } from "../common/element";
import { rootSize, theme } from "../common/prefs";
import { day, dayTime, number } from "../i18n/format";
import { palette, withAlpha } from "../map/palette";
import type { Times } from "./contract";

const HEIGHT_REM = 7;
const FONT_REM = 0.6875;
const DAY_S = 86_400;
const LEAST_PX = 6;

export interface Bars { times: Times; color: string; name: string }

/** Counts over time as bars; dragging over them chooses the period. */
export class Histogram extends IocElement {
  private plot: uPlot | null = null;
  private drawing = 0;
  private bars: Bars | null = null;

  constructor(private readonly label: () => string, private readonly brushed: ((start: string, end: string) => void) | null) {
    super();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => requestAnimationFrame(() => void this.draw());
    this.until(theme.on(again));
    this.until(rootSize.on(again));
    const watch = new ResizeObserver(() => this.plot?.setSize({ width: this.width(), height: HEIGHT_REM * rootSize.value }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => {
      this.plot?.destroy();
      this.plot = null;
    });
    void this.updateComplete.then(() => this.draw());
  }

  show(bars: Bars): void {
    if (this.bars?.times === bars.times && this.bars.color === bars.color) return;
    this.bars = bars;
    if (this.isConnected) void this.draw();
  }

  private width(): number {
    return Math.max(160, this.clientWidth);
  }

  private async draw(): Promise<void> {
    const ticket = ++this.drawing;
    const [{ default: UPlot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    const box = this.querySelector<HTMLElement>(".bars-box");
    const { bars } = this;
    if (!box || ticket !== this.drawing || !bars?.times.start) return;
    const { start, step_s, counts } = bars.times;
    const first = Date.parse(start!) / 1000;
    const x = counts.map((_, n) => first + (n + 0.5) * step_s);
    this.plot?.destroy();
    this.plot = new UPlot(this.options(UPlot, bars, first), [x, counts], box);
  }

  private options(UPlot: typeof uPlot, { times, color }: Bars, first: number): uPlot.Options {
    const c = palette();
    const rem = rootSize.value;
    const font = `${FONT_REM * rem}px ${c.fontFamily}`;
    const last = first + times.counts.length * times.step_s;
    const short = last - first <= 2 * DAY_S;
    return {
      width: this.width(), height: HEIGHT_REM * rem, legend: { show: false }, padding: [6, 6, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: this.brushed !== null, y: false, setScale: false } },
      scales: { x: { time: true, range: () => [first, last] }, y: { range: (_, __, high) => [0, Math.max(1, high ?? 1) * 1.08] } },
      axes: [
        { stroke: c.quiet, grid: { show: false }, ticks: { show: false }, font, size: 1.4 * rem, space: 4.6 * rem,
          values: (_, splits) => splits.map((at) => (short ? dayTime(at).split(" ")[1]! : day(at).slice(0, 5))) },
        { stroke: c.quiet, grid: { stroke: withAlpha(c.border, 0.28), width: 1 }, ticks: { show: false }, font, size: 2.4 * rem, space: 1.9 * rem,
          values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? number(value, 0) : "")) },
      ],
      series: [{}, { stroke: color, fill: withAlpha(color, 0.75), width: 0, paths: UPlot.paths.bars!({ size: [0.86, 40], gap: 0 }), points: { show: false } }],
      hooks: {
        setSelect: [(plot) => this.selected(plot)],
        setCursor: [(plot) => this.tip(plot, times, first)],
      },
    };
  }

  private tip(plot: uPlot, times: Times, first: number): void {
    const box = this.querySelector<HTMLElement>(".bars-tip");
    if (!box) return;
    const { left, idx } = plot.cursor;
    if (left === undefined || left < 0 || idx === null || idx === undefined) return void (box.textContent = "");
    const at = first + idx * times.step_s;
    const until = at + times.step_s - (times.step_s >= DAY_S ? DAY_S : 0);
    const when = times.step_s < DAY_S ? dayTime(at) : until > at ? `${day(at).slice(0, 5)} – ${day(until)}` : day(at);
    box.textContent = `${when}: ${number(times.counts[idx] ?? 0, 0)}`;
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (!this.brushed || width < LEAST_PX) return;
    const { step_s, start } = this.bars!.times;
    const first = Date.parse(start!) / 1000;
    const snap = (px: number, round: (n: number) => number) => first + round((plot.posToVal(px, "x") - first) / step_s) * step_s;
    const from = snap(left, Math.floor);
    const to = Math.max(from + step_s, snap(left + width, Math.ceil));
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    // Whole days are said as the city's days, hours as moments.
    const said = (at: number) => (step_s < DAY_S ? new Date(at * 1000).toISOString() : day(at).split("/").reverse().join("-"));
    this.brushed(said(from), said(to));
  }

  protected override render(): TemplateResult {
    return html`<div class="bars-box" role="img" aria-label=${this.label()}></div><p class="bars-tip" aria-hidden="true"></p>`;
  }
}

customElements.define("ioc-plan-histogram", Histogram);
