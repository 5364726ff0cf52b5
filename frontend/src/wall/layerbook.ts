import type { LayerInfo, Props } from "../common/contract";
import { Signal } from "../common/signal";
import { FeatureStore } from "../common/store";
import { Styler } from "../map/styler";

export type Loading = "idle" | "loading" | "ready" | "failed";

/** One layer as this screen shows it. Everything about it comes from the catalogue. */
export class LayerView {
  visible: boolean;
  opacity = 1;
  open = false;
  loading: Loading = "idle";
  /** Values that a filter hides, by field. */
  readonly hidden = new Map<string, Set<string>>();
  readonly store = new FeatureStore();
  readonly past = new FeatureStore();
  readonly styler: Styler;

  constructor(readonly info: LayerInfo) {
    this.visible = info.default_visible;
    this.styler = new Styler(info);
  }

  get slug(): string {
    return this.info.slug;
  }

  /** Few enough to hold and move ourselves; otherwise the layer is drawn from tiles. */
  get held(): boolean {
    return this.info.geometry === "point" && this.info.count <= this.info.snapshot_limit;
  }

  /** Only what is held and live has a past that can be replayed. */
  get replays(): boolean {
    return this.held && this.info.live;
  }

  get filtered(): boolean {
    return [...this.hidden.values()].some((values) => values.size > 0);
  }

  readonly shows = (props: Props): boolean => {
    for (const [field, values] of this.hidden) {
      if (values.has(String(props[field]))) return false;
    }
    return true;
  };

  /** The same filter as a query, for what the server filters. */
  query(): string {
    const query = new URLSearchParams();
    for (const [name, hidden] of this.hidden) {
      if (!hidden.size) continue;
      const field = this.info.fields.find((each) => each.name === name);
      const shown = (field?.choices ?? []).filter((choice) => !hidden.has(choice.value));
      query.append(name, shown.map((choice) => choice.value).join(","));
    }
    const text = query.toString();
    return text && `?${text}`;
  }

  /** Title of a feature in the reader's language where the layer keeps one for each. */
  titleOf(props: Props, lang: string): string {
    const field = this.info.title_field;
    const twin = lang === "en" && field.endsWith("_vi") ? props[`${field.slice(0, -3)}_en`] : null;
    return String(twin || props[field] || "");
  }
}

/** The layers in the order they are drawn, first on top. `changed` fires on every change. */
export class LayerBook {
  readonly changed = new Signal<number>(0);
  views: LayerView[];

  constructor(infos: LayerInfo[]) {
    this.views = infos.map((info) => new LayerView(info));
  }

  get(slug: string | null | undefined): LayerView | undefined {
    return this.views.find((view) => view.slug === slug);
  }

  tell(): void {
    this.changed.value++;
  }

  show(view: LayerView, visible = true): void {
    if (view.visible === visible) return;
    view.visible = visible;
    this.tell();
  }

  showAll(visible: boolean): void {
    for (const view of this.views) view.visible = visible;
    this.tell();
  }

  setOpacity(view: LayerView, opacity: number): void {
    view.opacity = opacity;
    this.tell();
  }

  move(view: LayerView, to: number): void {
    const from = this.views.indexOf(view);
    const at = Math.max(0, Math.min(this.views.length - 1, to));
    if (from === at) return;
    this.views.splice(from, 1);
    this.views.splice(at, 0, view);
    this.tell();
  }

  toggleValue(view: LayerView, field: string, value: string): void {
    const values = view.hidden.get(field) ?? new Set<string>();
    if (!values.delete(value)) values.add(value);
    view.hidden.set(field, values);
    this.filterChanged(view);
  }

  clearFilter(view: LayerView): void {
    view.hidden.clear();
    this.filterChanged(view);
  }

  private filterChanged(view: LayerView): void {
    view.store.restyle();
    view.past.restyle();
    this.tell();
  }
}
