import { svg, type SVGTemplateResult } from "lit";
import {
  ArrowDown, ArrowLeft, ArrowRight, ArrowUp, CalendarDays, Check, ChevronLeft, ChevronRight,
  CircleAlert, Copy, GripVertical, Moon, PencilRuler, Plus, RefreshCw, Route, Search, Shapes,
  Sparkles, Sun, Timer, Trash2, TriangleAlert, Undo2, X, ZoomIn, ZoomOut,
} from "lucide";

export { maki } from "../citizen/icons";

const LUCIDE = {
  down: ArrowDown, back: ArrowLeft, to: ArrowRight, up: ArrowUp, calendar: CalendarDays,
  check: Check, left: ChevronLeft, right: ChevronRight, alert: CircleAlert, copy: Copy,
  grip: GripVertical, moon: Moon, draw: PencilRuler, plus: Plus, retry: RefreshCw, route: Route,
  search: Search, shapes: Shapes, sparkles: Sparkles, sun: Sun, timer: Timer, trash: Trash2,
  warning: TriangleAlert, undo: Undo2, x: X, "zoom-in": ZoomIn, "zoom-out": ZoomOut,
};
export type Glyph = keyof typeof LUCIDE;

type Attributes = Record<string, string | number | undefined>;
const STROKES: Record<string, (a: Attributes) => SVGTemplateResult> = {
  path: (a) => svg`<path d=${a.d}></path>`,
  circle: (a) => svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r}></circle>`,
  line: (a) => svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2}></line>`,
  rect: (a) => svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0}></rect>`,
};

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${
      LUCIDE[name].map(([tag, attributes]) => STROKES[tag]?.(attributes) ?? null)
    }</svg>`;
}
