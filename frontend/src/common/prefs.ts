import { Signal } from "./signal";

/** What a person chose, kept in this browser. Storage may be refused: then it lasts the visit. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`ioc.${key}`);
    else localStorage.setItem(`ioc.${key}`, value);
  } catch {
    // Private windows may refuse storage.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`ioc.${key}`);
  } catch {
    return null;
  }
}

export type Theme = "dark" | "light";
export const theme = new Signal<Theme>("dark");

function apply(value: Theme): void {
  document.documentElement.dataset.theme = value;
}

/** Theme from what was chosen before, else the page's own default. */
export function startTheme(fallback: Theme): void {
  const kept = recall("theme");
  theme.value = kept === "dark" || kept === "light" ? kept : fallback;
  apply(theme.value);
}

export function setTheme(value: Theme): void {
  remember("theme", value);
  apply(value);
  theme.value = value;
}

const SIZES_PX = [12, 13, 14, 15, 16, 18, 20, 22, 25, 28, 32, 36, 42, 48];
const DEFAULT_SIZE_PX = 16;
export const rootSize = new Signal<number>(DEFAULT_SIZE_PX);

function setRootSize(px: number): void {
  document.documentElement.style.fontSize = px === DEFAULT_SIZE_PX ? "" : `${px}px`;
  remember("size", String(px));
  rootSize.value = px;
}

/** A wall is read from five metres: Ctrl + and − scale the page from its one root size. */
export function startScale(): void {
  const kept = Number(recall("size"));
  if (SIZES_PX.includes(kept)) setRootSize(kept);
  addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const at = SIZES_PX.indexOf(rootSize.value);
    let next: number | undefined;
    if (event.key === "+" || event.key === "=") next = SIZES_PX[at + 1];
    else if (event.key === "-") next = SIZES_PX[at - 1];
    else if (event.key === "0") next = DEFAULT_SIZE_PX;
    else return;
    event.preventDefault();
    if (next) setRootSize(next);
  });
}
