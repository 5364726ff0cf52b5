import { say } from "../i18n";
import { dateTime } from "../i18n/format";
import { palette } from "../map/palette";
import { legendOf } from "./legend";
import type { PlanModel } from "./model";
import type { PlanStage } from "./stage";
import { tell } from "./words";

const RATIO = 2;
const HEAD_PX = 58;
const FOOT_PX = 30;

/** The map as one PNG: what is on screen, with title, legend, scale and sources. */
export async function mapPicture(stage: PlanStage, model: PlanModel): Promise<Blob> {
  const host = stage.querySelector<HTMLElement>(".map")!;
  const box = host.getBoundingClientRect();
  const c = palette();
  const canvas = document.createElement("canvas");
  canvas.width = box.width * RATIO;
  canvas.height = (box.height + HEAD_PX + FOOT_PX) * RATIO;
  const ctx = canvas.getContext("2d")!;
  ctx.scale(RATIO, RATIO);
  ctx.fillStyle = getComputedStyle(host).backgroundColor;
  ctx.fillRect(0, 0, box.width, box.height + HEAD_PX + FOOT_PX);
  ctx.save();
  ctx.translate(0, HEAD_PX);
  ctx.beginPath();
  ctx.rect(0, 0, box.width, box.height);
  ctx.clip();
  for (const part of layered(host)) await drawn(ctx, part, box);
  ctx.restore();
  const font = (px: number, weight = 400) => `${weight} ${px}px ${c.fontFamily}`;
  ctx.fillStyle = c.panel;
  ctx.fillRect(0, 0, box.width, HEAD_PX);
  ctx.fillRect(0, box.height + HEAD_PX, box.width, FOOT_PX);
  ctx.fillStyle = c.text;
  ctx.font = font(17, 600);
  ctx.fillText(titleOf(model), 16, 25, box.width - 32);
  ctx.fillStyle = c.quiet;
  ctx.font = font(12.5);
  ctx.fillText(sentenceOf(model), 16, 45, box.width - 32);
  const credits = host.querySelector(".leaflet-control-attribution")?.textContent ?? "";
  ctx.font = font(11);
  ctx.fillText(`${dateTime(Date.now() / 1000)} · ${tell("sources")}: ${credits}`, 16, box.height + HEAD_PX + 19, box.width - 190);
  scaleBar(ctx, host, box.width - 16, box.height + HEAD_PX + 19, c.quiet);
  legend(ctx, model, HEAD_PX + 14, c, font);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("PNG"))), "image/png"));
}

/** Canvases and drawings of the map, the lowest first. */
function layered(host: HTMLElement): Element[] {
  const panes = [...host.querySelectorAll<HTMLElement>(".leaflet-pane")].filter((pane) => pane.querySelector(":scope > canvas, :scope > svg, :scope > .leaflet-layer"));
  panes.sort((a, b) => Number(getComputedStyle(a).zIndex) - Number(getComputedStyle(b).zIndex));
  return panes.flatMap((pane) => [...pane.querySelectorAll("canvas, svg")].filter((one) => one.closest(".leaflet-pane") === pane && one.checkVisibility()));
}

async function drawn(ctx: CanvasRenderingContext2D, part: Element, box: DOMRect): Promise<void> {
  const at = part.getBoundingClientRect();
  if (!at.width || !at.height) return;
  const pane = part.closest<HTMLElement>(".leaflet-pane");
  const layer = part.closest<HTMLElement>(".leaflet-layer");
  ctx.globalAlpha = Number(getComputedStyle(pane!).opacity) * (layer ? Number(getComputedStyle(layer).opacity) : 1);
  if (part instanceof HTMLCanvasElement) {
    if (part.width && part.height) ctx.drawImage(part, at.left - box.left, at.top - box.top, at.width, at.height);
  } else ctx.drawImage(await pictureOf(part as SVGSVGElement), at.left - box.left, at.top - box.top, at.width, at.height);
  ctx.globalAlpha = 1;
}

/** A drawing with its colours written into it, for style sheets do not travel. */
async function pictureOf(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const paths = copy.querySelectorAll("path");
  svg.querySelectorAll("path").forEach((path, n) => {
    const look = getComputedStyle(path);
    for (const name of ["stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "fill", "fill-opacity"]) paths[n]!.style.setProperty(name, look.getPropertyValue(name));
  });
  // Where it stands is said by who draws it.
  copy.removeAttribute("style");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  image.src = url;
  await image.decode().finally(() => URL.revokeObjectURL(url));
  return image;
}

export function titleOf(model: PlanModel): string {
  const { runs, mode } = model;
  if (mode.value === "analyse" && runs.run.value) return runs.analysis?.name || say(runs.chosenMethod?.title) || runs.run.value.method;
  return `${say(model.focus.title)} · ${model.areaName()}`;
}

export function sentenceOf(model: PlanModel): string {
  const { runs, mode, detail } = model;
  if (mode.value === "analyse" && runs.run.value?.figures.in_words) return say(runs.run.value.figures.in_words);
  return say(detail.value?.in_words) || say(model.focus.title);
}

function scaleBar(ctx: CanvasRenderingContext2D, host: HTMLElement, right: number, base: number, color: string): void {
  const line = host.querySelector<HTMLElement>(".leaflet-control-scale-line");
  if (!line) return;
  const { width } = line.getBoundingClientRect();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(right - width, base - 7);
  ctx.lineTo(right - width, base + 1);
  ctx.lineTo(right, base + 1);
  ctx.lineTo(right, base - 7);
  ctx.stroke();
  ctx.fillText(line.textContent ?? "", right - width + 5, base - 3);
}

function legend(ctx: CanvasRenderingContext2D, model: PlanModel, top: number, c: ReturnType<typeof palette>, font: (px: number, weight?: number) => string): void {
  const entries = legendOf(model);
  if (!entries.length) return;
  ctx.font = font(12);
  const wide = Math.max(...entries.map((one) => ctx.measureText(one.name).width)) + 44;
  ctx.fillStyle = c.panel;
  ctx.globalAlpha = 0.92;
  ctx.fillRect(14, top, wide, entries.length * 20 + 14);
  ctx.globalAlpha = 1;
  let y = top + 20;
  for (const { name, color } of entries) {
    ctx.fillStyle = color;
    ctx.fillRect(24, y - 10, 13, 13);
    ctx.fillStyle = c.text;
    ctx.fillText(name, 44, y);
    y += 20;
  }
}
