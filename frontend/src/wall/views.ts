import { html, nothing } from "lit";
import { recall, remember } from "../common/prefs";
import { t } from "../i18n";
import { menu } from "./menu";
import type { WallModel } from "./model";
import type { Stage } from "./stage";

interface SavedView {
  name: string;
  lat: number;
  lon: number;
  zoom: number;
}

const ROTATE_MS = 20_000;
let rotation = 0;
let turn = 0;

function saved(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(recall("views") ?? "[]");
    return Array.isArray(kept) ? (kept as SavedView[]) : [];
  } catch {
    return [];
  }
}

function show(stage: Stage | null, view: SavedView): void {
  stage?.map.flyTo([view.lat, view.lon], view.zoom, { duration: 1.2 });
}

function rotate(stage: Stage | null): void {
  if (rotation) {
    clearInterval(rotation);
    rotation = 0;
    return;
  }
  rotation = setInterval(() => {
    const views = saved();
    if (views.length) show(stage, views[turn++ % views.length]!);
  }, ROTATE_MS);
}

/** Views worth coming back to, kept in this browser; a wall may go round them. */
export function viewsMenu(model: WallModel, stage: Stage | null, redraw: () => void) {
  const views = saved();
  const keep = (next: SavedView[]): void => {
    remember("views", JSON.stringify(next));
    redraw();
  };
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = String(new FormData(form).get("name") ?? "").trim();
    if (!name || !stage) return;
    const { lat, lng } = stage.map.getCenter();
    keep([...views, { name, lat, lon: lng, zoom: stage.map.getZoom() }]);
    form.reset();
  };
  return menu({
    id: "menu-views",
    label: t("top.views"),
    face: html`<ioc-icon name="bookmark"></ioc-icon>`,
    body: html`<p class="menu-head"><b>${t("top.views")}</b></p>
      ${views.length ? nothing : html`<p class="menu-note">${t("views.empty")}</p>`}
      ${views.map((view, i) => html`<div class="menu-pair">
        <button type="button" data-close @click=${() => show(stage, view)}><ioc-icon name="target"></ioc-icon>${view.name}</button>
        <button type="button" class="icon-button" aria-label=${t("views.remove", { name: view.name })}
          @click=${() => keep(views.filter((_, n) => n !== i))}><ioc-icon name="trash"></ioc-icon></button></div>`)}
      <form class="menu-form" @submit=${add}>
        <input name="name" maxlength="40" required placeholder=${t("views.name")} aria-label=${t("views.name")}>
        <button class="button small" type="submit">${t("views.save")}</button></form>
      ${views.length > 1 ? html`<button type="button" @click=${() => { rotate(stage); redraw(); }}>
        <ioc-icon name="refresh"></ioc-icon>${t(rotation ? "views.rotate.stop" : "views.rotate")}</button>` : nothing}
      <button type="button" data-close @click=${() => copyLink(model)}><ioc-icon name="copy"></ioc-icon>${t("top.copylink")}</button>`,
  });
}

async function copyLink(model: WallModel): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    model.say(t("top.copied"), "good");
  } catch {
    // No clipboard without a secure origin: the address bar has the same link.
    model.say(location.href);
  }
}
