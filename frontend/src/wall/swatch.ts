import { html, svg, type TemplateResult } from "lit";
import type { LayerInfo, Severity } from "../common/contract";
import { alarming } from "../map/symbols";
import type { Styler } from "../map/styler";

const SHAPES: Record<string, TemplateResult> = {
  circle: svg`<circle cx="8" cy="8" r="5.4"/>`,
  triangle: svg`<path d="M8 2.2 14 13H2z" stroke-linejoin="round"/>`,
  diamond: svg`<path d="M8 1.6 14.4 8 8 14.4 1.6 8z" stroke-linejoin="round"/>`,
  hexagon: svg`<path d="M8 1.6 13.6 4.8v6.4L8 14.4 2.4 11.2V4.8z" stroke-linejoin="round"/>`,
  square: svg`<rect x="2.8" y="2.8" width="10.4" height="10.4" rx="2.4"/>`,
  cross: svg`<path d="M6 2h4v4h4v4h-4v4H6v-4H2V6h4z" stroke-linejoin="round"/>`,
  vessel: svg`<path d="M8 1.2C11 4.6 12 8.6 11.8 14L8 12.2 4.2 14C4 8.6 5 4.6 8 1.2z"/>`,
  camera: svg`<path d="M8 8 14.6 3.4a8 8 0 0 1 0 9.2z" opacity=".45" stroke="none"/><circle cx="6.6" cy="8" r="4.2"/>`,
  sensor: svg`<rect x="2" y="3.4" width="12" height="9.2" rx="3"/>`,
  report: svg`<path d="M8 15C5.4 11.6 3 9 3 6a5 5 0 0 1 10 0c0 3-2.400 5.600-5 9z"/>`,
  billboard: svg`<path d="M2 3h12v7.500H8.900V14.500H7.100V10.500H2z" stroke-linejoin="round"/>`,
  event: svg`<circle cx="8" cy="8" r="2.800"/><path d="M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3" fill="none" stroke-width="1.800"/>`,
  district: svg`<path d="M2.500 4.500 8 2l5.500 3-1 8L6 14l-3.500-4z" fill="none" stroke-width="1.600"/>`,
  line: svg`<path d="M2 12C6 4 9 13 14 4" fill="none" stroke-width="2"/>`,
  fill: svg`<path d="M2.500 4.500 8 2l5.500 3-1 8L6 14l-3.500-4z" fill-opacity=".4" stroke-width="1.400"/>`,
};

const KIND_SHAPES: Record<string, string> = {
  vessel: "vessel", camera: "camera", sensor: "sensor", report: "report", billboard: "billboard",
  event: "event", district: "district", line: "line", fill: "fill",
};

function mark(shape: string, color: string, dashed: boolean): TemplateResult {
  return html`<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true" style="--c:${color}"
    ?data-dashed=${dashed}>${SHAPES[shape] ?? SHAPES.circle}</svg>`;
}

/** The small picture of a layer, or of one value of it, as it stands on the map. */
export function swatch(info: LayerInfo, styler: Styler, value?: string): TemplateResult {
  const { color, shape } = styler.look(value);
  const kind = info.style.kind;
  const name = kind === "sensor" && alarming(shape) && value !== undefined ? shape : kind === "incident" ? (value === undefined ? "diamond" : shape) : KIND_SHAPES[kind] ?? shape;
  const dashed = info.fields.some((field) =>
    field.name === info.style.by &&
    field.choices.some((choice) => choice.value === value && (choice.shape === "dashed" || choice.shape === "ring")));
  return mark(name, value === undefined ? info.style.color : color, dashed);
}

const SEVERITY_SHAPES: Record<Severity, string> = {
  minor: "circle", moderate: "triangle", severe: "diamond", extreme: "hexagon",
};

export function severityMark(severity: Severity): TemplateResult {
  return mark(SEVERITY_SHAPES[severity] ?? "circle", `var(--severity-${severity})`, false);
}
