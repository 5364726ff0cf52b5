import { icon } from "./maki";
import { inkOn, palette, withAlpha } from "./palette";

/** One symbol per kind, each drawn around 0,0 in CSS pixels. Shape always says what colour says. */
type Ctx = CanvasRenderingContext2D;

function paint(ctx: Ctx, color: string, hollow: boolean): void {
  const { edge, paper } = palette();
  ctx.lineJoin = "round";
  if (hollow) {
    ctx.fillStyle = withAlpha(paper, 0.75);
    ctx.fill();
    ctx.setLineDash([3, 2]);
    ctx.lineWidth = 1.75;
    ctx.strokeStyle = color;
    ctx.stroke();
    ctx.setLineDash([]);
  } else {
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = edge;
    ctx.stroke();
    ctx.fillStyle = color;
    ctx.fill();
  }
}

export function tracePolygon(ctx: Ctx, sides: number, r: number, turn = 0): void {
  ctx.beginPath();
  for (let i = 0; i < sides; i++) {
    const a = turn + (i / sides) * 2 * Math.PI - Math.PI / 2;
    ctx.lineTo(Math.cos(a) * r, Math.sin(a) * r);
  }
  ctx.closePath();
}

/** The outline of a named shape, of about the same area whichever it is. */
export function traceShape(ctx: Ctx, shape: string, r: number): void {
  switch (shape) {
    case "triangle": {
      ctx.beginPath();
      ctx.moveTo(0, -r * 1.1);
      ctx.lineTo(r * 1.08, r * 0.82);
      ctx.lineTo(-r * 1.08, r * 0.82);
      ctx.closePath();
      break;
    }
    case "diamond": return tracePolygon(ctx, 4, r * 1.18);
    case "hexagon": return tracePolygon(ctx, 6, r * 1.1);
    case "square":
      ctx.beginPath();
      ctx.roundRect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76, r * 0.3);
      break;
    case "cross": {
      const a = r * 0.38;
      ctx.beginPath();
      for (const [x, y] of [
        [-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a],
        [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a],
      ] as const) ctx.lineTo(x, y);
      ctx.closePath();
      break;
    }
    default:
      ctx.beginPath();
      ctx.arc(0, 0, r, 0, 2 * Math.PI);
  }
}

export function drawVessel(ctx: Ctx, color: string, courseDeg: number | null, hollow: boolean): void {
  if (courseDeg === null) {
    ctx.beginPath();
    ctx.arc(0, 0, 5, 0, 2 * Math.PI);
  } else {
    ctx.rotate((courseDeg * Math.PI) / 180);
    ctx.beginPath();
    ctx.moveTo(0, -10);
    ctx.quadraticCurveTo(5.8, -2.5, 5.4, 7.5);
    ctx.lineTo(0, 4.6);
    ctx.lineTo(-5.4, 7.5);
    ctx.quadraticCurveTo(-5.8, -2.5, 0, -10);
    ctx.closePath();
  }
  paint(ctx, color, hollow);
}

export function drawCamera(ctx: Ctx, color: string, hollow: boolean): void {
  ctx.beginPath();
  ctx.arc(0, 0, 6.5, 0, 2 * Math.PI);
  paint(ctx, color, hollow);
  ctx.beginPath();
  ctx.arc(0, 0, 2.4, 0, 2 * Math.PI);
  ctx.fillStyle = hollow ? color : palette().edge;
  ctx.fill();
}

/** Shapes that say that something is wrong; the circle says that nothing is. */
export function alarming(shape: string): boolean {
  return shape === "triangle" || shape === "diamond" || shape === "hexagon" || shape === "cross";
}

/** A small mark at a symbol's shoulder, for kinds whose own outline cannot change. */
export function drawBadge(ctx: Ctx, color: string, shape: string): void {
  if (!alarming(shape)) return;
  ctx.translate(7, -6.5);
  traceShape(ctx, shape, 4.2);
  paint(ctx, color, false);
}

