import type { Text } from "../common/contract";
import { recall, remember } from "../common/prefs";
import { Signal } from "../common/signal";
import { en } from "./en";
import { vi, type Words } from "./vi";

export type Lang = "vi" | "en";
export type WordKey = keyof Words;
export const lang = new Signal<Lang>("vi");

const BOOKS: Record<Lang, Words> = { vi, en };

/**
 * Language from what was chosen before, here or on a plain page; else `fallback`; else the
 * page's `lang` attribute, which follows the browser's wishes.
 */
export function startLang(fallback?: Lang): void {
  const chosen = recall("lang") ?? /(?:^|;\s*)django_language=(\w\w)/.exec(document.cookie)?.[1];
  const kept = chosen ?? fallback ?? document.documentElement.lang.slice(0, 2);
  lang.value = kept === "en" ? "en" : "vi";
  document.documentElement.lang = lang.value;
}

export function setLang(value: Lang): void {
  remember("lang", value);
  // Django reads the same choice for its own pages and error messages.
  document.cookie = `django_language=${value};path=/;max-age=31536000;samesite=lax`;
  document.documentElement.lang = value;
  lang.value = value;
}

/** The sentence of this key in the present language, `{name}` replaced. */
export function t(key: WordKey, values: Record<string, string | number> = {}): string {
  return BOOKS[lang.value][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The present language's side of a bilingual text; the other side when it is empty. */
export function say(text: Text | string | null | undefined): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return text[lang.value] || text.vi || text.en || "";
}
