const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";

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

const ACTS: Record<string, (doors: Doors) => void> = {
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

/** The keyboard of the fleet. Keys that belong to a focused control, or to the map, stay with it. */
export function listenKeys(doors: Doors): () => void {
  const press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.key === "Escape") return doors.escape();
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING)) return;
    if ((event.key === "Enter" || event.key === " ") && target.closest("button, a, summary, label, .map")) return;
    if (event.key.startsWith("Arrow") && target.closest("input, [role=tablist], .map")) return;
    const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(doors);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
