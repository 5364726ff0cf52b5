import { HttpError } from "../common/http";
import type { Catalogue } from "../common/contract";
import { Signal } from "../common/signal";
import { say } from "../i18n";
import * as api from "./api";
import type { Camera, CameraWhole, EventKind, Home, RuleKind } from "./contract";
import { tell } from "./words";

export const PAGES = ["cameras", "review", "counts", "precision", "plates", "audit"] as const;
export type Page = (typeof PAGES)[number];
export const PARTS = ["view", "calibration", "rules"] as const;
export type Part = (typeof PARTS)[number];
export interface Route { page: Page; id: string; part: Part; asked: URLSearchParams }
export interface Toast { text: string; tone: "good" | "bad"; undo?: () => Promise<void> }
const TOAST_MS = 10_000;
const ASK_AGAIN_MS = 10_000;

/** What a person may read of a failure. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return String(error);
  if (error.code === "unreachable") return tell("unreachable");
  const fields = error.details.fields as Record<string, string[] | string> | undefined;
  const first = fields && Object.values(fields)[0];
  return first ? `${error.message} ${Array.isArray(first) ? first[0] : first}` : error.message;
}

/** What the camera desk knows, where the reader is, and what is not saved yet. */
export class CamerasModel {
  readonly home = new Signal<Home | null>(null);
  readonly kinds = new Signal<RuleKind[]>([]);
  readonly cameras = new Signal<Camera[] | null>(null);
  readonly open = new Signal<CameraWhole | null>(null);
  readonly route = new Signal<Route>({ page: "cameras", id: "", part: "view", asked: new URLSearchParams() });
  readonly toast = new Signal<Toast | null>(null);
  readonly problem = new Signal("");
  readonly unsaved = new Signal(false);
  readonly waiting = new Signal<number | null>(null);
  catalogue!: Catalogue;
  private timer = 0;
  private asking = 0;

  may(what: keyof Home["me"]["may"]): boolean {
    return this.home.value?.me.may[what] ?? false;
  }

  async load(): Promise<void> {
    const [home, kinds] = await Promise.all([api.home(), api.kinds()]);
    this.home.value = home;
    this.kinds.value = kinds;
  }

  /** Cameras and their state, again and again while the page is looked at. */
  async keep(): Promise<void> {
    clearTimeout(this.asking);
    if (!document.hidden) await this.refresh();
    this.asking = window.setTimeout(() => void this.keep(), ASK_AGAIN_MS);
  }

  async refresh(): Promise<void> {
    try {
      this.cameras.value = (await api.cameras()).items;
      this.problem.value = "";
    } catch (error) {
      this.problem.value = reasonOf(error);
    }
  }

  follow(): void {
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [page = "", id = "", part = ""] = path.split("/");
    this.route.value = {
      page: PAGES.find((one) => one === page) ?? "cameras", id,
      part: PARTS.find((one) => one === part) ?? "view", asked: new URLSearchParams(query),
    };
  }

  go(path: string): void {
    location.hash = `#/${path}`;
  }

  /** Keeps what is asked in the address without a step in the history. */
  ask(values: Record<string, string>): void {
    const { page, id, part } = this.route.value;
    const path = id ? `${page}/${id}/${part}` : page;
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
    history.replaceState(null, "", query.size ? `#/${path}?${query}` : `#/${path}`);
    this.follow();
  }

  async openCamera(id: number): Promise<void> {
    if (this.open.value?.id !== id) this.open.value = null;
    this.open.value = await api.camera(id);
  }

  /** What the server answered to a write: the list shows it at once. */
  took(camera: CameraWhole): void {
    this.open.value = { ...this.open.value, ...camera };
    this.cameras.value = (this.cameras.value ?? []).map((one) => (one.id === camera.id ? { ...one, ...camera } : one));
    void this.refresh();
  }

  say(text: string, tone: Toast["tone"] = "good", undo?: () => Promise<void>): void {
    clearTimeout(this.timer);
    this.toast.value = { text, tone, undo };
    this.timer = window.setTimeout(() => (this.toast.value = null), TOAST_MS);
  }

  kind(code: string): EventKind | undefined {
    return this.home.value?.kinds.find((one) => one.code === code);
  }

  /** The name of a rule's kind or an event's. */
  kindName(code: string): string {
    return say(this.kind(code)?.title ?? this.kinds.value.find((one) => one.kind === code)?.title) || code;
  }

  color(code: string): string {
    return this.kind(code)?.color ?? "var(--kind-camera)";
  }
}
