import { html, nothing, svg, type PropertyValues, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import type { Signal } from "../common/signal";
import { say } from "../i18n";
import { ago, dateTime, measure, number } from "../i18n/format";
import { loadAirSurface, loadSeries, loadStation, loadStationAir } from "./api";
import type { AirSurface, Series, Station, StationAir } from "./contract";
import { why } from "./floodmodel";
import { levelMark } from "./floodpanel";
import "./overrule";
import { NEIGHBOURS } from "./stationchart";
import { tell, type Said } from "./words";

const SPANS_H = [24, 72, 168, 720] as const;
const REFRESH_MS = 30_000;
const HOUR_S = 3600;
const AHEAD_ROOM = 0.02;
/** What a line ahead is drawn of; nobody asks for one of rain or of dust. */
const LEVELS: ReadonlySet<string> = new Set(["water_level", "tide", "reservoir_level"]);

interface Clock { at: Signal<number>; live: Signal<boolean>; seek(ms: number): void }

/** What stands behind a station's colour: state and trend in words, its series, its quality, its flood. */
export class StationPart extends IocElement {
  static override properties = { code: {}, clock: { attribute: false } };
  declare code: string;
  declare clock: Clock;
  /** Opens the flood panel at a stage in cm; null where this viewer has none. */
  openFlood: ((code: string, stageCm: number) => void) | null = null;
  private station: Station | null = null;
  private series: Series | null = null;
  private air: { own: StationAir; between: AirSurface } | null = null;
  private failure = "";
  private parameter = "";
  private hours: number = SPANS_H[0];
  private wants = { neighbours: false, forecast: true, bad: false };
  private asking: AbortController | null = null;
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.clock.live.on(() => void this.load()));
    this.until(() => clearTimeout(this.timer));
    this.until(() => this.asking?.abort());
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("code")) return;
    this.station = null;
    this.series = null;
    this.air = null;
    this.parameter = "";
    void this.load();
  }

  private async load(): Promise<void> {
    clearTimeout(this.timer);
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    try {
      const station = await loadStation(this.code, signal);
      const main = station.properties.find((each) => each.parameter === this.parameter) ??
        station.properties.find((each) => each.parameter === station.parameter) ?? station.properties[0];
      this.station = station;
      if (station.kind === "air") {
        const [own, between] = await Promise.all([loadStationAir(this.code), loadAirSurface()]);
        this.air = { own, between };
      }
      this.parameter = main?.parameter ?? "";
      if (main) {
        const to = this.end(main.time);
        const query: Record<string, string> = {
          parameter: main.parameter, from: new Date((to - this.hours * HOUR_S) * 1000).toISOString(), to: new Date(to * 1000).toISOString(),
        };
        for (const [name, on] of Object.entries(this.wants)) if (on) query[name] = "true";
        this.series = await loadSeries(this.code, query, signal);
      }
      this.failure = "";
    } catch (error) {
      if (signal.aborted) return;
      this.failure = why(error);
    }
    this.timer = setTimeout(() => void this.load(), REFRESH_MS);
    this.requestUpdate();
  }

  /** Now; of a station that fell silent the last value, for there is nothing after it. */
  private end(newest: string | null): number {
    const now = serverNow() / 1000;
    const last = newest ? Date.parse(newest) / 1000 + 1 : now;
    return now - last > this.hours * HOUR_S / 4 ? last : now;
  }

  private window(series: Series): [number, number] {
    const from = Date.parse(series.from) / 1000;
    const to = Date.parse(series.to) / 1000;
    const ahead = series.forecast?.t.at(-1) ?? 0;
    // What is to come may take a third of the picture, no more.
    return [from, Math.max(to + (to - from) * AHEAD_ROOM, Math.min(ahead, to + (to - from) / 3))];
  }

  protected override render(): TemplateResult {
    const { station, series } = this;
    if (!station) {
      return this.failure ? html`<p class="bad" role="alert">${tell("failed", { why: this.failure })}</p>`
        : html`<p class="visually-hidden" role="status">${tell("loading")}</p><div class="skeletons"><i></i><i></i></div>`;
    }
    return html`${this.now(station)}${this.flood(station)}${this.picks(station)}
      ${series?.t.some((_, i) => series.v[i] !== null) ? html`<ioc-station-chart .series=${series} .window=${this.window(series)} .at=${this.clock.at}
        .seek=${(ms: number) => this.clock.seek(ms)} .words=${say(station.river?.text)}></ioc-station-chart>`
        : series ? html`<p class="quiet station-none">${tell("noValues")}</p>` : nothing}
      ${this.failure ? html`<p class="bad" role="alert">${tell("failed", { why: this.failure })}</p>` : nothing}
      ${series ? this.legend(series) : nothing}${this.reservoirs(station)}
      ${station.can.includes("overrule") && series ? html`<ioc-overrule .code=${station.code} .parameter=${this.parameter} .unit=${series.unit}
        @done=${() => void this.load()}></ioc-overrule>` : nothing}`;
  }

  /** The state in a sentence; while the past is shown, what was so then is not known here. */
  private now(station: Station): TemplateResult | typeof nothing {
    const { river } = station;
    const { air } = this;
    if (!river && !air) return nothing;
    if (station.state === "stale" || station.state === "suspect") {
      const silent = station.state === "stale";
      const last = tell(silent ? "lastKnown" : "lastTrusted", { value: measure(station.value, station.unit), at: dateTime(station.observed_at) });
      return html`<div class="station-now"><svg class="level-mark ${silent ? "silent" : "suspect"}" viewBox="0 0 16 16" aria-hidden="true">${silent
        ? svg`<circle cx="8" cy="8" r="5.4"></circle>` : svg`<path d="M6 2h4v4h4v4h-4v4H6v-4H2V6h4z"></path>`}</svg>
        <p><b>${tell(silent ? "silent" : "suspectNow")}</b><small>${last}</small></p></div>`;
    }
    if (!river) return this.airNow(air!);
    const going = river.trend;
    const cm = Math.abs(going?.per_h ?? 0) * 100;
    return html`<div class="station-now">${levelMark(river.level)}<p><b>${tell(river.thresholds.length ? `level${river.level}` as Said : "now")}</b>${going
      ? html` · ${tell(going.word as Said)}${going.word === "steady" ? nothing : html` ${tell("perHour", { n: number(cm, 0) })}`}` : nothing}
      ${river.outlook ? html`<small>${say(river.outlook)}</small>` : nothing}</p></div>`;
  }

  /** The air in words, what to do, and whether the map may be coloured between stations. */
  private airNow({ own, between }: NonNullable<StationPart["air"]>): TemplateResult {
    const { aqi } = own.hour;
    return html`<div class="station-now"><i class="air-mark" style="--c:${aqi?.color ?? "transparent"}"></i><p><b>${aqi ? say(aqi.text) : tell("noIndex")}</b>
      ${aqi ? html`<small>${say(aqi.advice)}</small>` : nothing}
      <small>${tell(between.known ? "airSurface" : "airNoSurface")}: ${say(between.known ? between.method : between.why)}</small></p></div>`;
  }

  private flood(station: Station): TemplateResult | typeof nothing {
    const open = this.openFlood;
    if (!open || station.kind !== "river" || station.value === null) return nothing;
    return html`<button type="button" class="button small station-flood" @click=${() => open(station.code, Math.round(station.value! * 100))}>
      <ioc-icon name="waves"></ioc-icon>${tell("openFlood")}</button>`;
  }

  private set(change: () => void): void {
    change();
    void this.load();
    this.requestUpdate();
  }

  private picks(station: Station): TemplateResult {
    const toggle = (name: "neighbours" | "forecast" | "bad", words: Said) => html`<button type="button" aria-pressed=${this.wants[name]}
      @click=${() => this.set(() => (this.wants[name] = !this.wants[name]))}>${tell(words)}</button>`;
    return html`${station.properties.length > 1 ? html`<label class="station-quantity"><span class="visually-hidden">${tell("quantity")}</span>
        <select @change=${(event: Event) => this.set(() => (this.parameter = (event.target as HTMLSelectElement).value))}>
        ${station.properties.map((each) => html`<option value=${each.parameter} ?selected=${each.parameter === this.parameter}>${say(each.title)}${each.value === null ? "" : `: ${measure(each.value, each.unit)}`}</option>`)}</select></label>` : nothing}
      <div class="station-picks"><div role="group" aria-label=${tell("spanLabel")}>${SPANS_H.map((hours) => html`<button type="button" aria-pressed=${hours === this.hours}
        @click=${() => this.set(() => (this.hours = hours))}>${tell(`span${hours}`)}</button>`)}</div>
      <div>${toggle("neighbours", "neighbours")}${LEVELS.has(this.parameter) ? toggle("forecast", "forecast") : nothing}${toggle("bad", "badShow")}</div></div>`;
  }

  private legend(series: Series): TemplateResult {
    const has = (flag: number) => series.flags.includes(flag);
    return html`<ul class="station-legend">
      ${series.forecast ? html`<li><i class="ahead"></i>${tell("forecastHint")}</li><li class="whole">${say(series.forecast.method)}</li>` : nothing}
      ${this.wants.forecast && LEVELS.has(series.parameter) && series.forecast === null ? html`<li class="quiet">${tell("noForecast")}</li>` : nothing}
      ${has(3) ? html`<li><i class="doubt"></i>${tell("suspect")}</li>` : nothing}${has(4) ? html`<li><i class="failed"></i>${tell("bad")}</li>` : nothing}
      ${series.neighbours?.map((each, n) => html`<li><i style="--c:${NEIGHBOURS[n]!}"></i>${say(each.name)}, ${number(each.km, 1)} km</li>`)}
      ${series.neighbours?.length === 0 ? html`<li class="quiet">${tell("noNeighbours")}</li>` : nothing}</ul>`;
  }

  private reservoirs(station: Station): TemplateResult | typeof nothing {
    const rows = station.reservoirs ?? [];
    if (!rows.length) return nothing;
    return html`<h3>${tell("reservoirs")}</h3><ul class="station-reservoirs">${rows.map((each) => html`<li><b>${say(each.name)}</b>
      ${(["reservoir_level", "volume", "inflow", "release"] as const).map((name) => {
        const found = each.latest[name];
        return found ? html`<span title=${dateTime(found.time)}>${tell(name)} ${measure(found.value, found.unit)} <small>${ago(found.time, serverNow())}</small></span>` : nothing;
      })}</li>`)}</ul>`;
  }
}

customElements.define("ioc-station", StationPart);
