import type uPlot from "uplot";
import { html, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { rootSize, theme } from "../common/prefs";
import { clock, dayTime, number } from "../i18n/format";
import { palette } from "../map/palette";
import { tell } from "./words";

const DAY_S = 86_400;
const FONT_REM = 0.6875;
/** What lies between two labels: no clock here shows seconds. */
const MINUTES = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 2880, 10_080, 43_200];

export interface Line { title: string; color: string; values: (number | null)[]; dash?: number[]; bars?: boolean }
export interface Plotted { t: number[]; lines: Line[]; from: number; to: number; unit: string; digits?: number }

/** Lines over time, drawn by uPlot; a gap is a gap. `told` says the same in words. */
export class LineChart extends IocElement {
  static override properties = { data: { attribute: false }, told: {}, rem: { type: Number } };
  declare data: Plotted | null;
  declare told: string;
  declare rem: number;
  private plot: uPlot | null = null;
  private drawing = 0;

  constructor() {
    super();
    this.data = null;
    this.told = "";
    this.rem = 9;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => requestAnimationFrame(() => void this.draw());
    this.until(theme.on(again));
    this.until(rootSize.on(again));
    const watch = new ResizeObserver(() => this.plot?.setSize({ width: this.width(), height: this.rem * rootSize.value }));
    watch.observe(this);
    this.until(() => { watch.disconnect(); this.plot?.destroy(); this.plot = null; });
  }

  protected override updated(): void {
    void this.draw();
  }

  private width(): number {
    return Math.max(200, this.clientWidth);
  }

  private async draw(): Promise<void> {
    const ticket = ++this.drawing;
    const [{ default: UPlot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    const box = this.querySelector<HTMLElement>(".line-box");
    if (!box || ticket !== this.drawing || !this.isConnected) return;
    this.plot?.destroy();
    this.plot = null;
    const { data } = this;
    if (!data?.t.length) return;
    this.plot = new UPlot(this.options(data, UPlot), [data.t, ...data.lines.map((line) => line.values)], box);
  }

  private options(data: Plotted, UPlot: typeof uPlot): uPlot.Options {
    const c = palette();
    const rem = rootSize.value;
    const font = `${FONT_REM * rem}px ${c.fontFamily}`;
    const long = data.to - data.from > DAY_S;
    const paint = (name: string): string => (name.startsWith("var(") ? getComputedStyle(this).getPropertyValue(name.slice(4, -1)).trim() : name);
    return {
      width: this.width(), height: this.rem * rem, padding: [8, 12, 0, 0],
      legend: { show: true, live: true }, cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: { x: { time: true, range: () => [data.from, data.to] }, y: { range: (_, __, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
      axes: [
        { stroke: c.quiet, grid: { stroke: `${c.border}30`, width: 1 }, ticks: { show: false }, font, size: 1.6 * rem, space: (long ? 6.5 : 4.5) * rem, incrs: MINUTES.map((n) => n * 60),
          values: (_, splits) => splits.map((at) => (long ? dayTime(at) : clock(at))) },
        { stroke: c.quiet, grid: { stroke: `${c.border}40`, width: 1 }, ticks: { show: false }, font, size: 3.6 * rem,
          values: (_, splits) => splits.map((value) => `${number(value, 1)}${data.unit ? ` ${data.unit}` : ""}`) },
      ],
      series: [
        { label: tell("when"), value: (_, at) => (at === null ? "–" : dayTime(at)) },
        ...data.lines.map((line): uPlot.Series => ({
          label: line.title, stroke: paint(line.color), width: 1.8, dash: line.dash, points: { show: false }, spanGaps: false,
          value: (_, value) => (value === null ? "–" : number(value, data.digits ?? 0)),
          ...(line.bars ? { fill: `${paint(line.color)}66`, paths: UPlot.paths.bars!({ size: [0.9, 40] }) } : {}),
        })),
      ],
    };
  }

  protected override render(): TemplateResult {
    return html`<div class="line-box" role="img" aria-label=${this.told}></div>`;
  }
}

customElements.define("ioc-line-chart", LineChart);
