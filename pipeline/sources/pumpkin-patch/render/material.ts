import type { Colour } from './light.ts';
import type { Vector } from './maths.ts';

/** What a material says of one point; reused from pixel to pixel. */
export interface Paint {
  red: number;
  green: number;
  blue: number;
  /** 0 dull … 1 polished. */
  gloss: number;
}

/** Paints a point of a surface: material coordinates and detail in, colour out. */
export type Material = (local: Vector, detail: number, paint: Paint) => void;

/** Replaces the paint's colour. */
export function setColour(paint: Paint, [red, green, blue]: Colour): void {
  paint.red = red;
  paint.green = green;
  paint.blue = blue;
}

/** Covers the paint with a colour; `share` 1 hides what was there. */
export function cover(paint: Paint, [red, green, blue]: Colour, share: number): void {
  paint.red += (red - paint.red) * share;
  paint.green += (green - paint.green) * share;
  paint.blue += (blue - paint.blue) * share;
}

/** Makes the paint lighter or darker. */
export function shade(paint: Paint, factor: number): void {
  paint.red *= factor;
  paint.green *= factor;
  paint.blue *= factor;
}
