import type { Atlas } from "./atlas";

/** From so many points on, writing pixels ourselves beats asking the canvas 10,000 times. */
export const MANY = 3_000;
const SOLID = 224;

interface Shape {
  /** Offsets into the picture from the sprite's corner, and the pixel that goes there. */
  at: Int32Array;
  pixels: Uint32Array;
}

/**
 * Sprites written straight into a picture: each is the list of its own pixels, and a picture is
 * handed to the canvas once. The soft rim of a sprite gives way to what lies there already.
 */
export class Stamps {
  private canvas = document.createElement("canvas");
  private ctx = this.canvas.getContext("2d")!;
  private picture = new ImageData(1, 1);
  private words = new Uint32Array(this.picture.data.buffer);
  private readonly shapes = new Map<number, Shape>();
  private atlas: Atlas | null = null;
  private readonly reader = document.createElement("canvas")
    .getContext("2d", { willReadFrequently: true })!;

  begin(width: number, height: number, atlas: Atlas): void {
    if (this.picture.width !== width || this.picture.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.ctx = this.canvas.getContext("2d")!;
      this.picture = new ImageData(width, height);
      this.words = new Uint32Array(this.picture.data.buffer);
      this.shapes.clear();
    } else this.words.fill(0);
    if (atlas !== this.atlas) this.shapes.clear();
    this.atlas = atlas;
  }

  /** Left out where it would cross the picture's edge, which lies outside what one sees. */
  stamp(sprite: number, x: number, y: number, w: number, h: number): void {
    const { width, height } = this.picture;
    if (x < 0 || y < 0 || x + w > width || y + h > height) return;
    const shape = this.shapes.get(sprite) ?? this.learn(sprite);
    const { at, pixels } = shape;
    const { words } = this;
    const base = y * width + x;
    for (let i = 0; i < at.length; i++) {
      const to = base + at[i]!;
      const pixel = pixels[i]!;
      if (pixel >>> 24 >= SOLID || words[to]! >>> 24 < pixel >>> 24) words[to] = pixel;
    }
  }

  end(ctx: CanvasRenderingContext2D): void {
    this.ctx.putImageData(this.picture, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
  }

  private learn(sprite: number): Shape {
    const [x, y, w, h] = this.atlas!.rects.subarray(sprite * 4, sprite * 4 + 4) as unknown as
      [number, number, number, number];
    // Read from a small canvas of its own: reading from the atlas would slow down drawing from it.
    this.reader.canvas.width = w;
    this.reader.canvas.height = h;
    this.reader.drawImage(this.atlas!.canvas, x, y, w, h, 0, 0, w, h);
    const data = this.reader.getImageData(0, 0, w, h);
    const words = new Uint32Array(data.data.buffer);
    const at: number[] = [];
    const pixels: number[] = [];
    words.forEach((pixel, i) => {
      if (pixel >>> 24 < 24) return;
      at.push(((i / w) | 0) * this.picture.width + (i % w));
      pixels.push(pixel);
    });
    const shape = { at: Int32Array.from(at), pixels: Uint32Array.from(pixels) };
    this.shapes.set(sprite, shape);
    return shape;
  }
}
