/** Draws one symbol with its centre at 0,0, in CSS pixels. */
export type Draw = (ctx: CanvasRenderingContext2D) => void;

const WIDTH_PX = 2048;
const START_HEIGHT_PX = 512;
const GAP_PX = 1;

/**
 * Every symbol drawn once at the screen's own resolution and copied from there: copying a small
 * picture is many times cheaper than drawing its paths 10,000 times a frame.
 */
export class Atlas {
  readonly canvas = document.createElement("canvas");
  /** Per sprite: x, y, width, height in device pixels. */
  rects = new Int16Array(4 * 256);
  count = 0;
  private ctx: CanvasRenderingContext2D;
  private readonly keys = new Map<string, number>();
  private penX = 0;
  private penY = 0;
  private shelf = 0;

  /** `scale`: device pixels per CSS pixel of a symbol. */
  constructor(readonly scale: number) {
    this.canvas.width = WIDTH_PX;
    this.canvas.height = START_HEIGHT_PX;
    this.ctx = this.canvas.getContext("2d")!;
  }

  /** The sprite's number; drawn at its first use. `width`, `height` in CSS pixels. */
  sprite(key: string, width: number, height: number, draw: Draw): number {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    const w = Math.ceil(width * this.scale);
    const h = Math.ceil(height * this.scale);
    this.place(w, h);
    const ctx = this.ctx;
    ctx.save();
    ctx.translate(this.penX + w / 2, this.penY + h / 2);
    ctx.scale(this.scale, this.scale);
    draw(ctx);
    ctx.restore();
    const sprite = this.count++;
    if (sprite * 4 === this.rects.length) {
      const wider = new Int16Array(this.rects.length * 2);
      wider.set(this.rects);
      this.rects = wider;
    }
    this.rects.set([this.penX, this.penY, w, h], sprite * 4);
    this.keys.set(key, sprite);
    this.penX += w + GAP_PX;
    return sprite;
  }

  /** Puts the pen where a picture of this size fits: in this row, a new row, a taller atlas. */
  private place(w: number, h: number): void {
    if (this.penX + w > WIDTH_PX) {
      this.penX = 0;
      this.penY += this.shelf + GAP_PX;
      this.shelf = 0;
    }
    this.shelf = Math.max(this.shelf, h);
    if (this.penY + h <= this.canvas.height) return;
    const copy = document.createElement("canvas");
    copy.width = WIDTH_PX;
    copy.height = this.canvas.height;
    copy.getContext("2d")!.drawImage(this.canvas, 0, 0);
    this.canvas.height *= 2;
    this.ctx = this.canvas.getContext("2d")!;
    this.ctx.drawImage(copy, 0, 0);
  }
}
