import type { Spot } from "./contract";

export const MOST_ZOOM = 12;

/** Which part of a picture is shown: a zoom and the upper left corner, in fractions of the picture. */
export class Lens {
  zoom = 1;
  corner: Spot = [0, 0];
  /** How much taller the room is than the picture, both by their width. */
  private tall = 1;

  /** How much of the picture is seen, across and down: near, it fills the whole room. */
  get part(): Spot {
    const share = 1 / this.zoom;
    return [Math.min(1, share / Math.min(1, this.tall)), Math.min(1, share * Math.max(1, this.tall))];
  }

  /** Says how large the picture and its room are. */
  fit(picture: Spot, room: Spot): void {
    const before = this.part;
    this.tall = (room[1] / Math.max(1, room[0])) / (picture[1] / Math.max(1, picture[0])) || 1;
    const now = this.part;
    this.shift((before[0] - now[0]) / 2, (before[1] - now[1]) / 2);
  }

  /** What the picture shows now as an SVG view box. */
  box([w, h]: Spot): string {
    const [across, down] = this.part;
    return `${this.corner[0] * w} ${this.corner[1] * h} ${w * across} ${h * down}`;
  }

  /** Zooms by a factor; the place `at` stays where it is on the screen. */
  by(factor: number, at: Spot): void {
    const before = this.part;
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const now = this.part;
    const moved = (axis: 0 | 1) => at[axis] - ((at[axis] - this.corner[axis]) * now[axis]) / before[axis];
    this.corner = [moved(0), moved(1)];
    this.keep();
  }

  /** Moves what is shown by a part of the picture. */
  shift(dx: number, dy: number): void {
    this.corner = [this.corner[0] + dx, this.corner[1] + dy];
    this.keep();
  }

  /** Brings a place to the middle, at least so near. */
  on(at: Spot, zoom: number): void {
    this.zoom = Math.max(this.zoom, Math.min(MOST_ZOOM, zoom));
    const [across, down] = this.part;
    this.corner = [at[0] - across / 2, at[1] - down / 2];
    this.keep();
  }

  get middle(): Spot {
    const [across, down] = this.part;
    return [this.corner[0] + across / 2, this.corner[1] + down / 2];
  }

  whole(): void {
    this.zoom = 1;
    this.corner = [0, 0];
  }

  private keep(): void {
    const [across, down] = this.part;
    this.corner = [Math.min(1 - across, Math.max(0, this.corner[0])), Math.min(1 - down, Math.max(0, this.corner[1]))];
  }
}
