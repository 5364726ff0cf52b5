import { svg, type TemplateResult } from "lit";

const WIDTH = 100;
const HEIGHT = 28;

/** A trend without axes: the last value has a dot, a gap stays a gap. */
export function sparkline(values: (number | null)[]): TemplateResult {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length < 2) return svg``;
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const x = (i: number): number => (i / (values.length - 1)) * (WIDTH - 4) + 2;
  const y = (value: number): number => HEIGHT - 4 - ((value - low) / span) * (HEIGHT - 8);
  let d = "";
  let pen = false;
  values.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) {
      pen = false;
      return;
    }
    d += `${pen ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = true;
  });
  const last = values.at(-1);
  return svg`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path class="spark-area" d="${d}L${x(values.length - 1).toFixed(1)} ${HEIGHT}L2 ${HEIGHT}z"/>
    <path class="spark-line" d=${d} vector-effect="non-scaling-stroke"/>
    ${typeof last === "number" ? svg`<path class="spark-dot" vector-effect="non-scaling-stroke" d="M${x(values.length - 1).toFixed(1)} ${y(last).toFixed(1)}h.01"/>` : ""}
  </svg>`;
}
