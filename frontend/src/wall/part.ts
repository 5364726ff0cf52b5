import { IocElement } from "../common/element";
import type { WallModel } from "./model";
import type { Stage } from "./stage";

/** Base of the wall's parts: given the model (and the map once it stands) before they are shown. */
export class WallPart extends IocElement {
  static override properties = { stage: { attribute: false } };
  declare stage: Stage | null;

  constructor(protected readonly model: WallModel) {
    super();
    this.stage = null;
  }
}
