import type { Mode } from "./contract";
import type { Tool } from "./model";

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";

export interface Doors {
  tool: (tool: Tool) => void;
  mode: (mode: Mode) => void;
  search: () => void;
  save: () => void;
  full: () => void;
  print: () => void;
  undo: (forth: boolean) => void;
  help: () => void;
  escape: () => void;
}

const ACTS: Record<string, (doors: Doors) => void> = {
  p: (doors) => doors.tool("polygon"),
  c: (doors) => doors.tool("circle"),
  w: (doors) => doors.tool("ward"),
  m: (doors) => doors.tool("measure"),
  1: (doors) => doors.mode("ask"),
  2: (doors) => doors.mode("analyse"),
  3: (doors) => doors.mode("compare"),
  s: (doors) => doors.save(),
  f: (doors) => doors.full(),
  "/": (doors) => doors.search(),
  "?": (doors) => doors.help(),
};

/** Ctrl+P prints the prepared page; Ctrl+Z and Ctrl+Y turn the question back and forth. */
function control(event: KeyboardEvent, doors: Doors, target: HTMLElement): boolean {
  const key = event.key.toLowerCase();
  if (key === "p") doors.print();
  else if (target.matches(TYPING)) return false;
  else if (key === "z" || key === "y") doors.undo(key === "y" || event.shiftKey);
  else return false;
  return true;
}

/** The keyboard of the desk. Keys that belong to a focused control stay with it. */
export function listenKeys(doors: Doors): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return doors.escape();
    const target = event.target as HTMLElement;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && control(event, doors, target)) return event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING) || target.closest("dialog[open]")) return;
    const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(doors);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
