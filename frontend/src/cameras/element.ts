import { IocElement } from "../common/element";
import type { CamerasModel } from "./model";

/** A part of the camera desk: it has the model, and redraws when the cameras or the way change. */
export class CamPart extends IocElement {
  static override properties = { model: { attribute: false } };
  declare model: CamerasModel;

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    const { home, kinds, cameras, open, route } = this.model;
    for (const signal of [home, kinds, cameras, open, route]) this.until((signal as typeof home).on(again));
  }

  /** Redraws after each change of `this` in a handler. */
  protected set(change: () => void): void {
    change();
    this.requestUpdate();
  }
}

/** A part that speaks of the open camera: it rests while there is none. */
export class OpenPart extends CamPart {
  protected override shouldUpdate(): boolean {
    return this.model.open.value !== null;
  }
}
