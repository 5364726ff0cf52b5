import { listenTo, type Acts } from "../common/keys";

export interface Doors {
  step: (by: number) => void;
  open: () => void;
  pick: () => void;
  move: (move: string) => void;
  search: () => void;
  help: () => void;
  undo: () => void;
  escape: () => void;
}

const ACTS: Acts<Doors> = {
  j: (doors) => doors.step(1),
  k: (doors) => doors.step(-1),
  Enter: (doors) => doors.open(),
  x: (doors) => doors.pick(),
  a: (doors) => doors.move("accept"),
  r: (doors) => doors.move("resolve"),
  n: (doors) => doors.move("note"),
  u: (doors) => doors.undo(),
  "/": (doors) => doors.search(),
  "?": (doors) => doors.help(),
};

/** The keyboard of the desk. */
export function listenKeys(doors: Doors): () => void {
  return listenTo(ACTS, doors, { kept: (event, target) => event.key === "Enter" && target.closest("button, a, summary, label") !== null });
}
