import { svg, type SVGTemplateResult } from "lit";
import {
  ArrowLeft, BadgeCheck, Bell, BellOff, Building2, Camera, ChartColumn, Check, ChevronRight, CircleAlert,
  Clock, ClockAlert, CloudOff, Crosshair, FileText, Files, Frown, Images, List, LogIn, MapPin, Meh,
  MessageCircleQuestionMark, Moon, Pencil, Plus, RefreshCw, Search, Send, Share2, Siren,
  SlidersHorizontal, Smile, Sun, Trash2, User, Users, X,
} from "lucide";
import { iconPaths } from "../map/maki";

const LUCIDE = {
  back: ArrowLeft, bell: Bell, bellOff: BellOff, building: Building2, camera: Camera, chart: ChartColumn,
  clock: ClockAlert, done: BadgeCheck, files: Files, hours: Clock, filter: SlidersHorizontal, frown: Frown, meh: Meh,
  people: Users, question: MessageCircleQuestionMark, smile: Smile, check: Check, next: ChevronRight, alert: CircleAlert,
  offline: CloudOff, locate: Crosshair, text: FileText, images: Images, list: List, signin: LogIn,
  pin: MapPin, moon: Moon, edit: Pencil, plus: Plus, retry: RefreshCw, search: Search, send: Send,
  share: Share2, siren: Siren, sun: Sun, trash: Trash2, user: User, close: X,
};
export type Glyph = keyof typeof LUCIDE;

const STROKES: Record<string, (a: Record<string, string | number | undefined>) => SVGTemplateResult> = {
  path: (a) => svg`<path d=${a.d}></path>`,
  circle: (a) => svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r}></circle>`,
  line: (a) => svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2}></line>`,
  rect: (a) => svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0}></rect>`,
  polyline: (a) => svg`<polyline points=${a.points}></polyline>`,
  polygon: (a) => svg`<polygon points=${a.points}></polygon>`,
};

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${
      LUCIDE[name].map(([tag, attributes]) => STROKES[tag]?.(attributes) ?? null)
    }</svg>`;
}

/** A category's Maki icon. */
export function maki(name: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 15 15" fill="currentColor" aria-hidden="true">${
    iconPaths(name).map((d) => svg`<path d=${d}></path>`)
  }</svg>`;
}
