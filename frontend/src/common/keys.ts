/** What a key does, by the key; letters in lower case. */
export type Acts<Doors> = Record<string, (doors: Doors) => void>;

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";

interface Rules<Doors> {
  /** Keys that stay with what has the focus. */
  kept?: (event: KeyboardEvent, target: HTMLElement) => boolean;
  /** A key with Ctrl or Cmd; true where it was dealt with. */
  control?: (event: KeyboardEvent, doors: Doors, typing: boolean) => boolean;
}

/** A screen's keyboard. Keys that belong to a focused field stay with it; Escape is never kept. */
export function listenTo<Doors extends { escape: () => void }>(acts: Acts<Doors>, doors: Doors, rules: Rules<Doors> = {}): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return doors.escape();
    const target = event.target as HTMLElement;
    const typing = target.matches(TYPING);
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (rules.control?.(event, doors, typing)) event.preventDefault();
      return;
    }
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || typing || rules.kept?.(event, target)) return;
    event.preventDefault();
    act(doors);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
