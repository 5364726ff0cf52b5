import {
  Bell, Bookmark, Camera, Check, ChevronDown, ChevronLeft, ChevronRight, CircleHelp, Clock, Copy,
  createElement, Crosshair, Download, Eye, EyeOff, Filter, GripVertical, Home, Languages, Layers,
  List, LocateFixed, LogOut, MapPin, Maximize, Menu, Minimize, Minus, Moon, MonitorPlay, Pause,
  Play, Plus, Radio, RefreshCw, Route, Ruler, Search, SkipBack, SkipForward, Sun, Target, Trash2,
  TriangleAlert, User, WifiOff, X, Waves, Printer, Columns2, type IconNode,
} from "lucide";

const ICONS: Record<string, IconNode> = {
  bell: Bell, bookmark: Bookmark, camera: Camera, check: Check, down: ChevronDown,
  left: ChevronLeft, right: ChevronRight, help: CircleHelp, clock: Clock, copy: Copy,
  crosshair: Crosshair, download: Download, eye: Eye, "eye-off": EyeOff, filter: Filter,
  grip: GripVertical, home: Home, languages: Languages, layers: Layers, list: List,
  locate: LocateFixed, logout: LogOut, pin: MapPin, maximize: Maximize, menu: Menu,
  minimize: Minimize, minus: Minus, moon: Moon, screen: MonitorPlay, pause: Pause, play: Play,
  plus: Plus, radio: Radio, route: Route, refresh: RefreshCw, ruler: Ruler, search: Search, back: SkipBack,
  forward: SkipForward, sun: Sun, target: Target, trash: Trash2, warning: TriangleAlert,
  user: User, offline: WifiOff, x: X, waves: Waves, printer: Printer, columns: Columns2,
};

/** `<ioc-icon name="search">`: a Lucide icon, decoration only; its button carries the name. */
class IocIcon extends HTMLElement {
  static readonly observedAttributes = ["name"];

  connectedCallback(): void {
    this.ariaHidden = "true";
    this.draw();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.draw();
  }

  private draw(): void {
    const node = ICONS[this.getAttribute("name") ?? ""];
    this.replaceChildren();
    if (node) this.append(createElement(node, { class: "icon", "stroke-width": 1.9 }));
  }
}

customElements.define("ioc-icon", IocIcon);
