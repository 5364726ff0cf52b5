import type { SVGTemplateResult } from "lit";
import {
  BookOpen, CalendarClock, ChartNoAxesColumn, Check, ChevronDown, ChevronLeft, ChevronRight, Circle, CircleHelp, Clock, Crosshair, Download, Eye, FileText,
  Funnel, Hexagon, History, Image, Link2, List, LocateFixed, LogOut, Map as MapIcon, Maximize, Minus, Moon, MousePointerClick, Pencil, Play, Plus, Printer,
  Redo2, RefreshCw, Ruler, Save, Search, Share2, Shield, Square, Sun, SquareSplitHorizontal, Table, Trash2, TriangleAlert, Undo2, Upload, WifiOff, X,
} from "lucide";
import { stroked } from "../common/glyph";

const LUCIDE = {
  book: BookOpen, calendar: CalendarClock, chart: ChartNoAxesColumn, check: Check, down: ChevronDown, left: ChevronLeft, right: ChevronRight,
  circle: Circle, help: CircleHelp, clock: Clock, fit: Crosshair, download: Download, eye: Eye, file: FileText, filter: Funnel,
  ward: Hexagon, history: History, image: Image, link: Link2, list: List, locate: LocateFixed, logout: LogOut, map: MapIcon, full: Maximize, minus: Minus,
  moon: Moon, feature: MousePointerClick, polygon: Pencil, play: Play, plus: Plus, print: Printer, refresh: RefreshCw,
  ruler: Ruler, save: Save, search: Search, share: Share2, shield: Shield, stop: Square, sun: Sun, swipe: SquareSplitHorizontal, table: Table, trash: Trash2,
  warning: TriangleAlert, undo: Undo2, redo: Redo2, upload: Upload, offline: WifiOff, x: X,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return stroked(LUCIDE[name], 1.9);
}
