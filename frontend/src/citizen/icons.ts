import { svg, type SVGTemplateResult } from "lit";
import {
  ArrowLeft, BadgeCheck, Bell, BellOff, Building2, Camera, ChartColumn, Check, ChevronRight, CircleAlert,
  Clock, ClockAlert, CloudOff, Crosshair, FileText, Files, Frown, Images, List, LogIn, MapPin, Meh,
  MessageCircleQuestionMark, Moon, Pencil, Plus, RefreshCw, Search, Send, Share2, Siren,
  SlidersHorizontal, Smile, Sun, Trash2, User, Users, X,
} from "lucide";
import { iconPaths } from "../map/maki";
import { stroked } from "../common/glyph";

const LUCIDE = {
  back: ArrowLeft, bell: Bell, bellOff: BellOff, building: Building2, camera: Camera, chart: ChartColumn,
  clock: ClockAlert, done: BadgeCheck, files: Files, hours: Clock, filter: SlidersHorizontal, frown: Frown, meh: Meh,
  people: Users, question: MessageCircleQuestionMark, smile: Smile, check: Check, next: ChevronRight, alert: CircleAlert,
  offline: CloudOff, locate: Crosshair, text: FileText, images: Images, list: List, signin: LogIn,
  pin: MapPin, moon: Moon, edit: Pencil, plus: Plus, retry: RefreshCw, search: Search, send: Send,
  share: Share2, siren: Siren, sun: Sun, trash: Trash2, user: User, close: X,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return stroked(LUCIDE[name], 2);
}

/** A category's Maki icon. */
export function maki(name: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 15 15" fill="currentColor" aria-hidden="true">${
    iconPaths(name).map((d) => svg`<path d=${d}></path>`)
  }</svg>`;
}
