import type { SVGTemplateResult } from "lit";
import {
  ArrowDown, ArrowLeft, ArrowRight, ArrowUp, CalendarDays, Check, ChevronLeft, ChevronRight,
  CircleAlert, Copy, GripVertical, Moon, PencilRuler, Plus, RefreshCw, Route, Search, Shapes,
  Sparkles, Sun, Timer, Trash2, TriangleAlert, Undo2, X, ZoomIn, ZoomOut,
} from "lucide";
import { stroked } from "../common/glyph";

export { maki } from "../citizen/icons";

const LUCIDE = {
  down: ArrowDown, back: ArrowLeft, to: ArrowRight, up: ArrowUp, calendar: CalendarDays,
  check: Check, left: ChevronLeft, right: ChevronRight, alert: CircleAlert, copy: Copy,
  grip: GripVertical, moon: Moon, draw: PencilRuler, plus: Plus, retry: RefreshCw, route: Route,
  search: Search, shapes: Shapes, sparkles: Sparkles, sun: Sun, timer: Timer, trash: Trash2,
  warning: TriangleAlert, undo: Undo2, x: X, "zoom-in": ZoomIn, "zoom-out": ZoomOut,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return stroked(LUCIDE[name], 2);
}
