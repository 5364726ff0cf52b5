import { html, nothing } from "lit";
import type { SearchResult } from "../common/contract";
import { search } from "../common/services";
import { t } from "../i18n";
import type { WallModel } from "./model";
import { WallPart } from "./part";

const WAIT_MS = 180;
const ICONS = { place: "pin", district: "crosshair", feature: "target", coordinate: "locate" };
const COORDINATES = /^\s*(-?\d{1,2}(?:[.,]\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/;

/** Search over places, features and coordinates: arrows choose, Enter flies there. */
export class SearchBox extends WallPart {
  private results: SearchResult[] = [];
  private state: "idle" | "busy" | "done" | "failed" = "idle";
  private text = "";
  private at = 0;
  private open = false;
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(model: WallModel) {
    super(model);
  }

  override focus(): void {
    const input = this.querySelector("input");
    input?.focus();
    input?.select();
  }

  protected override render() {
    const shown = this.open && this.text.trim().length > 1 && this.state !== "idle";
    return html`<div class="search" role="search">
      <ioc-icon name="search"></ioc-icon>
      <input type="search" role="combobox" autocomplete="off" spellcheck="false" .value=${this.text}
        placeholder=${t("top.search")} aria-label=${t("top.search")} aria-expanded=${shown}
        aria-controls="search-results" aria-autocomplete="list"
        aria-activedescendant=${shown && this.results.length ? `search-${this.at}` : nothing}
        @input=${this.typed} @keydown=${this.key} @focus=${() => this.opened(true)} @blur=${this.left}>
      <kbd>/</kbd>
      <div class="search-results" id="search-results" role="listbox" aria-label=${t("search.results")} ?hidden=${!shown}>
        ${this.results.map((result, i) => html`<div role="option" id="search-${i}" aria-selected=${i === this.at}
          @pointerdown=${(event: Event) => { event.preventDefault(); this.go(result); }}>
          <ioc-icon name=${ICONS[result.kind] ?? "pin"}></ioc-icon>
          <span><b>${result.title}</b><small>${(result.kind === "feature" && result.subtitle) || t(`search.${result.kind}`)}</small></span></div>`)}
        ${this.state === "done" && !this.results.length ? html`<p><b>${t("search.none", { q: this.text })}</b>
          <small>${t("search.none.hint")}</small></p>` : nothing}
        ${this.state === "failed" ? html`<p class="bad">${t("search.failed")}</p>` : nothing}
      </div></div>`;
  }

  private opened(open: boolean): void {
    this.open = open;
    this.requestUpdate();
  }

  private left = (): void => {
    setTimeout(() => this.opened(false), 120);
  };

  private typed = (event: InputEvent): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.open = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), WAIT_MS);
    this.requestUpdate();
  };

  private async ask(): Promise<void> {
    this.asking?.abort();
    const q = this.text.trim();
    if (q.length < 2) {
      this.results = [];
      this.state = "idle";
      return this.requestUpdate();
    }
    const asking = new AbortController();
    this.asking = asking;
    const own = coordinates(q);
    try {
      const found = await search(q, asking.signal);
      this.results = own && !found.some((each) => each.kind === "coordinate") ? [own, ...found] : found;
      this.state = "done";
    } catch {
      if (asking.signal.aborted) return;
      this.results = own ? [own] : [];
      this.state = own ? "done" : "failed";
    }
    this.at = 0;
    this.requestUpdate();
  }

  private key = (event: KeyboardEvent): void => {
    const last = this.results.length - 1;
    if (event.key === "ArrowDown") this.at = Math.min(last, this.at + 1);
    else if (event.key === "ArrowUp") this.at = Math.max(0, this.at - 1);
    else if (event.key === "Enter" && this.results[this.at]) this.go(this.results[this.at]!);
    else if (event.key === "Escape") {
      (event.target as HTMLElement).blur();
      event.stopPropagation();
      return;
    } else return;
    event.preventDefault();
    this.requestUpdate();
  };

  private go(result: SearchResult): void {
    const view = this.model.book.get(result.layer);
    if (view && result.id) {
      this.model.book.show(view);
      this.model.select(view.slug, result.id);
    }
    this.stage?.flyTo(result.lon, result.lat, { bbox: result.bbox, mark: !result.id });
    this.querySelector("input")?.blur();
    this.opened(false);
  }
}

/** `16.46, 107.59` in either order of size: this part of the world leaves no doubt. */
function coordinates(q: string): SearchResult | null {
  const match = COORDINATES.exec(q);
  if (!match) return null;
  const [a, b] = [match[1]!, match[2]!].map((part) => Number(part.replace(",", "."))) as [number, number];
  const [lat, lon] = Math.abs(a) > 90 ? [b, a] : [a, b];
  return { kind: "coordinate", title: `${lat}, ${lon}`, subtitle: "", lon, lat, bbox: null, layer: null, id: null };
}

customElements.define("ioc-search-box", SearchBox);
