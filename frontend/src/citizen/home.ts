import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import type { Choice } from "../common/contract";
import { say } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import type { Citizen } from "./app";
import type { Seen } from "./citymap";
import { glyph, maki } from "./icons";
import { lateMark } from "./looks";
import { outbox } from "./outbox";
import { tray } from "./tray";
import { tell } from "./words";

const CLOSED = new Set(["resolved", "rejected", "duplicate"]);

/** Under the map: what this page is for, what waits on this phone, and the ways on. */
export function homeSheet(app: Citizen): TemplateResult {
  const chosen = app.city?.selected.value ?? null;
  const kept = outbox.drafts.value.length;
  return html`<section class="sheet home">
    ${chosen ? card(app, chosen) : html`
      <div class="hero">
        <h1>${tell("hero")}</h1>
        <p class="quiet">${tell("heroText")}</p>
        <ol class="how">
          <li>${glyph("camera")}${tell("how1")}</li>
          <li>${glyph("pin")}${tell("how2")}</li>
          <li>${glyph("send")}${tell("how3")}</li>
        </ol>
      </div>`}
    ${chosen ? nothing : html`<ioc-city-now .zones=${app.city?.floods.zones.value ?? []}></ioc-city-now>`}
    ${app.note ? html`<p class="note" role="status">${app.note}</p>` : nothing}
    ${tray(outbox.drafts.value)}
    <div class="home-actions">
      <a class="button primary big wide" id="start" href="#/new/photo" @click=${() => app.begin()}
        >${glyph("plus")}${tell("report")}</a>
      <nav class="doors" aria-label=${tell("doors")}>
        <a class="door" href="#/list">${glyph("list")}<span>${tell("doorList")}</span></a>
        <a class="door" href="#/stats">${glyph("chart")}<span>${tell("doorStats")}</span></a>
        <a class="door" href="#/mine">${glyph("text")}<span>${tell("doorMine")}</span>${kept
          ? html`<span class="count">${kept}</span>` : nothing}</a>
      </nav>
    </div>
    <div class="in-view">
      <h2>${tell("latest")}</h2>
      ${list(app)}
    </div>
  </section>`;
}

function list(app: Citizen): TemplateResult {
  const seen = app.city?.inView.value ?? [];
  if (!app.city?.loaded.value) return html`<p class="quiet">${tell("mapLoading")}</p>`;
  if (!seen.length) return html`<p class="quiet empty">${tell("noneInView")}</p>`;
  return html`<ul class="rows">${seen.map((one) => html`<li>
    <button class="row" @click=${() => app.city?.show(one)}>
      ${badge(app, one)}
      <span class="row-words"><strong>${say(choiceOf(app, one, "category_id")?.title) || tell("title")}</strong>
        <span class="quiet">${say(choiceOf(app, one, "state")?.title)} · ${ago(one.t, serverNow())}</span></span>
      ${lateMark(Boolean(one.props.overdue))}
      ${glyph("next")}
    </button></li>`)}</ul>`;
}

function badge(app: Citizen, one: Seen): TemplateResult {
  const color = choiceOf(app, one, "category_id")?.color || "var(--kind-report)";
  return html`<span class="badge" style="--badge:${color}">${maki(String(one.props.icon ?? "marker"))}</span>`;
}

function choiceOf(app: Citizen, one: Seen, field: string): Choice | undefined {
  const value = String(one.props[field] ?? "");
  const choices = app.city?.reports?.fields.find((each) => each.name === field)?.choices ?? [];
  return choices.find((choice) => choice.value === value);
}

function card(app: Citizen, one: Seen): TemplateResult {
  const code = String(one.props.code ?? "");
  const category = choiceOf(app, one, "category_id");
  const known = outbox.about(code);
  const open = !CLOSED.has(String(one.props.state));
  const joins = open && category && !known;
  return html`<article class="card" aria-live="polite">
    ${badge(app, one)}
    <div class="card-words">
      <h1>${say(category?.title) || tell("title")}</h1>
      <p class="quiet"><span class="state" style="--badge:${app.city?.styler?.lookOf(one.props).color ?? ""}"
        >${say(choiceOf(app, one, "state")?.title)}</span> · <span title=${dateTime(one.t)}>${ago(one.t, serverNow())}</span>
        ${lateMark(Boolean(one.props.overdue))}</p>
      <p class="quiet small">${code} · ${tell("cardPublic")}${one.props.synthetic
        ? html` · <span class="mark">${tell("syntheticOne")}</span>` : nothing}</p>
      <div class="card-actions">
        ${joins ? html`<button class="button me-too-button" @click=${() =>
          void outbox.follow(code, { code: category.value, title: category.title })}>${glyph("people")}${tell("meToo")}</button>`
          : known?.follows ? html`<span class="note">${tell("nearbyFollowed")}</span>` : nothing}
        <a class="button" href="/r/${code}">${tell("open")}</a>
      </div>
    </div>
    <button class="icon-button" aria-label=${tell("close")}
      @click=${() => app.city?.select("")}>${glyph("close")}</button>
  </article>`;
}
