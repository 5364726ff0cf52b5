import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { serverNow } from "../common/catalogue";
import type { Incident } from "../common/contract";
import { openAlarm } from "../environment/alarm";
import { say, t } from "../i18n";
import { ago, clock, dateTime, number } from "../i18n/format";
import type { WallModel } from "./model";
import { WallPart } from "./part";
import { severityMark } from "./swatch";

/** What needs someone: the gravest first, taken by name, in step with the time shown. */
export class Feed extends WallPart {
  private busy = new Set<string>();
  private held: Incident[] | null = null;
  private tick = 0;

  constructor(model: WallModel) {
    super(model);
    this.uses(model.incidents, model.incidentState, model.time.live, model.time.arrived, model.selected);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.tick = setInterval(() => this.requestUpdate(), 20_000);
    this.until(() => clearInterval(this.tick));
  }

  /** A replay shows what was known then; a paused feed what stood when it was paused. */
  private shown(): Incident[] {
    const { time, incidents } = this.model;
    if (time.live.value) return this.held ?? incidents.value;
    const at = time.at.value;
    return incidents.value
      .filter((each) => Date.parse(each.first_at) <= at)
      .map((each) => Date.parse(each.acknowledged_at ?? "") <= at ? each
        : { ...each, acknowledged_by: null, acknowledged_at: null });
  }

  protected override render() {
    const { model } = this;
    const shown = this.shown();
    const open = shown.filter((each) => !each.acknowledged_by).length;
    const waiting = this.held ? model.incidents.value.length - this.held.length : 0;
    return html`
      <div class="panel-head"><h2>${t("feed.title")}</h2>
        <span class="count-pill ${open ? "on" : ""}">${number(open, 0)}</span>
        <button type="button" class="icon-button small" aria-pressed=${this.held !== null}
          aria-label=${t(this.held ? "feed.resume" : "feed.pause")} title=${t(this.held ? "feed.resume" : "feed.pause")}
          @click=${() => { this.held = this.held ? null : [...model.incidents.value]; this.requestUpdate(); }}>
          <ioc-icon name=${this.held ? "play" : "pause"}></ioc-icon></button>
        <button type="button" class="icon-button small" aria-label=${t("feed.fold")} title=${t("feed.fold")}
          @click=${() => (model.rightOpen.value = false)}><ioc-icon name="right"></ioc-icon></button></div>
      ${waiting > 0 ? html`<p class="feed-held">${t("feed.held", { n: waiting })}</p>` : nothing}
      ${this.body(shown)}`;
  }

  private body(shown: Incident[]) {
    const state = this.model.incidentState.value;
    if (state === "loading") return html`<div class="skeletons"><i></i><i></i><i></i></div>`;
    if (state === "failed") {
      return html`<div class="empty bad"><b>${t("feed.failed")}</b>
        <button type="button" class="button small" @click=${() => this.model.loadIncidents()}>${t("wall.retry")}</button></div>`;
    }
    if (!shown.length) {
      return html`<div class="empty calm"><ioc-icon name="check"></ioc-icon><b>${t("feed.empty")}</b>
        <p>${t("feed.empty.hint")}</p></div>`;
    }
    return html`<ol class="feed-list" aria-live="polite" aria-relevant="additions">
      ${repeat(shown, (each) => each.id, (each) => this.item(each))}</ol>`;
  }

  private item(each: Incident) {
    const now = this.model.time.live.value ? serverNow() : this.model.time.at.value;
    const title = say(each.title);
    const fresh = this.model.fresh.has(each.id);
    const layer = this.model.book.get(each.layer);
    const chosen = this.model.selected.value;
    const current = chosen?.slug === each.layer && chosen.id === each.feature_id;
    return html`<li class="incident ${each.severity} ${each.acknowledged_by ? "taken" : ""} ${fresh ? "fresh" : ""}"
        @animationend=${() => this.model.fresh.delete(each.id)}>
      <button type="button" class="incident-open" aria-current=${current ? "true" : nothing} @click=${() => this.open(each)}>
        ${severityMark(each.severity)}<span class="visually-hidden">${t(`severity.${each.severity}`)}: </span>
        <span class="incident-words"><b>${title}</b>
          ${say(each.body) && !each.acknowledged_by ? html`<span class="incident-body">${say(each.body)}</span>` : nothing}
          <small><time datetime=${each.last_at} title=${dateTime(each.last_at)}>${ago(each.last_at, now)}</time>${layer
            ? html` · ${say(layer.info.title)}` : nothing}${each.repeats > 1
            ? html` · ${t("feed.repeats", { n: number(each.repeats, 0) })}` : nothing}</small></span></button>
      <div class="incident-foot">${this.foot(each, title)}
        ${each.synthetic ? html`<em class="synthetic">${t("layers.synthetic")}</em>` : nothing}</div></li>`;
  }

  private foot(each: Incident, title: string) {
    if (each.acknowledged_by) {
      const words = t("feed.acked", { who: each.acknowledged_by, at: clock(each.acknowledged_at) });
      return html`<p class="taken-by" title=${dateTime(each.acknowledged_at)}><ioc-icon name="check"></ioc-icon>${words}</p>`;
    }
    if (!this.model.time.live.value) return nothing;
    return html`<button type="button" class="button small ack" ?disabled=${this.busy.has(each.id)}
      aria-label=${t("feed.ack.label", { title })} @click=${() => this.take(each)}>
      <ioc-icon name="check"></ioc-icon>${t("feed.ack")}</button>`;
  }

  private open(each: Incident): void {
    const own = this.model.book.views.find((view) => view.info.style.kind === "incident");
    const view = this.model.book.get(each.layer);
    if (view && each.feature_id) {
      this.model.book.show(view);
      this.model.select(view.slug, each.feature_id);
      if (this.model.hasFlood) void openAlarm(this.model.flood, each, view.info);
    } else if (own) this.model.select(own.slug, each.id);
    if (each.lon !== null && each.lat !== null) this.stage?.flyTo(each.lon, each.lat);
  }

  private async take(each: Incident): Promise<void> {
    this.busy.add(each.id);
    this.requestUpdate();
    const refusal = await this.model.acknowledge(each);
    this.busy.delete(each.id);
    if (!refusal) this.held = null;
    else if (refusal.status === 409 && refusal.details.acknowledged_by) {
      this.model.say(t("feed.acked.other", {
        who: String(refusal.details.acknowledged_by), at: clock(refusal.details.acknowledged_at),
      }));
    } else this.model.say(t("feed.ack.failed", { why: refusal.message }), "bad");
    this.requestUpdate();
  }
}

customElements.define("ioc-feed", Feed);
