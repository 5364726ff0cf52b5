import type { SVGTemplateResult } from "lit";
import {
  Anchor, ArrowLeft, Check, ChevronDown, ChevronLeft, ChevronRight, CircleHelp, Clock, Copy, Crosshair, Eye,
  FileText, Flame, Hand, List, LogOut, Map as MapIcon, Maximize, Minus, Moon, Pause, Phone, Play, Plus, Printer,
  Radio, RadioTower, RefreshCw, Route, Ruler, Search, Send, Shield, Ship, SquareDashedMousePointer, Star, Sun,
  Waves,
  TriangleAlert, Users, WifiOff, X,
} from "lucide";
import { stroked } from "../common/glyph";

const LUCIDE = {
  anchor: Anchor, back: ArrowLeft, check: Check, down: ChevronDown, left: ChevronLeft, right: ChevronRight,
  help: CircleHelp, clock: Clock, copy: Copy, locate: Crosshair, eye: Eye, file: FileText, night: Flame,
  hand: Hand, list: List, logout: LogOut, map: MapIcon, full: Maximize, minus: Minus, moon: Moon, pause: Pause,
  phone: Phone, play: Play, plus: Plus, print: Printer, radio: Radio, tower: RadioTower, refresh: RefreshCw,
  route: Route, ruler: Ruler, search: Search, send: Send, shield: Shield, ship: Ship,
  area: SquareDashedMousePointer, star: Star, effort: Waves, sun: Sun, warning: TriangleAlert, users: Users, offline: WifiOff, x: X,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return stroked(LUCIDE[name], 1.9);
}
