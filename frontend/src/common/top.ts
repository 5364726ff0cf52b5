import { html, type TemplateResult } from "lit";
import { LogOut, Moon, Sun } from "lucide";
import { lang, setLang } from "../i18n";
import { stroked } from "./glyph";
import { csrfToken } from "./http";
import { setTheme, theme } from "./prefs";

const STROKE = 1.9;
const told = (vi: string, en: string): string => (lang.value === "en" ? en : vi);

/** The button that turns day to night. Who shows it draws anew when `theme` changes. */
export function themeButton(): TemplateResult {
  const dark = theme.value === "dark";
  const name = dark ? told("Đổi sang nền sáng", "Switch to the light theme") : told("Đổi sang nền tối", "Switch to the dark theme");
  return html`<button type="button" class="icon-button" aria-label=${name} title=${name}
    @click=${() => setTheme(dark ? "light" : "dark")}>${stroked(dark ? Sun : Moon, STROKE)}</button>`;
}

/** The button to the other language; its name begins with what stands on it, for those who speak. */
export function languageButton(): TemplateResult {
  const other = lang.value === "vi" ? "en" : "vi";
  const name = told("Chuyển sang tiếng Anh (English)", "Switch to Vietnamese (Tiếng Việt)");
  return html`<button type="button" class="icon-button lang" lang=${other} aria-label="${other.toUpperCase()}: ${name}" title=${name}
    @click=${() => setLang(other)}>${other.toUpperCase()}</button>`;
}

/** The way out for `who`. */
export function signOutButton(who: string): TemplateResult {
  const name = told("Đăng xuất", "Sign out");
  return html`<form method="post" action="/accounts/logout/"><input type="hidden" name="csrfmiddlewaretoken" .value=${csrfToken()}>
    <button type="submit" class="icon-button" aria-label="${name} (${who})" title=${name}>${stroked(LogOut, STROKE)}</button></form>`;
}
