import { getJson, HttpError, send } from "../common/http";
import { Signal } from "../common/signal";
import { say } from "../i18n";
import type { Rule, Setup } from "./contract";
import { tell } from "./words";

export const ROOT = "/api/v1/reports/setup";
export const TABS = ["rules", "categories", "plans", "calendars"] as const;
export type Tab = (typeof TABS)[number];
export const NEW = "new";
const TOAST_MS = 10_000;

export interface Toast {
  text: string;
  tone: "good" | "bad";
  undo?: () => Promise<void>;
}

/** What a person may read of a failure. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return String(error);
  return error.code === "unreachable" ? tell("unreachable") : error.message;
}

/** All that is set up, what is open, and drafts that are not saved yet. */
export class SetupModel {
  readonly data = new Signal<Setup | null>(null);
  readonly toast = new Signal<Toast | null>(null);
  readonly route = new Signal<{ tab: Tab; key: string }>({ tab: "rules", key: "" });
  /** Unsaved forms by `tab/key`; they outlive a look at another tab. */
  readonly drafts = new Map<string, object>();
  readonly drafted = new Signal(0);
  private timer = 0;

  async load(): Promise<void> {
    this.data.value = await getJson<Setup>(ROOT);
  }

  follow(): void {
    const [tab = "", key = ""] = location.hash.replace(/^#\/?/, "").split("/");
    const known = TABS.find((one) => one === tab) ?? "rules";
    this.route.value = { tab: known, key: decodeURIComponent(key) };
  }

  open(tab: Tab, key = ""): void {
    location.hash = key ? `#/${tab}/${encodeURIComponent(key)}` : `#/${tab}`;
  }

  keepDraft(key: string, draft: object | null): void {
    if (draft) this.drafts.set(key, draft);
    else this.drafts.delete(key);
    this.drafted.value = this.drafts.size;
    this.drafted.tell();
  }

  say(text: string, tone: Toast["tone"] = "good", undo?: () => Promise<void>): void {
    clearTimeout(this.timer);
    this.toast.value = { text, tone, undo };
    this.timer = window.setTimeout(() => (this.toast.value = null), TOAST_MS);
  }

  async takeBack(): Promise<void> {
    const undo = this.toast.value?.undo;
    this.toast.value = null;
    if (undo) await this.tried(undo, tell("undone"));
  }

  /** Runs a write, then reads anew; a failure is said and the list is what the server has. */
  async tried(write: () => Promise<unknown>, done: string, undo?: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      await this.load();
      this.say(done, "good", undo);
      return true;
    } catch (error) {
      this.say(reasonOf(error), "bad");
      await this.load().catch(() => undefined);
      return false;
    }
  }

  /** Puts rules in this order; undone by the order before. */
  async order(ids: number[]): Promise<void> {
    const before = this.data.value!.rules.map((rule) => rule.id);
    const put = (list: number[]) => send(`${ROOT}/rules/order`, { ids: list });
    const rules = new Map(this.data.value!.rules.map((rule) => [rule.id, rule]));
    this.data.value = { ...this.data.value!, rules: ids.map((id) => rules.get(id)!) };
    await this.tried(() => put(ids), tell("ordered"), async () => void (await put(before)));
  }

  async switchRule(rule: Rule): Promise<void> {
    const put = (live: boolean, version: string) =>
      send(`${ROOT}/rules/${rule.id}`, { values: { ...rule, live }, version }, "PUT");
    const now = () => this.data.value!.rules.find((one) => one.id === rule.id)!.version;
    await this.tried(() => put(!rule.live, rule.version),
      tell(rule.live ? "switchedOff" : "switchedOn", { name: rule.name }),
      async () => void (await put(rule.live, now())));
  }

  async removeRule(rule: Rule): Promise<void> {
    const gone = await this.tried(
      () => send(`${ROOT}/rules/${rule.id}?version=${rule.version}`, {}, "DELETE"),
      tell("removed", { name: rule.name }),
      async () => void (await send(`${ROOT}/rules`, { values: rule })));
    if (gone) this.open("rules");
  }

  agency(code: string | null): string {
    if (!code) return tell("centreDecides");
    return say(this.data.value?.agencies.find((one) => one.code === code)?.title) || code;
  }

  category(code: string): string {
    const known = this.data.value?.categories.find((one) => one.code === code);
    return known ? say({ vi: known.name_vi, en: known.name_en }) : code;
  }

  ward(code: string): string {
    return say(this.data.value?.wards.find((one) => one.code === code)?.title) || code;
  }

  source(code: string): string {
    if (code.startsWith("place:")) return code.slice("place:".length);
    return say(this.data.value?.layers.find((one) => one.slug === code)?.title) || code;
  }
}
