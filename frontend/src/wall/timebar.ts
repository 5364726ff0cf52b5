import { html, nothing } from "lit";
import { serverNow } from "../common/catalogue";
import { t } from "../i18n";
import { clock, dayTime, dateTime } from "../i18n/format";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { SPAN_MS, SPEEDS } from "./time";

export const STEP_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Live or replay, and where in the last 24 hours; marks where incidents began. */
export class TimeBar extends WallPart {
  constructor(model: WallModel) {
    super(model);
    const { live, at, playing, speed, loader } = model.time;
    this.uses(live, at, playing, speed, loader.busy, loader.error, model.incidents);
  }

  protected override render() {
    const { time } = this.model;
    const now = serverNow();
    const from = now - SPAN_MS;
    const live = time.live.value;
    const playing = live || time.playing.value;
    const label = t(playing && !live ? "bar.pause" : live ? "bar.pause" : "bar.play");
    return html`
      <div class="bar-buttons">
        <button type="button" class="icon-button" aria-label=${t("bar.back")} title="${t("bar.back")} (←)"
          @click=${() => time.step(-STEP_MS)}><ioc-icon name="back"></ioc-icon></button>
        <button type="button" class="icon-button play" aria-label=${label} title="${label} (Space)"
          @click=${() => time.toggle()}><ioc-icon name=${playing ? "pause" : "play"}></ioc-icon></button>
        <button type="button" class="icon-button" aria-label=${t("bar.forward")} title="${t("bar.forward")} (→)" ?disabled=${live}
          @click=${() => time.step(STEP_MS)}><ioc-icon name="forward"></ioc-icon></button>
        <div class="speeds" role="radiogroup" aria-label=${t("bar.speed")}>${SPEEDS.map((speed) => html`
          <button type="button" role="radio" aria-checked=${time.speed.value === speed}
            @click=${() => (time.speed.value = speed)}>×${speed}</button>`)}</div>
        <button type="button" class="speed-one" aria-label="${t("bar.speed")}: ×${time.speed.value}"
          @click=${() => (time.speed.value = SPEEDS[(SPEEDS.indexOf(time.speed.value) + 1) % SPEEDS.length]!)}>×${time.speed.value}</button></div>
      <div class="track">
        ${this.ticks(from)}${this.marks(from)}
        <input type="range" min=${from} max=${now} step=${STEP_MS / 4} .value=${String(live ? now : time.at.value)}
          style="--done:${(((live ? now : time.at.value) - from) / SPAN_MS) * 100}%"
          aria-label=${t("bar.slider")} aria-valuetext=${dateTime(time.at.value / 1000)}
          @input=${(event: Event) => time.seek(Number((event.target as HTMLInputElement).value))}></div>
      <div class="bar-state">
        ${time.loader.error.value && !live ? html`<span class="bad">${t("bar.failed")}</span>`
          : time.loader.busy.value && !live ? html`<span class="quiet">${t("bar.loading")}</span>` : nothing}
        <span class="bar-range">${live ? html`${dayTime(from / 1000)} → ${clock(now / 1000)}` : html`<b>${dateTime(time.at.value / 1000)}</b>`}</span>
        ${live ? html`<span class="badge live"><i></i>${t("bar.live")}</span>`
          : html`<button type="button" class="badge past" title=${t("bar.golive")} aria-label=${t("bar.golive")}
              @click=${() => time.goLive()}>${t("bar.golive")}</button>`}</div>`;
  }

  private ticks(from: number) {
    const ticks = [];
    for (let at = Math.ceil(from / (3 * HOUR_MS)) * 3 * HOUR_MS; at < from + SPAN_MS; at += 3 * HOUR_MS) {
      const left = ((at - from) / SPAN_MS) * 100;
      ticks.push(html`<span class="hour" style="left:${left}%">${left > 2 && left < 98 ? clock(at / 1000) : ""}</span>`);
    }
    return html`<span class="ticks" aria-hidden="true">${ticks}</span>`;
  }

  private marks(from: number) {
    return html`<span class="marks" aria-hidden="true">${this.model.incidents.value.map((each) => {
      const left = ((Date.parse(each.first_at) - from) / SPAN_MS) * 100;
      return left > 0 && left < 100 ? html`<i class=${each.severity} style="left:${left}%"></i>` : nothing;
    })}</span>`;
  }
}

customElements.define("ioc-time-bar", TimeBar);
