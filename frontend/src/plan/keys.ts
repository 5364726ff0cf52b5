import { listenTo, type Acts } from "../common/keys";
import type { Mode } from "./contract";
import type { Tool } from "./model";

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

const ACTS: Acts<Doors> = {
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
function control(event: KeyboardEvent, doors: Doors, typing: boolean): boolean {
  const key = event.key.toLowerCase();
  if (key === "p") doors.print();
  else if (!typing && (key === "z" || key === "y")) doors.undo(key === "y" || event.shiftKey);
  else return false;
  return true;
}

/** The keyboard of the desk; nothing but Escape while a dialog is open. */
export function listenKeys(doors: Doors): () => void {
  return listenTo(ACTS, doors, { control, kept: (_event, target) => target.closest("dialog[open]") !== null });
}
