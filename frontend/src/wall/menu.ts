import { html, type TemplateResult } from "lit";

let menus = 0;

/**
 * A button and what it opens, on the browser's own popover: it closes by itself on Escape and on
 * a click elsewhere, and lies above everything without a z-index.
 */
export function menu(options: {
  label: string;
  face: TemplateResult | string;
  body: TemplateResult;
  className?: string;
  id?: string;
}): TemplateResult {
  const id = options.id ?? `menu-${++menus}`;
  return html`<button type="button" class=${options.className ?? "icon-button"} aria-label=${options.label}
      title=${options.label} popovertarget=${id} aria-haspopup="true" style="anchor-name:--${id}"
      @click=${(event: Event) => place(event.currentTarget as HTMLElement, id)}>${options.face}</button>
    <div class="menu" popover id=${id} style="position-anchor:--${id}"
      @click=${(event: Event) => {
        if ((event.target as HTMLElement).closest("[data-close]")) {
          (event.currentTarget as HTMLElement).hidePopover();
        }
      }}>${options.body}</div>`;
}

/** Below the button, kept on the screen; anchor positioning is not in every browser yet. */
function place(button: HTMLElement, id: string): void {
  const body = document.getElementById(id);
  if (!body) return;
  const box = button.getBoundingClientRect();
  const width = Math.max(body.offsetWidth, 190);
  body.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
  const below = box.bottom + 6;
  if (below + 260 > innerHeight && box.top > innerHeight / 2) {
    body.style.top = "auto";
    body.style.bottom = `${innerHeight - box.top + 6}px`;
  } else {
    body.style.top = `${below}px`;
    body.style.bottom = "auto";
  }
}
