import { html, svg, type TemplateResult } from "lit";
import type { LayerInfo, Props, Severity } from "../common/contract";
import type { Atlas } from "../map/atlas";
import { Styler, type Detail, type Look } from "../map/styler";
import { drawBadge, drawDot, drawVessel } from "../map/symbols";
import type { State } from "./contract";
import type { Said } from "./words";

/** Each state has a colour, a shape and a word, so that none of them is needed to tell it. */
export const LOOKS: Record<State, Look & { word: Said; hollow: boolean }> = {
  danger: { color: "#e0408c", shape: "hexagon", word: "danger", hollow: false },
  over_line: { color: "#e4572e", shape: "diamond", word: "overLine", hollow: false },
  silent: { color: "#93a3bc", shape: "dashed", word: "silent", hollow: true },
  at_sea: { color: "#2f9f97", shape: "arrow", word: "atSea", hollow: false },
  in_port: { color: "#566c8f", shape: "square", word: "inPort", hollow: false },
  unknown: { color: "#a3b3c9", shape: "circle", word: "unknown", hollow: true },
};

const MARKS: Record<State, TemplateResult> = {
  danger: svg`<path d="M3.4 1.2h5.2L11.4 6 8.6 10.8H3.4L.6 6Z"></path>`,
  over_line: svg`<path d="M6 .4 11.6 6 6 11.6.4 6Z"></path>`,
  silent: svg`<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.7" stroke-dasharray="2.6 2"></circle>`,
  at_sea: svg`<path d="M6 .4C8.6 3.4 9.6 7 9.3 11.6L6 9.8 2.7 11.6C2.4 7 3.4 3.4 6 .4Z"></path>`,
  in_port: svg`<rect x="2" y="2" width="8" height="8" rx="2"></rect>`,
  unknown: svg`<circle cx="6" cy="6" r="3.8" fill="none" stroke="currentColor" stroke-width="1.6"></circle>`,
};

export function stateMark(state: State): TemplateResult {
  return html`<svg class="mark state-${state}" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">${MARKS[state] ?? MARKS.unknown}</svg>`;
}

const SEVERITY_MARKS: Record<Severity, TemplateResult> = {
  minor: svg`<circle cx="6" cy="6" r="4"></circle>`,
  moderate: svg`<path d="M6 1.2 11.4 10.8H.6Z"></path>`,
  severe: svg`<path d="M6 .4 11.6 6 6 11.6.4 6Z"></path>`,
  extreme: svg`<path d="M3.4 1.2h5.2L11.4 6 8.6 10.8H3.4L.6 6Z"></path>`,
};

export function severityMark(severity: Severity): TemplateResult {
  return html`<svg class="mark sev-${severity}" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">${SEVERITY_MARKS[severity] ?? SEVERITY_MARKS.minor}</svg>`;
}

/** Told apart by those who see few colours too; the same order in the list, chart and map. */
export const PICK_COLORS = [
  "#56b4e9", "#f0e442", "#ff8fc0", "#f5a524", "#7bdcb5", "#b9a2ff", "#ff7b6b", "#a5d65c",
];

/** A local day's colour, counted back from the newest that is shown. */
export function dayColor(day: number, newest: number): string {
  return PICK_COLORS[Math.max(0, newest - day) % PICK_COLORS.length]!;
}

export const SLUG = "fleet";
const SYMBOLS = {
  slug: SLUG, fields: [], stale_after_s: null,
  style: { kind: "vessel", color: "#2ec4b6", by: "state", bearing: null, course: "course_deg" },
} as unknown as LayerInfo;
const TURN_DEG = 10;

/** Vessels by state: arrows at sea, quiet squares in port, hollow where silent, a badge where in need. */
export class FleetStyler extends Styler {
  /** At night all is red: who needs someone is told by light instead. */
  static night = false;

  constructor(private readonly grow = 1) {
    super(SYMBOLS);
  }

  override lookOf(props: Props): Look {
    if (FleetStyler.night && (props.state === "danger" || props.state === "over_line")) {
      return { color: "#ffffff", shape: LOOKS[props.state].shape };
    }
    return props.color ? { color: String(props.color), shape: "circle" } : LOOKS[props.state as State] ?? LOOKS.unknown;
  }

  override sprite(atlas: Atlas, props: Props, _t: number, _nowS: number, detail: Detail): number {
    const state = (props.state as State) in LOOKS ? (props.state as State) : "unknown";
    const look = this.lookOf(props);
    const { hollow } = LOOKS[state];
    // From afar those under way are many and calm: smaller, so that who needs someone stands out.
    const calm = state === "at_sea" && !props.color && detail.size < 0.7 ? 0.86 : 1;
    const s = detail.size * this.grow * calm;
    if (state === "in_port" && !props.color) {
      const small = s < 0.7 ? s * 0.5 : s * 0.66;
      return atlas.sprite(`port/${s}`, 16 * small + 2, 16 * small + 2, (ctx) => {
        ctx.scale(small, small);
        drawDot(ctx, look.color, "square", false);
      });
    }
    const course = typeof props.course_deg === "number" && (Number(props.speed_kn) > 0.3 || props.speed_kn === null)
      ? (Math.round(props.course_deg / TURN_DEG) * TURN_DEG) % 360 : null;
    return atlas.sprite(`${look.color}/${state}/${course}/${s}`, 34 * s + 2, 34 * s + 2, (ctx) => {
      ctx.scale(s, s);
      ctx.save();
      drawVessel(ctx, look.color, course, hollow);
      ctx.restore();
      if (state === "danger" || state === "over_line") {
        ctx.translate(2, -2);
        drawBadge(ctx, look.color, look.shape);
      }
    });
  }
}
