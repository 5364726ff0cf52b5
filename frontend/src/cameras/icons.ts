import type { SVGTemplateResult } from "lit";
import {
  ArrowLeft, Ban, Cctv, ChartLine, Check, ChevronLeft, ChevronRight, CircleAlert, CircleHelp, Crosshair,
  Download, Eye, ExternalLink, Film, FlaskConical, Gauge, ListChecks, Map as MapIcon, Moon, MoveRight,
  PencilRuler, Play, Plus, RefreshCw, Route, ScanSearch, Search, ShieldCheck, Square, Sun, Tag, Target,
  Trash2, TriangleAlert, Undo2, X, ZoomIn, ZoomOut, Upload, Maximize, Radar, ScrollText, HeartPulse, GraduationCap,
} from "lucide";
import { stroked } from "../common/glyph";

const LUCIDE = {
  back: ArrowLeft, ban: Ban, camera: Cctv, chart: ChartLine, check: Check, left: ChevronLeft,
  right: ChevronRight, alert: CircleAlert, help: CircleHelp, crosshair: Crosshair, download: Download,
  eye: Eye, link: ExternalLink, film: Film, trial: FlaskConical, gauge: Gauge, review: ListChecks,
  map: MapIcon, moon: Moon, arrow: MoveRight, draw: PencilRuler, play: Play, plus: Plus, retry: RefreshCw,
  rules: Route, plate: ScanSearch, search: Search, shield: ShieldCheck, stop: Square, sun: Sun, tag: Tag,
  target: Target, trash: Trash2, warning: TriangleAlert, undo: Undo2, x: X, "zoom-in": ZoomIn,
  "zoom-out": ZoomOut, upload: Upload, fit: Maximize, radar: Radar, audit: ScrollText, health: HeartPulse,
  learn: GraduationCap,
};
export type Glyph = keyof typeof LUCIDE;

/** A Lucide icon as part of a template; it says nothing to a screen reader. */
export function glyph(name: Glyph): SVGTemplateResult {
  return stroked(LUCIDE[name], 2);
}
