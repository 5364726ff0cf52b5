import { svg, type SVGTemplateResult } from "lit";
import {
  ArrowLeft, ArrowRightLeft, Bell, BookmarkPlus, Bookmark, CalendarClock, Camera, Check, CheckCheck,
  ChevronLeft, ChevronRight, CircleAlert, CircleCheck, CircleHelp, CirclePause, CircleX, Clock,
  Combine, Copy, Ellipsis, Eye, EyeOff, FileDown, Filter, Flag, Hand, Inbox, Languages, Layers,
  ListChecks, LocateFixed, LogOut, Map as MapIcon, MapPin, MessageCircleQuestion, Minus, Moon, Plus, Printer, RefreshCw,
  RotateCcw, Route, Search, Send, Settings, ShieldAlert, Siren, Sparkles, Split, SquareDashed,
  StickyNote, Sun, Tag, TriangleAlert, Undo2, Unlink, User, UserCheck, UserMinus, Users, WifiOff, X,
} from "lucide";
import { iconPaths } from "../map/maki";
import { stroked } from "../common/glyph";

const LUCIDE = {
  back: ArrowLeft, bell: Bell, bookmark: Bookmark, "bookmark-plus": BookmarkPlus, camera: Camera, check: Check,
  left: ChevronLeft, right: ChevronRight, help: CircleHelp, clock: Clock, copy: Copy,
  more: Ellipsis, eye: Eye, pdf: FileDown, filter: Filter, inbox: Inbox, languages: Languages,
  locate: LocateFixed, logout: LogOut, map: MapIcon, pin: MapPin, minus: Minus, moon: Moon,
  plus: Plus, print: Printer, refresh: RefreshCw, search: Search, send: Send, settings: Settings,
  siren: Siren, sparkles: Sparkles, blur: SquareDashed, sun: Sun, tag: Tag, undo: Undo2, user: User,
  users: Users, offline: WifiOff, x: X, layers: Layers, shield: ShieldAlert, flag: Flag,
  alert: CircleAlert, triage: Tag, assign: ArrowRightLeft, accept: Check, hand_over: ArrowRightLeft,
  send_back: Undo2, ask_reporter: MessageCircleQuestion, wait_third_party: CirclePause,
  resume: RotateCcw, plan: CalendarClock, resolve: CircleCheck, reject: CircleX, reopen: RotateCcw,
  join: Combine, unjoin: Unlink, split: Split, note: StickyNote, change: Tag, take: UserCheck,
  release: UserMinus, hide: EyeOff, publish: CheckCheck, redact: EyeOff, route: Route,
  hand: Hand, "list-check": ListChecks, warning: TriangleAlert, pause: CirclePause,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph | string): SVGTemplateResult {
  const node = LUCIDE[name as Glyph] ?? LUCIDE.right;
  return stroked(node, 1.9);
}

/** A category's Maki icon. */
export function maki(name: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 15 15" fill="currentColor" aria-hidden="true">${
    iconPaths(name).map((d) => svg`<path d=${d}></path>`)
  }</svg>`;
}
