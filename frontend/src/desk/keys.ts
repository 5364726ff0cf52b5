const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

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

/** The keyboard of the desk. Keys that belong to a focused control stay with it. */
export function listenKeys(doors: Doors): () => void {
  const press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.key === "Escape") return doors.escape();
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING)) return;
    if (event.key === "Enter" && target.closest("button, a, summary, label")) return;
    const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(doors);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

const ACTS: Record<string, (doors: Doors) => void> = {
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
