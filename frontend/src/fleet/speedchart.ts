import type uPlot from "uplot";
import { IocElement } from "../common/element";
import { rootSize, theme } from "../common/prefs";
import { clock, dayTime, number } from "../i18n/format";
import { palette } from "../map/palette";
import { html } from "lit";
import type { FleetModel } from "./model";
import { PICK_COLORS, dayColor } from "./looks";
import { dayOf, dayStart, type Way } from "./past";
import { tell } from "./words";

const HEIGHT_REM = 7.5;
const FONT_REM = 0.6875;
const DAY_S = 86_400;

/** Speeds of the picked vessels over the same time as their tracks; pointing in one points in the other. */
export class SpeedChart extends IocElement {
  private plot: uPlot | null = null;
  private drawing = 0;
  private quietly = false;

  constructor(private readonly model: FleetModel) {
    super();
    this.uses(model.past.ways);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { past } = this.model;
    const again = () => void this.draw();
    for (const signal of [past.ways, theme, rootSize, past.span, past.byDay]) this.until((signal as typeof past.ways).on(() => requestAnimationFrame(again)));
    this.until(past.at.on(() => this.plot?.redraw(false, false)));
    this.until(past.pointed.on((t) => this.point(t)));
    const watch = new ResizeObserver(() => this.plot?.setSize({ width: this.width(), height: HEIGHT_REM * rootSize.value }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => this.plot?.destroy());
    void this.updateComplete.then(again);
  }

  private width(): number {
    return Math.max(200, this.clientWidth);
  }

  /** The map's pointer moves the chart's, without being told of it back. */
  private point(t: number | null): void {
    const { plot } = this;
    if (!plot || this.quietly) return;
    this.quietly = true;
    plot.setCursor(t === null ? { left: -10, top: -10 } : { left: plot.valToPos(t, "x"), top: 10 }, false);
    this.quietly = false;
    plot.redraw(false, false);
  }

  private async draw(): Promise<void> {
    const ticket = ++this.drawing;
    const [{ default: UPlot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    const box = this.querySelector<HTMLElement>(".speed-box");
    if (!box || ticket !== this.drawing) return;
    this.plot?.destroy();
    this.plot = null;
    const ways = this.model.past.ways.value.filter((way) => way.pieces.length);
    if (!ways.length) return;
    const data = UPlot.join(ways.map(tableOf));
    this.plot = new UPlot(this.options(ways), data, box);
    this.plot.over.addEventListener("click", () => {
      const { plot } = this;
      if (plot && plot.cursor.left !== undefined && plot.cursor.left >= 0) this.model.past.seek(plot.posToVal(plot.cursor.left, "x"));
    });
    this.plot.over.addEventListener("mouseleave", () => (this.model.past.pointed.value = null));
  }

  private options(ways: Way[]): uPlot.Options {
    const c = palette();
    const rem = rootSize.value;
    const font = `${FONT_REM * rem}px ${c.fontFamily}`;
    const { from, to } = this.model.past.span.value;
    const long = to - from > DAY_S;
    return {
      width: this.width(), height: HEIGHT_REM * rem, legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      padding: [6, 10, 0, 0],
      scales: { x: { time: true, range: () => [from, to] }, y: { range: (_, __, high) => [0, Math.max(8, Math.ceil((high ?? 0) / 4) * 4)] } },
      axes: [
        { stroke: c.quiet, grid: { stroke: `${c.border}30`, width: 1 }, ticks: { show: false }, font, size: 1.5 * rem, space: (long ? 6.5 : 4.5) * rem,
          values: (_, splits) => splits.map((at) => (long ? dayTime(at) : clock(at))) },
        { stroke: c.quiet, grid: { stroke: `${c.border}40`, width: 1 }, ticks: { show: false }, font, size: 3.25 * rem,
          values: (_, splits) => splits.map((value) => `${number(value, 0)} kn`) },
      ],
      series: [{}, ...ways.map((way): uPlot.Series => ({ stroke: this.model.past.byDay.value ? (plot: uPlot) => this.days(plot) : way.color, width: 1.6, points: { show: false }, spanGaps: false }))],
      hooks: { draw: [(plot) => this.head(plot)], setCursor: [(plot) => this.tellMap(plot)] },
    };
  }

  /** Each day in the colour that its track has on the map. */
  private days(plot: uPlot): CanvasGradient | string {
    const { from, to } = this.model.past.span.value;
    const { left, width } = plot.bbox;
    if (!width) return PICK_COLORS[0]!;
    const newest = this.model.past.newestDay;
    const paint = plot.ctx.createLinearGradient(left, 0, left + width, 0);
    const part = (t: number): number => Math.min(1, Math.max(0, (t - from) / (to - from)));
    for (let day = dayOf(from); day <= dayOf(to); day++) {
      const color = dayColor(day, newest);
      paint.addColorStop(part(dayStart(day)), color);
      paint.addColorStop(part(dayStart(day + 1)), color);
    }
    return paint;
  }

  private tellMap(plot: uPlot): void {
    if (this.quietly || this.model.past.playing.value) return;
    const { left } = plot.cursor;
    if (left === undefined || left < 0) return;
    this.quietly = true;
    this.model.past.pointed.value = plot.posToVal(left, "x");
    this.quietly = false;
  }

  private head(plot: uPlot): void {
    const t = this.model.past.at.value;
    if (t === null) return;
    const x = plot.valToPos(t, "x", true);
    const { ctx, bbox } = plot;
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = "#f39c12";
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  protected override render() {
    return html`<div class="speed-box" role="img" aria-label=${tell("speedChart")}></div>`;
  }
}

/** Times and speeds of one vessel; a null where nothing was heard, so that the line breaks. */
function tableOf(way: Way): uPlot.AlignedData {
  const t: number[] = [];
  const v: (number | null)[] = [];
  for (const piece of way.pieces) {
    if (t.length) {
      t.push((t.at(-1)! + piece[0]![2]) / 2);
      v.push(null);
    }
    for (const point of piece) {
      if (t.length && point[2] <= t.at(-1)!) continue;
      t.push(point[2]);
      v.push(point[3]);
    }
  }
  return [t, v];
}

customElements.define("ioc-speed-chart", SpeedChart);
