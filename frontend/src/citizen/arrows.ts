const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Arrow keys walk a group of radio buttons; nothing is chosen until it is pressed. */
export function arrows(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  if (!step) return;
  const group = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=radio]")];
  const at = group.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  group[(at + step + group.length) % group.length]!.focus();
}
