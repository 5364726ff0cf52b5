import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import { MAX_PHOTOS } from "./draft";
import type { ReportFlow } from "./flow";
import { glyph, maki } from "./icons";
import { photoUrl } from "./photourl";
import { tell } from "./words";

/** One question: what is asked, what answers it, and the way on within reach of a thumb. */
export function step(title: string, hint: string, body: unknown, foot: unknown): TemplateResult {
  return html`<div class="sheet-body">
      <h1 tabindex="-1">${title}</h1>
      ${hint ? html`<p class="quiet hint">${hint}</p>` : nothing}
      ${body}
    </div>
    <div class="sheet-foot">${foot}</div>`;
}

export function forward(words: string, click: () => void, disabled = false): TemplateResult {
  return html`<button class="button primary big wide" ?disabled=${disabled} @click=${click}
    >${words}</button>`;
}

export function photoStep(flow: ReportFlow): TemplateResult {
  const { photos } = flow.draft;
  const room = MAX_PHOTOS - photos.length;
  const pick = (event: Event) => {
    const input = event.target as HTMLInputElement;
    void flow.addPhotos(input.files).then(() => (input.value = ""));
  };
  const body = html`
    ${photos.length ? html`<ul class="photos" data-n=${photos.length}>${photos.map((photo, n) => html`<li>
      <img src=${photoUrl(photo)} alt=${tell("photoAlt", { n: n + 1 })}>
      <button class="round dark" aria-label=${tell("photoRemove", { n: n + 1 })}
        @click=${() => void flow.dropPhoto(n)}>${glyph("close")}</button></li>`)}</ul>` : nothing}
    ${room > 0 ? html`<div class="pickers ${photos.length ? "more" : ""}">
      <label class="picker primary">${glyph("camera")}<span>${tell("photoTake")}</span>
        <input id="photo-camera" type="file" accept="image/jpeg,image/png,image/webp"
          capture="environment" @change=${pick}></label>
      <label class="picker">${glyph("images")}<span>${tell("photoChoose")}</span>
        <input id="photo-file" type="file" accept="image/jpeg,image/png,image/webp" multiple
          @change=${pick}></label>
    </div>` : nothing}
    ${flow.working ? html`<p class="note" role="status">${tell("photoWorking")}</p>` : nothing}
    ${flow.note ? html`<p class="note warn" role="alert">${flow.note}</p>` : nothing}
    <p class="quiet small">${tell("photoPrivacy")}</p>`;
  const words = tell(photos.length ? "next" : "photoNone");
  return step(tell("photoTitle"), tell("photoHint"), body,
    photos.length
      ? forward(words, () => flow.next(), flow.working)
      : html`<button class="button big wide" ?disabled=${flow.working}
          @click=${() => flow.next()}>${words}</button>`);
}

export function pinStep(flow: ReportFlow): TemplateResult {
  const { lon, lat, accuracyM } = flow.draft;
  const { city } = flow;
  const outside = Boolean(city && lon !== null && lat !== null && !city.inCity(lon, lat));
  const ward = city && lon !== null && lat !== null ? city.wardAt(lon, lat) : "";
  const find = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void flow.pinning.find(String(new FormData(form).get("q") ?? ""));
  };
  const body = html`
    <form class="search" role="search" @submit=${find}>
      ${glyph("search")}
      <input name="q" type="search" enterkeyhint="search" autocomplete="off"
        placeholder=${tell("searchPlace")} aria-label=${tell("searchPlace")}>
    </form>
    ${flow.pinning.results ? html`<ul class="rows found">${flow.pinning.results.length
      ? flow.pinning.results.slice(0, 5).map((result) => html`<li><button class="row" type="button"
          @click=${() => flow.pinning.goTo(result)}>${glyph("pin")}<span class="row-words">
          <strong>${result.title}</strong><span class="quiet">${result.subtitle}</span></span></button></li>`)
      : html`<li class="quiet">${tell("searchNone", { q: "" })}</li>`}</ul>` : nothing}
    <button class="button big wide locate" ?disabled=${flow.working || !city}
      @click=${() => void flow.pinning.usePosition()}>${glyph("locate")}
      ${tell(flow.working ? "locating" : "locateUse")}</button>
    ${flow.note ? html`<p class="note warn" role="status">${flow.note}</p>` : nothing}
    ${navigator.onLine ? nothing : html`<p class="note" role="status">${tell("pinOffline")}</p>`}
    ${outside ? html`<p class="note warn" role="alert">${tell("pinOutside")}</p>` : nothing}
    <p class="quiet small where" aria-live="polite">
      ${ward ? html`<strong>${ward}</strong> · ` : nothing}
      ${lon !== null && lat !== null ? html`${number(lat, 5, true)}, ${number(lon, 5, true)}` : nothing}
      ${accuracyM !== null ? html` · ${tell("accuracy", { n: Math.round(accuracyM) })}` : nothing}
    </p>
    <p class="quiet small roomy">${tell("pinPublic")}</p>
    <p class="quiet small roomy">${tell("pinKeys")}</p>`;
  return step(tell("pinTitle"), tell("pinHint"), body,
    forward(tell("pinHere"), () => void flow.pinDone(), !city || outside));
}

export function chooseCategory(flow: ReportFlow): TemplateResult {
  const retry = () => flow.dispatchEvent(new CustomEvent("retry"));
  const body = flow.categories.length
    ? html`${flow.retired ? html`<p class="note warn" role="alert">${tell("categoryRetired",
        { name: say(flow.draft.categoryTitle) || flow.draft.category })}</p>` : nothing}<ul class="categories">${flow.categories.map((category) => html`<li>
        <button class="category" aria-pressed=${flow.draft.category === category.code}
          data-code=${category.code} @click=${() => void flow.choose(category)}>
          <span class="badge" style="--badge:${category.color}">${maki(category.icon)}</span>
          <span>${say(category.title)}</span></button></li>`)}</ul>`
    : html`<p class="note warn" role="status">${tell("categoryMissing")}</p>
        <button class="button big" @click=${retry}>${glyph("retry")}${tell("retry")}</button>`;
  return step(tell("categoryTitle"), "", body, flow.draft.category && !flow.retired
    ? forward(tell("next"), () => flow.next()) : nothing);
}
