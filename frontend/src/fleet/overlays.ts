import { html, nothing, type TemplateResult } from "lit";
import type L from "leaflet";
import { serverNow } from "../common/catalogue";
import type { Catalogue, LayerInfo } from "../common/contract";
import { IocElement } from "../common/element";
import { Signal } from "../common/signal";
import { say } from "../i18n";
import { TileLayer } from "../map/tiles";
import { glyph } from "./icons";
import { CITY_AHEAD_S } from "./past";
import { tell } from "./words";

export const OVERLAYS = ["vessel-tracks", "fishing-effort"] as const;
export type Overlay = (typeof OVERLAYS)[number] | "";
const SPANS = [1, 2, 7, 30];
const DAY_MS = 86_400_000;

/** Everybody's tracks by day, or where fishing was: one layer of tiles under the vessels, with its legend. */
export class Overlays extends IocElement {
  readonly shown = new Signal<Overlay>("");
  private readonly days = new Signal(2);
  private readonly last = new Signal(isoDay(serverNow()));
  private readonly kind = new Signal("fishing");
  private layer: TileLayer | null = null;

  constructor(private readonly map: L.Map, private readonly catalogue: Catalogue) {
    super();
    this.uses(this.shown, this.days, this.last, this.kind);
    map.createPane("overlays").style.zIndex = "300";
    for (const signal of [this.days, this.last, this.kind] as Signal<unknown>[]) signal.on(() => this.layer?.setQuery(this.query()));
    this.shown.on(() => this.change());
  }

  info(slug: Overlay): LayerInfo | undefined {
    return this.catalogue.layers.find((layer) => layer.slug === slug);
  }

  toggle(slug: Overlay): void {
    this.shown.value = this.shown.value === slug ? "" : slug;
  }

  repaint(): void {
    this.layer?.repaint();
  }

  private change(): void {
    this.layer?.remove();
    this.layer = null;
    const info = this.info(this.shown.value);
    if (!info) return;
    this.layer = new TileLayer(info, "overlays");
    this.layer.setQuery(this.query());
    this.layer.addTo(this.map);
  }

  private query(): string {
    const first = isoDay(Date.parse(this.last.value) - (this.days.value - 1) * DAY_MS - CITY_AHEAD_S * 1000);
    const said = new URLSearchParams({ day: `${first}/${this.last.value}`, ...(this.kind.value && { kind: this.kind.value }) });
    return `?${said}`;
  }

  protected override render(): TemplateResult | typeof nothing {
    const info = this.info(this.shown.value);
    if (!info) return nothing;
    const choices = (name: string) => info.fields.find((field) => field.name === name)?.choices ?? [];
    return html`<section class="overlay-card" aria-label=${say(info.title)}><header><h2>${say(info.title)}</h2>
        <button type="button" class="icon-button tiny" aria-label=${tell("close")} @click=${() => (this.shown.value = "")}>${glyph("x")}</button></header>
      <div class="segments" role="group" aria-label=${tell("span")}>${SPANS.map((n) => html`<button type="button" aria-pressed=${this.days.value === n} @click=${() => (this.days.value = n)}>${tell("days", { n })}</button>`)}</div>
      <label class="field"><span>${tell("untilDay")}</span><input type="date" .value=${this.last.value} max=${isoDay(serverNow())}
        @change=${(event: Event) => { const { value } = event.target as HTMLInputElement; if (value) this.last.value = value; }}></label>
      <label class="field"><span>${tell("kindFilter")}</span><select @change=${(event: Event) => (this.kind.value = (event.target as HTMLSelectElement).value)}>
        <option value="">${tell("allKinds")}</option>${choices("kind").map((kind) => html`<option value=${kind.value} ?selected=${this.kind.value === kind.value}>${say(kind.title)}</option>`)}</select></label>
      <ul class="overlay-legend">${choices(info.style.by ?? "").map((choice) => html`<li><i style="background:${choice.color}"></i>${say(choice.title)}</li>`)}</ul>
      ${this.shown.value === "fishing-effort" ? html`<small>${tell("effortHow")}</small>` : nothing}</section>`;
  }
}

/** The city's day of a moment in milliseconds. */
function isoDay(ms: number): string {
  return new Date(ms + CITY_AHEAD_S * 1000).toISOString().slice(0, 10);
}

customElements.define("ioc-fleet-overlays", Overlays);
