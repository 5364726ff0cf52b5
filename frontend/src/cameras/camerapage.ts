import { html, nothing, type TemplateResult } from "lit";
import { HttpError } from "../common/http";
import { say } from "../i18n";
import * as api from "./api";
import "./calibrate";
import "./cameraview";
import { CamPart } from "./element";
import { glyph, type Glyph } from "./icons";
import { PARTS, reasonOf, type Part } from "./model";
import { failed, stateMark, waiting } from "./parts";
import "./rulespage";
import { tell } from "./words";

const ICONS: Record<Part, Glyph> = { view: "eye", calibration: "crosshair", rules: "rules" };

/** One camera: how it does, where its picture lies on the ground, what is asked of it. */
class CameraPage extends CamPart {
  private failure = "";
  private asked = 0;

  private get wanted(): number {
    return Number(this.model.route.value.id);
  }

  protected override willUpdate(): void {
    // Between two pages the way may already lead elsewhere.
    if (this.wanted && this.asked !== this.wanted) {
      this.asked = this.wanted;
      void this.load();
    }
  }

  private async load(): Promise<void> {
    this.failure = "";
    try {
      await this.model.openCamera(this.wanted);
    } catch (error) {
      this.failure = error instanceof HttpError && error.status === 404 ? tell("cameraGone") : reasonOf(error);
      this.requestUpdate();
    }
  }

  private async switch(): Promise<void> {
    const camera = this.model.open.value!;
    try {
      this.model.took(await api.enable(camera.id, !camera.enabled, camera.version));
      this.model.say(tell(camera.enabled ? "nowOff" : "nowOn", { name: say(camera.name) }));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
      void this.load();
    }
  }

  protected override render(): TemplateResult {
    const camera = this.model.open.value;
    const { part } = this.model.route.value;
    if (this.failure) return failed(this.failure, () => void this.load());
    if (!camera || camera.id !== this.wanted) return waiting();
    const listed = this.model.cameras.value?.find((one) => one.id === camera.id) ?? camera;
    const { model } = this;
    return html`<section class="page fixed" aria-labelledby="page-title">
      <header class="page-head tight"><a class="icon-button" href="#/cameras" aria-label=${tell("backToCameras")} title=${tell("backToCameras")}>${glyph("left")}</a>
        <h1 id="page-title">${say(camera.name)}</h1>${stateMark({ ...listed, enabled: camera.enabled })}
        ${camera.synthetic ? html`<span class="tag dashed">${tell("synthetic")}</span>` : nothing}
        <nav class="parts" aria-label=${say(camera.name)}>${PARTS.map((one) => html`<a href="#/cameras/${camera.id}/${one}" aria-current=${one === part ? "page" : nothing}>${glyph(ICONS[one])}<span>${tell(`part_${one}`)}</span>
          ${one === "rules" ? html`<small>${camera.declared.length}</small>` : nothing}${one === "calibration" && !camera.calibrated ? html`<i class="dot" title=${tell("notCalibrated")}></i>` : nothing}</a>`)}</nav>
        <span class="spacer"></span>
        ${model.may("set_up") ? html`<label class="switch-row"><input type="checkbox" class="switch" role="switch" .checked=${camera.enabled} @change=${() => void this.switch()}><span>${tell("cameraOn")}</span></label>` : nothing}</header>
      ${part === "calibration" ? html`<ioc-cam-calibrate .model=${model}></ioc-cam-calibrate>`
        : part === "rules" ? html`<ioc-cam-rules .model=${model}></ioc-cam-rules>` : html`<ioc-cam-view .model=${model}></ioc-cam-view>`}</section>`;
  }
}

customElements.define("ioc-cam-page", CameraPage);
