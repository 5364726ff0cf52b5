import { LitElement } from "lit";
import { lang } from "../i18n";
import type { Signal } from "./signal";

/**
 * Base of our elements: rendered in the page itself, so that one style sheet, the map's own
 * style sheet and assistive technology see one document; redrawn when a signal it uses changes.
 */
export class IocElement extends LitElement {
  private readonly used: Signal<any>[] = [lang];
  private readonly releases: (() => void)[] = [];

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Call in the constructor: the element redraws whenever one of these changes. */
  protected uses(...signals: Signal<any>[]): void {
    this.used.push(...signals);
  }

  /** Call in connectedCallback: `release` runs when the element leaves the page. */
  protected until(release: () => void): void {
    this.releases.push(release);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What changed while it was away is drawn now.
    if (this.hasUpdated) this.requestUpdate();
    for (const signal of this.used) this.until(signal.on(() => this.requestUpdate()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const release of this.releases.splice(0)) release();
  }
}
