import { listenTo, type Acts } from "../common/keys";

export interface Doors {
  step: (by: number) => void;
  open: () => void;
  pick: () => void;
  tool: (tool: "measure" | "area") => void;
  play: () => void;
  seek: (by: number) => void;
  star: () => void;
  night: () => void;
  search: () => void;
  full: () => void;
  help: () => void;
  escape: () => void;
}

const ACTS: Acts<Doors> = {
  j: (doors) => doors.step(1),
  k: (doors) => doors.step(-1),
  Enter: (doors) => doors.open(),
  x: (doors) => doors.pick(),
  m: (doors) => doors.tool("measure"),
  a: (doors) => doors.tool("area"),
  " ": (doors) => doors.play(),
  ArrowLeft: (doors) => doors.seek(-1),
  ArrowRight: (doors) => doors.seek(1),
  s: (doors) => doors.star(),
  n: (doors) => doors.night(),
  f: (doors) => doors.full(),
  "/": (doors) => doors.search(),
  "?": (doors) => doors.help(),
};

/** Keys that belong to a focused control, or to the map, stay with it. */
function kept(event: KeyboardEvent, target: HTMLElement): boolean {
  if (event.key === "Enter" || event.key === " ") return target.closest("button, a, summary, label, .map") !== null;
  return event.key.startsWith("Arrow") && target.closest("input, [role=tablist], .map") !== null;
}

/** The keyboard of the fleet. */
export function listenKeys(doors: Doors): () => void {
  return listenTo(ACTS, doors, { kept });
}
