import type { Choice, LayerInfo, Props } from "../common/contract";
import { number } from "../i18n/format";
import type { Atlas } from "./atlas";
import { palette } from "./palette";
import * as symbols from "./symbols";

/** Shapes of a choice that mean old or silent. */
const HOLLOW = new Set(["dashed", "ring"]);
/** Not drawn: a filter hides it. */
export const HIDDEN = -2;
const TURN_STEP_DEG = 10;
const TURNS = 360 / TURN_STEP_DEG;
const SHAPES = new Set(["circle", "triangle", "diamond", "hexagon", "square", "cross"]);

export interface Look {
  color: string;
  shape: string;
}

/** How much is drawn at this zoom: fewer and smaller marks when the whole city is in view. */
export interface Detail {
  size: number;
  values: boolean;
}

export function detailAt(zoom: number): Detail {
  return { size: zoom < 11 ? 0.62 : zoom < 12 ? 0.74 : zoom < 14 ? 0.88 : 1, values: zoom >= 12 };
}

function numeric(value: unknown): number | null {
  const n = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof n === "number" && Number.isFinite(n) ? n : null;
}

/** Turns one feature's properties into a sprite, by the catalogue's style and nothing else. */
export class Styler {
  private readonly choices = new Map<string, Choice>();
  /** Sprites of moving things by value, then by course and age: no text is built to find one. */
  private readonly memo = new Map<unknown, Int32Array>();
  private memoOf: Atlas | null = null;
  private memoSize = 0;

  constructor(readonly layer: LayerInfo) {
    const by = layer.fields.find((field) => field.name === layer.style.by);
    for (const choice of by?.choices ?? []) this.choices.set(choice.value, choice);
  }

  /** Colour and shape of one value of the field that the layer is coloured by. */
  look(value: unknown): Look {
    const choice = this.choices.get(String(value));
    const color = choice?.color || this.layer.style.color;
    const shape = choice?.shape ?? "";
    return { color, shape: SHAPES.has(shape) ? shape : "circle" };
  }

  lookOf(props: Props): Look {
    return this.look(this.layer.style.by ? props[this.layer.style.by] : undefined);
  }

  isOld(t: number, nowS: number): boolean {
    const limit = this.layer.stale_after_s;
    return limit !== null && t > 0 && nowS - t > limit;
  }

  sprite(atlas: Atlas, props: Props, t: number, nowS: number, detail: Detail): number {
    const { style } = this.layer;
    if (style.kind !== "vessel") return this.draw(atlas, props, t, nowS, detail);
    if (this.memoOf !== atlas || this.memoSize !== detail.size) {
      this.memo.clear();
      this.memoOf = atlas;
      this.memoSize = detail.size;
    }
    const value = style.by ? props[style.by] : null;
    let row = this.memo.get(value);
    if (!row) {
      row = new Int32Array(2 * (TURNS + 1)).fill(-1);
      this.memo.set(value, row);
    }
    const turn = this.turn(props);
    const at = (turn === null ? TURNS : turn / TURN_STEP_DEG) * 2 + (this.isOld(t, nowS) ? 1 : 0);
    return row[at]! >= 0 ? row[at]! : (row[at] = this.draw(atlas, props, t, nowS, detail));
  }

  /** Course in steps that the eye cannot tell apart; null where there is none (AIS says 360). */
  private turn(props: Props): number | null {
    const course = this.layer.style.course ? numeric(props[this.layer.style.course]) : null;
    if (course === null || course < 0 || course >= 360) return null;
    return (Math.round(course / TURN_STEP_DEG) % TURNS) * TURN_STEP_DEG;
  }

  private draw(atlas: Atlas, props: Props, t: number, nowS: number, detail: Detail): number {
    const { style } = this.layer;
    const { color, shape } = this.lookOf(props);
    // A drop is tall: where a whole city is in view it gives room to the rest.
    const s = style.kind === "report" && detail.size < 0.7 ? 0.48 : detail.size;
    const value = style.by ? String(props[style.by]) : "";
    const hollow = this.isOld(t, nowS) || HOLLOW.has(this.choices.get(value)?.shape ?? "");
    const tint = hollow && style.kind === "sensor" ? palette().stale : color;
    const key = `${style.kind}/${tint}/${hollow ? 1 : 0}/${s}`;
    const make = (
      name: string, w: number, h: number, draw: (ctx: CanvasRenderingContext2D) => void,
    ): number =>
      atlas.sprite(name, w * s + 2, h * s + 2, (ctx) => {
        ctx.scale(s, s);
        draw(ctx);
      });
    switch (style.kind) {
      case "vessel": {
        const turn = this.turn(props);
        return make(`${key}/${turn}`, 24, 24, (ctx) => symbols.drawVessel(ctx, tint, turn, hollow));
      }
      case "camera":
        return make(`${key}/${shape}`, 26, 24, (ctx) => {
          symbols.drawCamera(ctx, tint, hollow);
          symbols.drawBadge(ctx, tint, shape);
        });
      case "sensor": {
        const reading = detail.values && style.value ? numeric(props[style.value]) : null;
        const text = reading === null ? "" : number(reading, Math.abs(reading) < 10 ? 2 : 0);
        const width = text ? 12 + text.length * 6.4 + (symbols.alarming(shape) ? 12 : 0) : 13;
        return make(`${key}/${shape}/${text}`, width + 6, 24, (ctx) =>
          symbols.drawSensor(ctx, tint, text, width, shape, hollow));
      }
      case "report": {
        // As declared: `look` calls every shape it does not know, a drop too, a circle.
        if (this.choices.get(value)?.shape === "circle") {
          return make(`${key}/done`, 14, 14, (ctx) => symbols.drawDone(ctx, tint));
        }
        const name = style.icon ? String(props[style.icon] ?? "") : "";
        return make(`${key}/${name}`, 26, 56, (ctx) =>
          symbols.drawReport(ctx, tint, s < 0.7 ? "" : name, hollow));
      }
      case "billboard":
        return make(`${key}/${shape}`, 26, 26, (ctx) => {
          symbols.drawBillboard(ctx, tint, hollow);
          symbols.drawBadge(ctx, tint, shape);
        });
      case "incident":
        return make(`${key}/${shape}`, 34, 66, (ctx) =>
          symbols.drawIncident(ctx, tint, shape, hollow));
      case "event":
        return make(key, 22, 22, (ctx) => symbols.drawEvent(ctx, tint, hollow));
      default:
        return make(`${key}/${shape}`, 18, 18, (ctx) => symbols.drawDot(ctx, tint, shape, hollow));
    }
  }
}
