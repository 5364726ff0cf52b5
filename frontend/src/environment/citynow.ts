import { html, nothing, svg, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import { loadAir, loadRivers } from "./api";
import type { AirNow, RiverNow } from "./contract";
import type { PublicZone } from "./publiczones";
import { tell } from "./words";

const EVERY_MS = 120_000;
const SHAPES: Record<string, TemplateResult> = {
  moderate: svg`<path d="M8 2.2 14 13H2z"></path>`,
  severe: svg`<path d="M8 1.6 14.4 8 8 14.4 1.6 8z"></path>`,
  extreme: svg`<path d="M8 1.6 13.6 4.8v6.4L8 14.4 2.4 11.2V4.8z"></path>`,
};
const RIVER_STATES = ["good", "minor", "moderate", "severe"];

interface Line { state: string; title: string; words: string; more: string; at: string | null; synthetic: boolean }

/** `<ioc-city-now>`: how the river stands and how the air is, in a sentence each, for everybody. */
export class CityNow extends IocElement {
  static override properties = { zones: { attribute: false } };
  declare zones: PublicZone[];
  private rivers: RiverNow[] | null = null;
  private air: AirNow[] | null = null;
  private timer = 0;
  private asked = false;

  constructor() {
    super();
    this.zones = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => clearTimeout(this.timer));
    void this.load();
  }

  private async load(): Promise<void> {
    clearTimeout(this.timer);
    const [rivers, air] = await Promise.all([loadRivers().catch(() => null), loadAir().catch(() => null)]);
    this.asked = true;
    this.rivers = rivers ?? this.rivers;
    this.air = air ?? this.air;
    this.timer = setTimeout(() => void this.load(), EVERY_MS);
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    const rivers = (this.rivers ?? []).map(riverLine);
    const air = (this.air ?? []).map(airLine).toSorted((a, b) => Number(a.state === "stale") - Number(b.state === "stale"));
    if (!this.asked) return nothing;
    if (!this.rivers && !this.air) return html`<p class="city-now quiet small" role="status">${tell("cityFailed")}</p>`;
    if (!rivers.length && !air.length && !this.zones.length) return nothing;
    const [river] = rivers;
    const [worst] = air;
    const rest = [...rivers.slice(1), ...air.slice(1)];
    return html`<section class="city-now" aria-label=${tell("cityNow")}>
      ${this.zones.map((zone) => html`<div class="city-line"><i class="zone-mark"></i><p><b>${tell("zonePublic")}</b>: ${say(zone.title)}
        <small>${tell("zonePublicHint")}${zone.synthetic ? html` <span class="mark">${tell("synthetic")}</span>` : nothing}</small></p></div>`)}
      ${river ? this.line(river, true) : nothing}${worst ? this.line(worst, true) : nothing}
      ${rest.length ? html`<details><summary>${tell("allStations")} (${rivers.length + air.length})</summary>${rest.map((each) => this.line(each, false))}</details>` : nothing}</section>`;
  }

  private line(line: Line, full: boolean): TemplateResult {
    return html`<div class="city-line"><svg class="city-mark ${line.state}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[line.state] ??
        svg`<circle cx="8" cy="8" r="5.6"></circle>`}</svg>
      <p>${line.words}${full && line.more ? html`<small class="advice ${line.state === "good" ? "calm" : ""}">${line.more}</small>` : nothing}
        <small>${line.title}${line.at ? html`${line.title ? " · " : ""}<time datetime=${line.at} title=${dateTime(line.at)}>${ago(line.at, serverNow())}</time>` : nothing}
          ${line.synthetic ? html` <span class="mark">${tell("synthetic")}</span>` : nothing}</small></p></div>`;
  }
}

function riverLine(each: RiverNow): Line {
  const silent = each.state === "stale";
  const known = each.thresholds.length > 0;
  return {
    state: silent ? "stale" : each.state === "suspect" ? "unknown" : known ? RIVER_STATES[each.level] ?? "severe" : "unknown",
    title: "", words: say(each.text), more: silent ? `${tell("silent")}.` : "", at: each.observed_at, synthetic: each.synthetic,
  };
}

function airLine(each: AirNow): Line {
  const state = each.silent ? "stale" : each.aqi?.state ?? "unknown";
  return {
    state, title: say(each.name), at: each.hour, synthetic: each.synthetic,
    words: each.silent ? `${tell("airNow")}: ${tell("silent").toLowerCase()}.` : each.aqi ? say(each.aqi.text) : `${tell("airNow")}: ${tell("noIndex").toLowerCase()}.`,
    more: each.aqi && !each.silent ? say(each.aqi.advice) : "",
  };
}

customElements.define("ioc-city-now", CityNow);
