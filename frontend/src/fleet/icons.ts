import { svg, type SVGTemplateResult } from "lit";
import {
  Anchor, ArrowLeft, Check, ChevronDown, ChevronLeft, ChevronRight, CircleHelp, Clock, Copy, Crosshair, Eye,
  FileText, Flame, Hand, List, LogOut, Map as MapIcon, Maximize, Minus, Moon, Pause, Phone, Play, Plus, Printer,
  Radio, RadioTower, RefreshCw, Route, Ruler, Search, Send, Shield, Ship, SquareDashedMousePointer, Sun,
  TriangleAlert, Users, WifiOff, X,
} from "lucide";

const LUCIDE = {
  anchor: Anchor, back: ArrowLeft, check: Check, down: ChevronDown, left: ChevronLeft, right: ChevronRight,
  help: CircleHelp, clock: Clock, copy: Copy, locate: Crosshair, eye: Eye, file: FileText, night: Flame,
  hand: Hand, list: List, logout: LogOut, map: MapIcon, full: Maximize, minus: Minus, moon: Moon, pause: Pause,
  phone: Phone, play: Play, plus: Plus, print: Printer, radio: Radio, tower: RadioTower, refresh: RefreshCw,
  route: Route, ruler: Ruler, search: Search, send: Send, shield: Shield, ship: Ship,
  area: SquareDashedMousePointer, sun: Sun, warning: TriangleAlert, users: Users, offline: WifiOff, x: X,
};
export type Glyph = keyof typeof LUCIDE;

type Attributes = Record<string, string | number | undefined>;
const STROKES: Record<string, (a: Attributes) => SVGTemplateResult> = {
  path: (a) => svg`<path d=${a.d}></path>`,
  circle: (a) => svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r}></circle>`,
  line: (a) => svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2}></line>`,
  rect: (a) => svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0}></rect>`,
  polyline: (a) => svg`<polyline points=${a.points}></polyline>`,
  polygon: (a) => svg`<polygon points=${a.points}></polygon>`,
};

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${
      LUCIDE[name].map(([tag, attributes]) => STROKES[tag]?.(attributes) ?? null)
    }</svg>`;
}
