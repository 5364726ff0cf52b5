import { svg, type SVGTemplateResult } from "lit";

type Attributes = Record<string, string | number | undefined>;
type Strokes = readonly (readonly [tag: string, attributes: Attributes])[];

const STROKES: Record<string, (a: Attributes) => SVGTemplateResult> = {
  path: (a) => svg`<path d=${a.d}></path>`,
  circle: (a) => svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r}></circle>`,
  line: (a) => svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2}></line>`,
  rect: (a) => svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0}></rect>`,
  polyline: (a) => svg`<polyline points=${a.points}></polyline>`,
  polygon: (a) => svg`<polygon points=${a.points}></polygon>`,
};

/** A Lucide icon's strokes as part of a template; it says nothing to a screen reader. */
export function stroked(strokes: Strokes, width: number): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width=${width}
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${
      strokes.map(([tag, attributes]) => STROKES[tag]?.(attributes) ?? null)
    }</svg>`;
}
