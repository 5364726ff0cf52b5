import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import type { Exposure } from "./contract";
import { tell, type Said } from "./words";

/** As the server paints them (`environment/flood/water.py`). */
export const COLORS = ["#9ecae1", "#4292c6", "#2171b5", "#08306b"];
const DEPTHS_M = [0, 0.3, 1, 2];
const ASSETS = ["school", "clinic", "road", "building"] as const;
const MOST_WARDS = 40;

/** The classes of depth with their colours and words. */
export function bands(depths: number[] = DEPTHS_M): { color: string; words: string; hint: string }[] {
  const m = (value: number) => number(value, 1);
  return depths.map((from, n) => ({
    color: COLORS[n] ?? COLORS.at(-1)!,
    words: n + 1 < depths.length ? tell("depthOf", { a: m(from), b: m(depths[n + 1]!) }) : tell("depthFrom", { a: m(from) }),
    hint: tell(`depthHint${Math.min(n, 3)}` as Said),
  }));
}

function sure(confidence: number): string {
  return `${tell(confidence >= 0.5 ? "confHigh" : confidence >= 0.2 ? "confMid" : "confLow")} (${number(confidence * 100, 0)} %)`;
}

/** A figure, and beside it the other stage's where two are compared. */
function pair(value: string, other: string | null): TemplateResult | string {
  return other === null ? value : html`${value} <span class="to" aria-hidden="true">→</span> ${other}`;
}

type Figures = Pick<Exposure, "area_km2" | "deepest_m" | "confidence"> & { people?: number | null };

/** The figures of a zone, or of two; people not yet counted are left open. */
export function figures(one: Figures, other: Exposure | null): TemplateResult {
  const row = (name: Said, of: (each: Figures) => string, unit = "") => html`<div><dt>${tell(name)}</dt>
    <dd>${pair(of(one), other && of(other))}${unit ? html` <small>${unit}</small>` : nothing}</dd></div>`;
  return html`<dl class="flood-figures">
    ${row("area", (each) => number(each.area_km2, each.area_km2 < 10 ? 2 : 1), "km²")}
    ${row("deepest", (each) => number(each.deepest_m, 1, true), "m")}
    ${one.people !== null ? row("people", (each) => (each.people === undefined ? "…" : number(each.people, 0))) : nothing}
    ${row("confidence", (each) => (other ? `${number(each.confidence * 100, 0)} %` : sure(each.confidence)))}</dl>`;
}

/** Parts of a whole as one thin bar; the table's figures say the same. */
function bar(parts: number[], most: number): TemplateResult {
  return html`<span class="depth-bar" aria-hidden="true">${parts.map((part, n) => html`<i style="width:${(part / most) * 100}%;--c:${COLORS[n]!}"></i>`)}</span>`;
}

export function wardTable(one: Exposure, other: Exposure | null): TemplateResult {
  const rows = merged(one, other);
  if (!rows.length) return html``;
  const people = one.people !== null;
  const most = Math.max(...rows.map(({ a, b }) => Math.max(a?.area_km2 ?? 0, b?.area_km2 ?? 0)), 0.001);
  const km2 = (value: number | undefined) => number(value ?? 0, (value ?? 0) < 10 ? 2 : 1, true);
  return html`<table class="flood-table"><caption>${tell("wards")} <small>${number(rows.length, 0)}</small></caption>
    <thead><tr><th scope="col">${tell("ward")}</th><th scope="col" class="num">km²</th>
      <th scope="col" class="num">${other ? "Δ km²" : tell("share")}</th>${people ? html`<th scope="col" class="num">${tell("people")}</th>` : nothing}</tr></thead>
    <tbody>${rows.slice(0, MOST_WARDS).map(({ a, b, any }) => html`<tr><th scope="row">${say(any.name)}${bar((b ?? any).by_depth_km2, most)}</th>
      <td class="num">${pair(km2(a?.area_km2), other && km2(b?.area_km2))}</td>
      <td class="num">${other ? signed((b?.area_km2 ?? 0) - (a?.area_km2 ?? 0)) : any.share === null ? "–" : `${number(any.share * 100, 0)} %`}</td>
      ${people ? html`<td class="num">${pair(number(a?.people ?? 0, 0), other && number(b?.people ?? 0, 0))}</td>` : nothing}</tr>`)}</tbody></table>
    ${people ? nothing : html`<p class="quiet flood-note">${tell("noPeople")}</p>`}`;
}

function merged(one: Exposure, other: Exposure | null) {
  const codes = [...new Set([...(other?.wards ?? []), ...one.wards].map((ward) => ward.code))];
  return codes.map((code) => {
    const a = one.wards.find((ward) => ward.code === code);
    const b = other?.wards.find((ward) => ward.code === code);
    return { a, b, any: (a ?? b)! };
  });
}

function signed(value: number): string {
  const least = 0.005;  // what is written as 0.00 has no sign
  return `${value >= least ? "+" : value <= -least ? "−" : ""}${number(Math.abs(value), 2, true)}`;
}

interface Thing { name: string; count: number; other: number | null; parts: number[]; note: string; names: string[]; ids: string[]; slug: string }

function listed(one: Exposure, other: Exposure | null): Thing[] {
  const assets = ASSETS.map((kind): Thing => {
    const found = (other ?? one).assets[kind];
    return {
      name: tell(kind), count: one.assets[kind].count, other: other && other.assets[kind].count, parts: found.by_depth,
      note: found.km !== undefined ? tell("roadKm", { km: number(found.km, 1) }) : "",
      names: found.names.map((name) => say(name)), ids: [], slug: "",
    };
  }).filter((each) => each.count || each.other);
  const layers = Object.entries((other ?? one).features).map(([slug, found]): Thing => ({
    name: say(found.title), count: one.features[slug]?.count ?? 0, other: other && found.count, parts: found.by_depth,
    note: "", names: found.names, ids: found.ids, slug,
  }));
  return [...assets, ...layers];
}

/** What stands in the water besides wards; a feature of a layer leads to it on the map. */
export function things(one: Exposure, other: Exposure | null, pick: (slug: string, id: string) => void): TemplateResult {
  const rows = listed(one, other);
  const noAssets = ASSETS.every((kind) => !(other ?? one).assets[kind].count);
  return html`<h3>${tell("things")}</h3><ul class="flood-things">${rows.map((each) => html`<li><details ?disabled=${!each.names.length}>
      <summary><span>${each.name}${each.note ? html` <small>${each.note}</small>` : nothing}</span>${bar(each.parts, Math.max(1, each.parts.reduce((a, b) => a + b, 0)))}
        <b>${pair(number(each.count, 0), each.other === null ? null : number(each.other, 0))}</b></summary>
      ${each.names.length ? html`<ul>${each.names.map((name, n) => html`<li>${each.slug
        ? html`<button type="button" @click=${() => pick(each.slug, each.ids[n]!)}>${name}</button>` : name}</li>`)}
        ${each.count > each.names.length ? html`<li class="quiet">…</li>` : nothing}</ul>` : nothing}</details></li>`)}</ul>
    ${noAssets ? html`<p class="quiet flood-note">${tell("noAssets")}</p>` : nothing}`;
}

/** What a station without a surveyed height calls its zero. */
const OWN_DATUM = "local";

/** What a height is counted from, as the end of a sentence. */
export function datumOf(datum: string | null): string {
  return datum && datum !== OWN_DATUM ? tell("seaOf", { datum }) : tell("seaOwn");
}
