import type { Spot } from "./contract";

export const MOST_ZOOM = 12;

/** Which part of a picture is shown: a zoom and the upper left corner, in fractions of the picture. */
export class Lens {
  zoom = 1;
  corner: Spot = [0, 0];

  /** What the picture shows now as an SVG view box. */
  box([w, h]: [number, number]): string {
    return `${this.corner[0] * w} ${this.corner[1] * h} ${w / this.zoom} ${h / this.zoom}`;
  }

  /** Zooms by a factor; the place `at` stays where it is on the screen. */
  by(factor: number, at: Spot): void {
    const zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const share = this.zoom / zoom;
    this.corner = [at[0] - (at[0] - this.corner[0]) * share, at[1] - (at[1] - this.corner[1]) * share];
    this.zoom = zoom;
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
    this.corner = [at[0] - 0.5 / this.zoom, at[1] - 0.5 / this.zoom];
    this.keep();
  }

  whole(): void {
    this.zoom = 1;
    this.corner = [0, 0];
  }

  private keep(): void {
    const most = 1 - 1 / this.zoom;
    this.corner = [Math.min(most, Math.max(0, this.corner[0])), Math.min(most, Math.max(0, this.corner[1]))];
  }
}
