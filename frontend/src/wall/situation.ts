import { html, nothing } from "lit";
import type { Tile } from "../common/contract";
import { loadTiles } from "../common/services";
import { say, t } from "../i18n";
import { number } from "../i18n/format";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { sparkline } from "./sparkline";

const EVERY_MS = 30_000;

/** The tiles along the bottom: each a sentence with a trend, each opens its layer. */
export class Situation extends WallPart {
  private tiles: Tile[] | null = null;
  private failed = false;
  private timer = 0;

  constructor(model: WallModel) {
    super(model);
    this.uses(model.time.live);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => clearTimeout(this.timer));
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.tiles = await loadTiles();
      this.failed = false;
    } catch {
      this.failed = true;
    }
    this.timer = setTimeout(() => void this.load(), this.failed ? EVERY_MS / 4 : EVERY_MS);
    this.requestUpdate();
  }

  protected override render() {
    if (!this.tiles) {
      return this.failed ? html`<p class="tiles-note bad">${t("tiles.failed")}</p>`
        : html`<div class="tile-row">${[1, 2, 3, 4, 5].map(() => html`<div class="tile waiting"></div>`)}</div>`;
    }
    if (!this.tiles.length) return html`<p class="tiles-note">${t("tiles.empty")}</p>`;
    return html`<h2 class="visually-hidden">${t("tiles.title")}</h2>
      <div class="tile-row">${this.tiles.map((tile) => this.tile(tile))}</div>`;
  }

  private tile(tile: Tile) {
    const view = this.model.book.get(tile.layer);
    const digits = tile.unit === "m" ? 2 : tile.value !== null && Math.abs(tile.value) < 10 ? 1 : 0;
    const hint = view ? t("tiles.open", { layer: say(view.info.title) }) : say(tile.title);
    return html`<button type="button" class="tile ${tile.state}" title=${hint} ?disabled=${!view}
        @click=${() => this.open(tile)}>
      <span class="tile-title"><span>${say(tile.title)}</span>${tile.synthetic
        ? html`<em class="synthetic" title=${t("card.synthetic")}>${t("layers.synthetic")}</em>` : nothing}</span>
      <span class="tile-value"><b>${tile.value === null ? "–" : number(tile.value, digits, tile.unit === "m")}</b>${tile.unit
        ? html`<small>${tile.unit}</small>` : nothing}</span>
      <span class="tile-text">${say(tile.text)}</span>
      ${sparkline(tile.trend)}</button>`;
  }

  private open(tile: Tile): void {
    const { model } = this;
    const view = model.book.get(tile.layer);
    if (!view) return;
    model.book.show(view);
    for (const each of model.book.views) each.open = each === view;
    model.leftTab.value = "layers";
    if (!matchMedia("(max-width: 60rem)").matches) model.leftOpen.value = true;
    model.book.tell();
    this.stage?.showWhole(view.info);
  }
}

customElements.define("ioc-situation", Situation);
