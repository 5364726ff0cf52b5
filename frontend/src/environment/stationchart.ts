import { html, type PropertyValues } from "lit";
import type uPlot from "uplot";
import { IocElement } from "../common/element";
import { rootSize, theme } from "../common/prefs";
import type { Signal } from "../common/signal";
import { lang, say } from "../i18n";
import { clock, dayTime, number } from "../i18n/format";
import { palette, withAlpha } from "../map/palette";
import type { Series } from "./contract";
import { tell } from "./words";

const HEIGHT_REM = 12.5;
const FONT_REM = 0.6875;
const DAY_S = 86_400;
const SUSPECT = 3;
const FAILED = 4;
const NEIGHBOURS = ["#cc79a7", "#56b4e9", "#f5a524"];

/** What a series draws: x, own values, suspects, failed ones, forecast with low and high, neighbours. */
const OWN = 1, SUSPECTS = 2, BAD = 3, AHEAD = 4, LOW = 5, HIGH = 6, OTHERS = 7;

/** A station's values on the wall's clock: thresholds by name, gaps as gaps, doubt marked as doubt. */
export class StationChart extends IocElement {
  static override properties = { series: { attribute: false }, window: { attribute: false }, at: { attribute: false }, words: {} };
  declare series: Series;
  declare window: [from: number, to: number];
  declare at: Signal<number>;
  declare words: string;
  seek: (ms: number) => void = () => undefined;
  private plot: uPlot | null = null;
  private ticket = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => requestAnimationFrame(() => void this.draw());
    this.until(this.at.on(() => this.plot?.redraw(false, false)));
    for (const signal of [theme, rootSize, lang]) this.until((signal as Signal<unknown>).on(again));
    const watch = new ResizeObserver(() => this.plot?.setSize({ width: this.width(), height: HEIGHT_REM * rootSize.value }));
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => {
      this.plot?.destroy();
      this.plot = null;
    });
  }

  private width(): number {
    return Math.max(200, this.clientWidth);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("series") || changed.has("window")) void this.draw();
  }

  protected override render() {
    const { title, name, unit } = this.series;
    return html`<div class="station-plot" role="img" aria-label=${tell("chartLabel", { title: say(title), name: say(name), unit, text: this.words })}></div>
      <p class="chart-read" aria-hidden="true"></p>`;
  }

  private async draw(): Promise<void> {
    const ticket = ++this.ticket;
    const [{ default: UPlot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    const box = this.querySelector<HTMLElement>(".station-plot");
    if (!box || ticket !== this.ticket) return;
    this.plot?.destroy();
    this.plot = new UPlot(this.options(), UPlot.join(this.tables()), box);
    this.plot.over.addEventListener("click", () => {
      const left = this.plot?.cursor.left;
      if (left !== undefined && left >= 0) this.seek(this.plot!.posToVal(left, "x") * 1000);
    });
  }

  private tables(): uPlot.AlignedData[] {
    const { t, v, flags, forecast, neighbours } = this.series;
    const only = (flag: number) => v.map((value, i) => (flags[i] === flag ? value : undefined));
    const sound = v.map((value, i) => (flags[i] === FAILED ? undefined : value));
    const ahead = forecast ? this.onward(forecast) : [[], [], [], []] as uPlot.AlignedData;
    const own: uPlot.AlignedData = [t, sound, only(SUSPECT), only(FAILED)] as uPlot.AlignedData;
    return [own, ahead, ...(neighbours ?? []).map((each): uPlot.AlignedData => [each.t, each.v])];
  }

  /** The estimate, from the last sound value on. */
  private onward({ t, v, low, high }: NonNullable<Series["forecast"]>): uPlot.AlignedData {
    const { flags, v: own, t: times } = this.series;
    const last = own.findLastIndex((value, i) => value !== null && flags[i] !== FAILED);
    if (last < 0 || times[last]! >= t[0]!) return [t, v, low, high];
    const from = own[last]!;
    return [[times[last]!, ...t], [from, ...v], [from, ...low], [from, ...high]];
  }

  private options(): uPlot.Options {
    const c = palette();
    const rem = rootSize.value;
    const font = `${FONT_REM * rem}px ${c.fontFamily}`;
    const [from, to] = this.window;
    const long = to - from > 1.6 * DAY_S;
    const lines = this.near();
    const dots = (color: string, filled: boolean): uPlot.Series => ({
      stroke: color, paths: () => null, points: { show: true, size: 7, width: 1.75, stroke: color, fill: filled ? color : c.panel },
    });
    const style = getComputedStyle(this);
    const severe = style.getPropertyValue("--severity-severe").trim();
    const moderate = style.getPropertyValue("--severity-moderate").trim();
    return {
      width: this.width(), height: HEIGHT_REM * rem, legend: { show: false }, padding: [8, 8, 0, 0],
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: () => [from, to] },
        y: { range: (_, low, high) => {
          const all = [low, high, ...lines.map((each) => each.value)].filter((value) => Number.isFinite(value));
          const [least, most] = all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
          const pad = (most - least || 1) * 0.1;
          return [least >= 0 && least - pad < 0 ? 0 : least - pad, most + pad];
        } },
      },
      axes: [
        { stroke: c.quiet, grid: { show: false }, ticks: { show: false }, font, size: 1.4 * rem, space: (long ? 6.5 : 4) * rem,
          values: (_, splits) => splits.map((at) => (long ? dayTime(at) : clock(at))) },
        { stroke: c.quiet, grid: { stroke: `${c.border}40`, width: 1 }, ticks: { show: false }, font, size: 2.75 * rem,
          values: (_, splits) => splits.map((value) => number(value, 2)) },
      ],
      series: [{},
        { stroke: c.accent, width: 2, fill: withAlpha(c.accent, 0.1), points: { show: false }, spanGaps: false },
        dots(moderate, false), dots(severe, true),
        { stroke: c.accent, width: 2, dash: [5, 4], points: { show: false }, spanGaps: true },
        // A wide band must not flatten the curve: it runs out of the picture instead.
        ...[LOW, HIGH].map((): uPlot.Series => ({ stroke: "transparent", points: { show: false }, spanGaps: true, auto: false })),
        ...(this.series.neighbours ?? []).map((_, n): uPlot.Series => ({ stroke: NEIGHBOURS[n]!, width: 1.4, points: { show: false }, spanGaps: false })),
      ],
      bands: [{ series: [HIGH, LOW], fill: withAlpha(c.accent, 0.2) }],
      hooks: { draw: [(plot) => this.over(plot, lines)], setCursor: [(plot) => this.read(plot)] },
    };
  }

  /** The thresholds below the highest value, and the next one up: a far one would flatten the curve. */
  private near(): Series["thresholds"] {
    const { thresholds, v, forecast } = this.series;
    const seen = [...v, ...(forecast?.v ?? [])].filter((value): value is number => value !== null);
    const top = seen.length ? Math.max(...seen) : 0;
    const next = Math.min(...thresholds.map((each) => each.value).filter((value) => value > top));
    return thresholds.filter((each) => each.value <= top || each.value === next);
  }

  private over(plot: uPlot, lines: Series["thresholds"]): void {
    const { ctx, bbox } = plot;
    const c = palette();
    const px = devicePixelRatio;
    const across = (y: number, x0 = bbox.left, x1 = bbox.left + bbox.width, y1 = y) => {
      ctx.beginPath();
      ctx.moveTo(x0, y);
      ctx.lineTo(x1, y1);
      ctx.stroke();
    };
    const label = (text: string, x: number, y: number) => {
      ctx.setLineDash([]);
      ctx.lineWidth = 3 * px;
      ctx.strokeStyle = c.panel;
      ctx.strokeText(text, x, y);
      ctx.fillStyle = c.quiet;
      ctx.fillText(text, x, y);
    };
    ctx.save();
    ctx.lineJoin = "round";
    ctx.textAlign = "left";
    ctx.font = `${FONT_REM * rootSize.value * px}px ${c.fontFamily}`;
    let [under, shift] = [Infinity, 0];
    for (const { value, title, color } of lines) {
      const y = plot.valToPos(value, "y", true);
      const words = `${say(title)} · ${number(value, 2, true)} ${this.series.unit}`;
      // Names of lines that lie close stand beside each other.
      shift = under - y < 1.3 * FONT_REM * rootSize.value * px ? shift + ctx.measureText(words).width + 10 * px : 0;
      under = y;
      ctx.strokeStyle = color;
      ctx.lineWidth = 1.5 * px;
      ctx.setLineDash([5 * px, 4 * px]);
      across(y);
      label(words, bbox.left + 4 * px + shift, y - 4 * px);
    }
    const start = this.series.forecast?.t[0];
    if (start !== undefined) {
      const x = plot.valToPos(start, "x", true);
      ctx.textAlign = x > bbox.left + bbox.width * 0.75 ? "right" : "left";
      const edge = ctx.textAlign === "right" ? bbox.left + bbox.width - 4 * px : x + 4 * px;
      label(tell("forecast"), edge, bbox.top + bbox.height - 6 * px);
      ctx.textAlign = "left";
    }
    const x = plot.valToPos(this.at.value / 1000, "x", true);
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.setLineDash([]);
      ctx.strokeStyle = c.text;
      ctx.lineWidth = px;
      across(bbox.top, x, x, bbox.top + bbox.height);
    }
    ctx.restore();
  }

  private read(plot: uPlot): void {
    const line = this.querySelector<HTMLElement>(".chart-read");
    const i = plot.cursor.idx;
    if (!line) return;
    const at = i === null || i === undefined ? undefined : plot.data[0][i];
    const of = (n: number) => (i === null || i === undefined ? null : plot.data[n]?.[i] ?? null);
    const value = of(OWN) ?? of(BAD);
    const said = value !== null ? `${number(value, 2)} ${this.series.unit}` : of(AHEAD) !== null
      ? `${tell("forecast").toLowerCase()} ${number(of(AHEAD), 2)} (${number(of(LOW), 2)}–${number(of(HIGH), 2)}) ${this.series.unit}` : "";
    const doubt = of(BAD) !== null ? ` · ${tell("bad")}` : of(SUSPECTS) !== null ? ` · ${tell("suspect")}` : "";
    const others = (this.series.neighbours ?? []).flatMap((each, n) => {
      const near = of(OTHERS + n);
      return near === null ? [] : [`${say(each.name)} ${number(near, 2)}`];
    });
    line.textContent = at === undefined || !(said || others.length) ? "" : [`${dayTime(at)} · ${said}${doubt}`, ...others].join(" · ");
  }
}

export { NEIGHBOURS };
customElements.define("ioc-station-chart", StationChart);
