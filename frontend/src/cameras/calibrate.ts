import { html, nothing, type TemplateResult } from "lit";
import { dateTime, number } from "../i18n/format";
import * as api from "./api";
import "./board";
import type { Board, Shape } from "./board";
import type { ControlPoint, Fit, Probed, Spot } from "./contract";
import { OpenPart } from "./element";
import { GroundMap, type LonLat } from "./groundmap";
import { glyph } from "./icons";
import { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { fault, pictureUrl } from "./parts";
import { tell } from "./words";

const SETTLE_MS = 250;
const MOST_STEPS = 100;
const LINE = 0.02;
export const LEAST_POINTS = 6;
type Half = Partial<ControlPoint>;

/** Good, fair and poor by metres; the same everywhere on this page. */
function toneOf(errorM: number): string {
  return errorM <= 1.5 ? "good" : errorM <= 4 ? "fair" : "poor";
}
const COLORS: Record<string, string> = { good: "var(--good)", fair: "var(--severity-moderate)", poor: "var(--severity-severe)" };

/** Picture left, map right: pairs of the same place, and how wrong each one is by the others. */
class Calibrate extends OpenPart {
  private points: Half[] = [];
  private fit: Fit | null = null;
  private wrong = "";
  private asking: AbortController | null = null;
  private timer = 0;
  private busy = false;
  private saving = false;
  private of = 0;
  private ground: GroundMap | null = null;
  private changed = false;
  private adding = true;
  private steps: Half[][] = [];
  private dragging = false;
  private readonly frame = new JobWatch<Probed>();
  private framed = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.frame.job.on(() => this.requestUpdate()));
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !this.steps.length) return;
      event.preventDefault();
      this.undo();
    };
    addEventListener("keydown", keys);
    this.until(() => { removeEventListener("keydown", keys); this.frame.stop(); });
    this.until(() => { this.ground?.stop(); clearTimeout(this.timer); this.asking?.abort(); this.model.unsaved.value = false; });
  }

  protected override willUpdate(): void {
    const camera = this.model.open.value;
    if (camera && camera.id !== this.of) this.take();
  }

  private take(): void {
    const camera = this.model.open.value!;
    this.of = camera.id;
    this.points = camera.control_points.map((point) => ({ ...point }));
    this.adding = this.points.length < LEAST_POINTS;
    this.steps = [];
    this.mark(false);
    this.fit = null;
    if (this.points.length) this.ask(0);
    if (this.framed !== camera.id) void this.wholeFrame(camera.id);
  }

  /** The whole frame asked for last; where there is none, a new one. */
  private async wholeFrame(id: number): Promise<void> {
    this.framed = id;
    this.frame.stop();
    this.frame.job.value = null;
    if (!this.model.may("set_up")) return;
    const last = await api.frame(id).then((told) => told.job).catch(() => null);
    if (this.framed !== id) return;
    if (last) this.frame.follow(last);
    else if (this.model.open.value?.streaming) await this.newFrame();
  }

  private async newFrame(): Promise<void> {
    try {
      this.frame.follow(await api.askFrame(this.model.open.value!.id));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
  }

  /** Remembers the points as they are, for a way back. */
  private step(): void {
    this.steps = [...this.steps.slice(-MOST_STEPS), this.points.map((point) => ({ ...point }))];
  }

  private undo(): void {
    const before = this.steps.pop();
    if (!before) return;
    this.points = before;
    this.adding = this.adding || this.points.length < LEAST_POINTS;
    this.settle();
  }

  private mark(changed: boolean): void {
    this.changed = changed;
    this.model.unsaved.value = changed;
  }

  protected override firstUpdated(): void {
    const camera = this.model.open.value!;
    this.ground = new GroundMap(this.querySelector<HTMLElement>(".ground")!, this.model.catalogue.city, {
      click: (at) => this.put({ lon: at[0], lat: at[1] }),
      moved: (index, at) => this.shift(this.whole()[index]!, { lon: at[0], lat: at[1] }),
    });
    const places = this.whole().map((p): LonLat => [p.lon, p.lat]);
    if (places.length > 2) this.ground.frame([...places, [camera.lon, camera.lat]], 20);
    else this.ground.around([camera.lon, camera.lat], Math.min(camera.range_m, 120));
    this.draw();
  }

  private whole(): (Half & { lon: number; lat: number })[] {
    return this.points.filter((p): p is Half & { lon: number; lat: number } => p.lon !== undefined);
  }

  private complete(): ControlPoint[] {
    return this.points.filter((p): p is ControlPoint => p.x !== undefined && p.lon !== undefined);
  }

  /** The pair whose other half is still missing. */
  private get open(): Half | undefined {
    return this.points.find((p) => p.x === undefined || p.lon === undefined);
  }

  private put(half: Half): void {
    const { open } = this;
    this.step();
    if (open) Object.assign(open, half);
    else this.points.push({ ...half });
    this.settle();
  }

  private shift(point: Half, half: Half, done = true): void {
    if (!this.dragging) this.step();
    this.dragging = !done;
    Object.assign(point, half);
    this.settle();
  }

  private drop(index: number): void {
    this.step();
    this.points.splice(index, 1);
    this.adding = true;
    this.settle();
  }

  private settle(): void {
    this.mark(true);
    this.draw();
    this.requestUpdate();
    this.ask(SETTLE_MS);
  }

  private ask(after: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.measure(), after);
  }

  private async measure(): Promise<void> {
    this.asking?.abort();
    const points = this.complete();
    this.wrong = "";
    if (points.length < LEAST_POINTS) {
      this.fit = null;
      this.draw();
      return this.requestUpdate();
    }
    const asking = (this.asking = new AbortController());
    this.busy = true;
    this.requestUpdate();
    try {
      this.fit = await api.fit(points, asking.signal);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.fit = null;
      this.wrong = reasonOf(error);
    }
    this.busy = false;
    this.draw();
    this.requestUpdate();
  }

  private draw(): void {
    const camera = this.model.open.value;
    if (!camera || !this.ground) return;
    this.ground.camera([camera.lon, camera.lat], camera.calibrated && this.fit ? null : camera.view, this.fit?.footprint ?? null);
    const whole = this.complete();
    this.ground.put(this.whole().map((point) => ({
      label: String(this.points.indexOf(point) + 1), lon: point.lon, lat: point.lat, live: this.model.may("set_up"),
      tone: point.x === undefined ? "open" : this.fit && this.fit.worst === whole.indexOf(point as ControlPoint) ? "bad" : "",
    })));
    this.ground.waiting = this.model.may("set_up") && (this.adding || !!this.open) && (!this.open || this.open.lon === undefined);
  }

  private async save(): Promise<void> {
    const camera = this.model.open.value!;
    this.saving = true;
    this.requestUpdate();
    try {
      const saved = await api.savePoints(camera.id, this.complete(), camera.version);
      this.mark(false);
      this.model.took(saved);
      this.model.say(tell("calibrationSaved"));
      this.adding = false;
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
    this.saving = false;
    this.draw();
    this.requestUpdate();
  }

  private next(): string {
    const { open } = this;
    if (!open) return tell("clickPicture", { n: this.points.length + 1 });
    return tell(open.x === undefined ? "clickPictureNow" : "clickMapNow", { n: this.points.indexOf(open) + 1 });
  }

  private shapes(): Shape[] {
    const whole = this.complete();
    const dots = this.points.flatMap((point, i): Shape[] => {
      if (point.x === undefined) return [];
      const bad = this.fit?.worst === whole.indexOf(point as ControlPoint) && point.lon !== undefined;
      return [{ id: String(i), kind: "dot", points: [[point.x, point.y!]], label: String(i + 1), live: this.model.may("set_up"),
        color: bad ? "var(--severity-severe)" : point.lon === undefined ? "var(--severity-minor)" : "var(--accent)" }];
    });
    const hull: Shape[] = this.fit ? [{ id: "hull", kind: "zone", points: this.fit.corners, color: "var(--accent)", faint: true }] : [];
    return [...hull, ...dots];
  }

  protected override render(): TemplateResult {
    const camera = this.model.open.value!;
    const may = this.model.may("set_up");
    const { open, fit } = this;
    const drawing = may && (this.adding || open) && (!open || open.x === undefined)
      ? { kind: "dot" as const, color: "var(--accent)", hint: this.next() } : null;
    return html`<div class="calibrate">
      <div class="cal-picture"><ioc-board .src=${this.picture()} .alt=${tell("pictureOf", { name: camera.name_vi })} .shapes=${this.shapes()}
        .heat=${(fit?.grid ?? []).map(([x, y, e]) => [x, y, COLORS[toneOf(e)]])} .drawing=${drawing}
        .drawn=${([spot]: Spot[]) => this.put({ x: spot![0], y: spot![1] })} .cancelled=${() => this.set(() => { if (open) this.step(); if (open) this.points.splice(this.points.indexOf(open), 1); this.adding = false; this.draw(); })}
        .moved=${(id: string, _: number, spot: Spot, done: boolean) => this.shift(this.points[Number(id)]!, { x: spot[0], y: spot[1] }, done)}></ioc-board>${this.frameTools(may)}</div>
      <div class="cal-map ground-room"><div class="ground"></div>
        ${may && open && open.lon === undefined ? html`<p class="map-hint strong" role="status">${glyph("crosshair")}<span>${this.next()}</span>
          <button type="button" class="button small" @click=${() => { const [lon, lat] = this.ground!.middle(); this.put({ lon, lat }); }}>${tell("middleOfMap")}</button></p>` : nothing}</div>
      <aside class="cal-side">${this.verdict()}${this.list()}
        ${may ? html`<footer class="form-foot">
          ${this.adding || open ? nothing : html`<button type="button" class="button" @click=${() => this.set(() => { this.adding = true; this.draw(); })}>${glyph("plus")}${tell("addPoint")}</button>`}
          ${this.steps.length ? html`<button type="button" class="icon-button" aria-label=${tell("undo")} title="${tell("undo")} (Ctrl+Z)" @click=${() => this.undo()}>${glyph("undo")}</button>` : nothing}
          ${this.changed ? html`<button type="button" class="button" @click=${() => { this.take(); this.draw(); this.requestUpdate(); }}>${tell("discard")}</button>` : nothing}
          <button type="button" class="button primary" ?disabled=${!fit || !this.changed || this.saving || this.busy || !!open} @click=${() => void this.save()}>${glyph("check")}${tell(this.saving ? "saving" : "saveCalibration")}</button></footer>` : nothing}</aside></div>`;
  }

  /** The whole frame once it is here; until then the small picture of the moment. */
  private picture(): string {
    const job = this.frame.job.value;
    return job?.state === "done" && job.picture ? job.picture : pictureUrl(this.model.open.value!);
  }

  private frameTools(may: boolean): TemplateResult | typeof nothing {
    const job = this.frame.job.value;
    if (!may || !this.model.open.value!.streaming) return nothing;
    const words = this.frame.busy ? tell("frameComing") : job?.state === "done" ? tell("frameHere", { size: `${job.result.width}×${job.result.height}`, at: dateTime(job.result.at) })
      : job?.state === "failed" ? tell("frameFailed", { why: job.note }) : tell("frameSmall");
    return html`<div class="frame-tools">${this.frame.busy ? html`<span class="spinner tiny"></span>` : glyph("shield")}<span role="status" title=${tell("frameWhy")}>${words}</span>
      ${this.frame.busy ? nothing : html`<button type="button" class="icon-button tiny" aria-label=${tell("frameAgain")} title=${tell("frameAgain")} @click=${() => void this.newFrame()}>${glyph("retry")}</button>`}</div>`;
  }

  /** Picture and map brought near to one point. */
  private look(point: Half): void {
    if (point.x !== undefined) this.querySelector<Board>("ioc-board")?.show([point.x, point.y!]);
    if (point.lon !== undefined) this.ground?.near([point.lon, point.lat!]);
  }

  private verdict(): TemplateResult {
    const { fit } = this;
    const n = this.complete().length;
    if (this.wrong) return html`<div class="verdict bad" role="alert">${fault(this.wrong)}</div>`;
    if (!fit) return html`<div class="verdict"><h2>${tell("pairsOf", { n, least: LEAST_POINTS })}</h2><progress max=${LEAST_POINTS} .value=${n} aria-label=${tell("points")}></progress><p>${tell("calibrationHow")}</p>
      ${onALine(this.complete()) ? html`<p class="fault" role="status">${glyph("warning")}<span>${tell("pointsOnALine")}</span></p>` : nothing}</div>`;
    const tone = toneOf(fit.error_90_m);
    return html`<div class="verdict ${tone}" role="status" aria-busy=${this.busy}>
      <p class="figure"><b>${number(fit.error_m, 1)} m</b><span>${tell("errorMiddle")}</span></p><p class="figure"><b>${number(fit.error_90_m, 1)} m</b><span>${tell("error90")}</span></p>
      <p class="words">${tell(`fit_${tone}` as "fit_good")}</p>
      <ul class="legend" aria-label=${tell("heatLegend")}>${(["good", "fair", "poor"] as const).map((one) => html`<li><i style="--c:${COLORS[one]}"></i>${tell(`heat_${one}`)}</li>`)}</ul></div>`;
  }

  private list(): TemplateResult {
    const whole = this.complete();
    const worst = Math.max(1, ...(this.fit?.points.map((p) => p.error_m) ?? []));
    if (!this.points.length) return html`<p class="hint pad">${tell("pointsHint")}</p>`;
    return html`<table class="points"><caption class="visually-hidden">${tell("points")}</caption><thead><tr><th scope="col">#</th><th scope="col">${tell("leftOut")}</th><th></th></tr></thead>
      <tbody>${this.points.map((point, i) => {
        const at = whole.indexOf(point as ControlPoint);
        const error = this.fit?.points[at]?.error_m;
        return html`<tr class=${this.fit?.worst === at && at >= 0 ? "worst" : ""}><th scope="row"><button type="button" class="point-no" aria-label=${tell("lookAtPoint", { n: i + 1 })} title=${tell("lookAtPoint", { n: i + 1 })} @click=${() => this.look(point)}>${i + 1}</button></th>
          <td>${at < 0 ? html`<span class="hint">${tell(point.x === undefined ? "needsPicture" : "needsMap")}</span>` : error === undefined ? html`<span class="hint">–</span>`
            : html`<span class="bar-cell"><i style="--w:${Math.min(1, error / worst)};--c:${COLORS[toneOf(error)]}"></i><b>${number(error, 2)} m</b></span>`}
            ${this.fit?.worst === at && at >= 0 ? html`<small class="fault">${tell("worstPoint")}</small>` : nothing}</td>
          <td>${this.model.may("set_up") ? html`<button type="button" class="icon-button tiny" aria-label=${tell("removePoint", { n: i + 1 })} @click=${() => this.drop(i)}>${glyph("trash")}</button>` : nothing}</td></tr>`;
      })}</tbody></table>`;
  }
}

/** Whether points lie so near to one line, on picture or map, that no ground can be told from them. */
export function onALine(points: ControlPoint[]): boolean {
  if (points.length < 3) return false;
  const level = Math.cos((points[0]!.lat * Math.PI) / 180);
  const planes: Spot[][] = [points.map((p) => [p.x, p.y]), points.map((p) => [p.lon * level, p.lat])];
  return planes.some((plane) => {
    const mean = (axis: 0 | 1) => plane.reduce((sum, one) => sum + one[axis], 0) / plane.length;
    const [mx, my] = [mean(0), mean(1)];
    let [xx, xy, yy] = [0, 0, 0];
    for (const [x, y] of plane) { xx += (x - mx) ** 2; xy += (x - mx) * (y - my); yy += (y - my) ** 2; }
    const root = Math.hypot((xx - yy) / 2, xy);
    const [large, small] = [(xx + yy) / 2 + root, Math.max(0, (xx + yy) / 2 - root)];
    return Math.sqrt(small) < LINE * Math.sqrt(large);
  });
}

customElements.define("ioc-cam-calibrate", Calibrate);