/** A rounded square, wide enough for the value where there is one, with its alarm's shape. */
export function drawSensor(
  ctx: Ctx, color: string, text: string, width: number, shape: string, hollow: boolean,
): void {
  if (!text && alarming(shape)) return drawDot(ctx, color, shape, hollow);
  const h = text ? 18 : 13;
  ctx.beginPath();
  ctx.roundRect(-width / 2, -h / 2, width, h, text ? 5.5 : 4);
  paint(ctx, color, hollow);
  if (!text) return;
  ctx.font = `600 11px ${palette().fontFamily}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = hollow ? palette().text : inkOn(color);
  const room = alarming(shape) ? 6 : 0;
  ctx.fillText(text, room, 0.5);
  if (!room) return;
  ctx.translate(-width / 2 + 10.5, 0);
  traceShape(ctx, shape, 4.4);
  ctx.fill();
}

/** A drop whose tip is at 0,0, with the category's icon in its head. */
export function drawReport(ctx: Ctx, color: string, iconName: string, hollow: boolean): void {
  const r = 10;
  const cy = -15.5;
  ctx.beginPath();
  ctx.arc(0, cy, r, Math.PI * 0.84, Math.PI * 0.16);
  ctx.quadraticCurveTo(r * 0.62, cy + r * 0.98, 0, 0);
  ctx.quadraticCurveTo(-r * 0.62, cy + r * 0.98, Math.cos(Math.PI * 0.84) * r, cy + Math.sin(Math.PI * 0.84) * r);
  ctx.closePath();
  paint(ctx, color, hollow);
  const path = icon(iconName);
  if (!path) return;
  ctx.translate(-6, cy - 6);
  ctx.scale(12 / 15, 12 / 15);
  ctx.fillStyle = hollow ? color : inkOn(color);
  ctx.fill(path);
}

/** What is over and done with: there, and quiet. */
export function drawDone(ctx: Ctx, color: string): void {
  ctx.beginPath();
  ctx.arc(0, 0, 4.6, 0, 2 * Math.PI);
  paint(ctx, withAlpha(color, 0.85), false);
}

export function drawBillboard(ctx: Ctx, color: string, hollow: boolean): void {
  ctx.beginPath();
  ctx.roundRect(-8, -7, 16, 10, 2);
  ctx.moveTo(-1, 3);
  ctx.lineTo(-1, 7.5);
  ctx.lineTo(1, 7.5);
  ctx.lineTo(1, 3);
  paint(ctx, color, hollow);
  if (hollow) return;
  ctx.strokeStyle = withAlpha(palette().edge.startsWith("#") ? palette().edge : "#0b1220", 0.7);
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.moveTo(-5, -3.6);
  ctx.lineTo(5, -3.6);
  ctx.moveTo(-5, -0.6);
  ctx.lineTo(1.5, -0.6);
  ctx.stroke();
}

/** How far the head of a symbol that stands on its place is above it. */
export const LIFT_PX: Readonly<Record<string, number>> = { report: 14, incident: 17 };

/** Stands above its place on a stem: what it is about lies beneath and stays readable. */
export function drawIncident(ctx: Ctx, color: string, shape: string, hollow: boolean): void {
  ctx.beginPath();
  ctx.moveTo(0, 0);
  ctx.lineTo(0, -10);
  ctx.lineWidth = 2;
  ctx.strokeStyle = color;
  ctx.stroke();
  ctx.translate(0, -LIFT_PX.incident!);
  traceShape(ctx, shape, 12.5);
  ctx.fillStyle = withAlpha(color, 0.24);
  ctx.fill();
  traceShape(ctx, shape, 8);
  paint(ctx, color, hollow);
}

/** The corners of a viewfinder round a dot: something a camera saw. */
export function drawEvent(ctx: Ctx, color: string, hollow: boolean): void {
  const r = 8;
  const { edge } = palette();
  for (const [width, stroke] of [[3.5, edge], [1.75, color]] as const) {
    ctx.lineWidth = width;
    ctx.strokeStyle = stroke;
    ctx.lineCap = "round";
    ctx.beginPath();
    for (const [sx, sy] of [[1, 1], [1, -1], [-1, 1], [-1, -1]] as const) {
      ctx.moveTo(sx * r, sy * (r - 4));
      ctx.lineTo(sx * r, sy * r);
      ctx.lineTo(sx * (r - 4), sy * r);
    }
    ctx.stroke();
  }
  ctx.beginPath();
  ctx.arc(0, 0, 3.6, 0, 2 * Math.PI);
  paint(ctx, color, hollow);
}

/** Plain shape for anything else, also used by legends. */
export function drawDot(ctx: Ctx, color: string, shape: string, hollow: boolean): void {
  traceShape(ctx, shape, 6);
  paint(ctx, color, hollow);
}
