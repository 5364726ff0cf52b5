import L from "leaflet";
import { lang, say, t } from "../i18n";
import { number } from "../i18n/format";
import type { WallModel } from "./model";

export interface Picked {
  slug: string;
  id: string;
  /** Features in a cell; 1 for a feature of its own. */
  n: number;
  props?: Record<string, unknown>;
}

/** A small name beside the pointer. Asks once a frame at most, and only while the map rests. */
export class Hover {
  private readonly tip = document.createElement("div");
  private last: L.Point | null = null;
  private queued = 0;

  constructor(
    private readonly map: L.Map,
    private readonly pick: (point: L.Point) => Picked[],
    private readonly model: WallModel,
  ) {
    this.tip.className = "map-tip";
    this.tip.hidden = true;
    this.tip.setAttribute("aria-hidden", "true");
    map.getContainer().append(this.tip);
    if (!matchMedia("(hover: hover)").matches) return;
    map.on("mousemove", (event) => {
      this.last = event.containerPoint;
      this.queued ||= requestAnimationFrame(() => this.look());
    });
    map.on("mouseout movestart zoomstart", () => this.hide());
  }

  private hide(): void {
    this.last = null;
    this.tip.hidden = true;
  }

  private look(): void {
    this.queued = 0;
    if (!this.last) return;
    const found = this.pick(this.last);
    // Areas cover everything: their name is on the map already.
    const first = found.find((each) => this.model.book.get(each.slug)?.info.geometry !== "polygon");
    this.map.getContainer().classList.toggle("can-pick", !!first);
    this.tip.hidden = !first;
    if (!first) return;
    this.tip.textContent = this.words(first);
    const x = Math.min(this.last.x + 16, this.map.getSize().x - this.tip.offsetWidth - 8);
    this.tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(this.last.y + 14)}px)`;
  }

  private words(picked: Picked): string {
    const view = this.model.book.get(picked.slug);
    if (!view) return "";
    if (picked.n > 1) return t("map.cells", { n: number(picked.n, 0) });
    const store = this.model.time.live.value || !view.replays ? view.store : view.past;
    const props = picked.props ?? store.props[store.row(picked.id)];
    return (props && view.titleOf(props, lang.value)) || say(view.info.title);
  }
}
