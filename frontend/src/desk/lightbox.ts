import { html, nothing, type TemplateResult } from "lit";
import { IocElement } from "../common/element";
import { HttpError } from "../common/http";
import { say } from "../i18n";
import * as api from "./api";
import type { Case, Photo } from "./contract";
import { glyph } from "./icons";
import { reasonOf, type DeskModel } from "./model";
import { tell } from "./words";

const SMALLEST = 0.012;

/** Photos at full size; a moderator draws boxes on one, and the server blurs what they cover. */
export class Lightbox extends IocElement {
  private file: Case | null = null;
  private photos: Photo[] = [];
  private at = 0;
  private blurring = false;
  private boxes: api.Box[] = [];
  private from: [number, number] | null = null;
  private reason = "";
  private busy = false;
  private problem = "";

  constructor(private readonly model: DeskModel) {
    super();
  }

  show(file: Case, photos: Photo[], at: number): void {
    Object.assign(this, { file, photos, at, blurring: false, boxes: [], problem: "" });
    this.requestUpdate();
    void this.updateComplete.then(() => {
      const dialog = this.querySelector("dialog");
      if (dialog && !dialog.open) dialog.showModal();
    });
  }

  /** True where it was open and is closed now. */
  shut(): boolean {
    const was = this.photos.length > 0;
    this.querySelector("dialog")?.close();
    this.photos = [];
    this.requestUpdate();
    return was;
  }

  private step(by: number): void {
    if (this.blurring) return;
    this.at = (this.at + by + this.photos.length) % this.photos.length;
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const photo = this.photos[this.at];
    if (!photo) return html``;
    const many = this.photos.length > 1;
    const may = this.model.home.value?.me.may.moderate;
    const button = (icon: string, label: string, act: () => void, name = "icon-button") => html`<button type="button" class=${name}
      aria-label=${label} title=${label} @click=${act}>${glyph(icon)}</button>`;
    return html`<dialog class="lightbox" aria-label=${tell("photo", { n: this.at + 1, m: this.photos.length })}
      @close=${() => this.shut()} @keydown=${(event: KeyboardEvent) => this.key(event)}
      @click=${(event: Event) => event.target === event.currentTarget && !this.blurring && this.shut()}>
      <header><span>${tell("photo", { n: this.at + 1, m: this.photos.length })}</span><span class="spacer"></span>
        ${may ? html`<button type="button" class="button small" aria-pressed=${this.blurring} @click=${() => {
          this.blurring = !this.blurring;
          this.boxes = [];
          this.requestUpdate();
        }}>${glyph("blur")}${tell("blur")}</button>` : nothing}
        ${button("x", tell("close"), () => this.shut())}</header>
      <div class="frame">${many && !this.blurring ? button("left", tell("previous"), () => this.step(-1), "icon-button side") : nothing}
        <div class="canvas ${this.blurring ? "drawing" : ""}" @pointerdown=${(event: PointerEvent) => this.down(event)}
          @pointermove=${(event: PointerEvent) => this.move(event)} @pointerup=${() => this.up()}>
          <img src=${photo.url} alt="" draggable="false">
          ${this.boxes.map(([x, y, w, h], i) => html`<button type="button" class="blur-box" aria-label=${tell("blurBox", { n: i + 1 })}
            style="left:${x * 100}%;top:${y * 100}%;width:${w * 100}%;height:${h * 100}%"
            @pointerdown=${(event: Event) => event.stopPropagation()}
            @click=${() => { this.boxes = this.boxes.filter((_, n) => n !== i); this.requestUpdate(); }}></button>`)}
        </div>
        ${many && !this.blurring ? button("right", tell("next"), () => this.step(1), "icon-button side") : nothing}</div>
      ${this.blurring ? this.blurFoot(photo) : nothing}</dialog>`;
  }

  private blurFoot(photo: Photo): TemplateResult {
    const n = this.boxes.length;
    const reasons = this.model.home.value?.reasons.blur ?? [];
    this.reason ||= reasons[0]?.code ?? "";
    return html`<footer><span>${tell("blurHint")}</span><span class="spacer"></span>
      <label>${tell("blurReason")} <select @change=${(event: Event) => (this.reason = (event.target as HTMLSelectElement).value)}>
        ${reasons.map((one) => html`<option value=${one.code} ?selected=${one.code === this.reason}>${say(one.title)}</option>`)}</select></label>
      <button type="button" class="button primary small" ?disabled=${!n || this.busy} @click=${() => void this.send(photo)}>
        ${this.busy ? tell("doing") : tell("blurDo", { n })}</button>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}</footer>`;
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "ArrowLeft") this.step(-1);
    if (event.key === "ArrowRight") this.step(1);
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.querySelector(".canvas img")!.getBoundingClientRect();
    const within = (value: number) => Math.max(0, Math.min(1, value));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  }

  private down(event: PointerEvent): void {
    if (!this.blurring) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.from = this.place(event);
    this.boxes = [...this.boxes, [...this.from, 0, 0]];
  }

  private move(event: PointerEvent): void {
    if (!this.from) return;
    const [x, y] = this.place(event);
    const [fx, fy] = this.from;
    this.boxes = [...this.boxes.slice(0, -1), [Math.min(x, fx), Math.min(y, fy), Math.abs(x - fx), Math.abs(y - fy)]];
    this.requestUpdate();
  }

  private up(): void {
    this.from = null;
    this.boxes = this.boxes.filter(([, , w, h]) => w > SMALLEST && h > SMALLEST);
    this.requestUpdate();
  }

  /** Somebody changed the case: what was drawn stays, on the photo as it is now. */
  private async again(photo: Photo): Promise<void> {
    await this.model.loadFile(true);
    const now = this.model.file.value;
    if (!now || now.code !== this.file?.code) return;
    this.file = now;
    const there = [...now.photos, ...now.timeline.flatMap((step) => step.photos ?? [])];
    if (!there.some((one) => one.name === photo.name)) this.boxes = [];
  }

  private async send(photo: Photo): Promise<void> {
    if (!this.file || this.busy) return;
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    try {
      await api.blurPhoto(this.file.code, photo.name, this.boxes, this.reason, this.file.version);
      this.shut();
      this.model.say(tell("blurDone"), "good");
      await this.model.loadFile(true);
      void this.model.loadQueue(true);
    } catch (error) {
      this.problem = reasonOf(error);
      if (error instanceof HttpError && error.status === 409) await this.again(photo);
    }
    this.busy = false;
    this.requestUpdate();
  }
}

customElements.define("ioc-lightbox", Lightbox);
