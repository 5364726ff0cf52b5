import type { WallModel } from "./model";
import { STEP_MS } from "./timebar";

interface Doors {
  search: () => void;
  help: () => void;
  full: () => void;
  list: () => void;
  flood: () => void;
  /** True where something was open and is closed now. */
  escape: () => unknown;
}

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]";

/** The keyboard of the wall. Keys that belong to a focused control stay with it. */
export function listenKeys(model: WallModel, doors: Doors): () => void {
  const press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING)) return;
    const within = (selector: string) => target.closest(selector) !== null;
    const act = keyOf(event);
    if (!act) return;
    if (act === "play" && within("button, a, [role=button], summary")) return;
    // On the map and on sliders the arrows move what has the focus.
    if ((act === "back" || act === "forward") && within(".map, input[type=range], [role=tablist]")) return;
    event.preventDefault();
    run(act, event, model, doors);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

type Act = "search" | "layers" | "list" | "full" | "wall" | "measure" | "play" | "back" | "forward" |
  "live" | "flood" | "help" | "escape";

const ACTS: Record<string, Act> = {
  "/": "search", l: "layers", v: "list", f: "full", w: "wall", m: "measure", " ": "play",
  ArrowLeft: "back", ArrowRight: "forward", n: "live", z: "flood", "?": "help", Escape: "escape",
};

function keyOf(event: KeyboardEvent): Act | undefined {
  return ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

function run(act: Act, event: KeyboardEvent, model: WallModel, doors: Doors): void {
  const step = STEP_MS * (event.shiftKey ? 10 : 1);
  switch (act) {
    case "search": return doors.search();
    case "layers":
      model.leftTab.value = "layers";
      model.leftOpen.value = !model.leftOpen.value;
      return;
    case "list": return doors.list();
    case "full": return doors.full();
    case "wall": model.wallMode.value = !model.wallMode.value; return;
    case "measure": model.measuring.value = !model.measuring.value; return;
    case "play": return model.time.toggle();
    case "back": return model.time.step(-step);
    case "forward": return model.time.step(step);
    case "live": return model.time.goLive();
    case "flood": return doors.flood();
    case "help": return doors.help();
    case "escape": return back(model, doors);
  }
}

/** Escape closes one thing at a time, the topmost first. */
function back(model: WallModel, doors: Doors): void {
  if (doors.escape()) return;
  if (model.measuring.value) model.measuring.value = false;
  else if (model.selected.value) model.selected.value = null;
  else if (model.wallMode.value) model.wallMode.value = false;
  else if (!model.time.live.value) model.time.goLive();
}
