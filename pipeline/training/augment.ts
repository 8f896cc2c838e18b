import { createRandom } from '../../platform/lib/random.ts';
import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { TrainParameters } from './parameters.ts';

/** How one picture is augmented in one epoch. */
export interface Variation {
  readonly flip: boolean;
  /** Pixels to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Factor for all channels. */
  readonly brightness: number;
  /** Radians, clockwise. */
  readonly angle: number;
}

/** Whether these parameters change pictures at all. */
export function isAugmenting(augmentation: TrainParameters['augmentation']): boolean {
  const { flip, shift, brightness, rotate } = augmentation;
  return flip || shift > 0 || brightness > 0 || rotate > 0;
}

/**
 * The variation of a row in an epoch: the same on every run with this seed, in whatever order the rows are visited.
 *
 * @param size pixels per side.
 */
export function variationOf(
  augmentation: TrainParameters['augmentation'],
  size: number,
  { seed, epoch, row }: { seed: number; epoch: number; row: number },
): Variation {
  const random = createRandom(`${seed}/augmentation/${epoch}/${row}`);
  const either = (limit: number) => random.between(-limit, limit);
  return {
    flip: random.next() < 0.5 && augmentation.flip,
    shiftX: Math.round(either(augmentation.shift * size)),
    shiftY: Math.round(either(augmentation.shift * size)),
    brightness: 1 + either(augmentation.brightness),
    angle: (either(augmentation.rotate) * Math.PI) / 180,
  };
}

/**
 * Writes an augmented picture as network input. Areas beyond the picture repeat its border.
 *
 * @param pixels size × size × 3 bytes.
 * @param target receives size × size × 3 scaled values from `offset` on.
 */
export function augmentImage(
  pixels: Uint8Array,
  preprocessing: ImagePreprocessing,
  variation: Variation,
  target: Float32Array,
  offset: number,
): void {
  const { size, scale, offset: shift } = preprocessing;
  const sample = variation.angle === 0 ? nearest : bilinear;
  const colour = new Float64Array(3);
  const cosine = Math.cos(variation.angle);
  const sine = Math.sin(variation.angle);
  const middle = (size - 1) / 2;
  let next = offset;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const right = x - middle - variation.shiftX;
      const down = y - middle - variation.shiftY;
      const across = cosine * right + sine * down;
      const sourceX = middle + (variation.flip ? -across : across);
      const sourceY = middle - sine * right + cosine * down;
      sample(pixels, size, sourceX, sourceY, colour);
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.min(255, (colour[channel] ?? 0) * variation.brightness);
        target[next++] = value * scale + shift;
      }
    }
  }
}

/** Reads the pixel at integer coordinates into `colour`. */
function nearest(
  pixels: Uint8Array,
  size: number,
  x: number,
  y: number,
  colour: Float64Array,
): void {
  const at = (clamp(y, size) * size + clamp(x, size)) * 3;
  for (let channel = 0; channel < 3; channel++) colour[channel] = pixels[at + channel] ?? 0;
}

/** Interpolates between the four pixels around a point into `colour`. */
function bilinear(
  pixels: Uint8Array,
  size: number,
  x: number,
  y: number,
  colour: Float64Array,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const partX = x - left;
  const partY = y - top;
  const upper = clamp(top, size) * size;
  const lower = clamp(top + 1, size) * size;
  const near = clamp(left, size);
  const far = clamp(left + 1, size);
  for (let channel = 0; channel < 3; channel++) {
    const above = mix(pixels, (upper + near) * 3 + channel, (upper + far) * 3 + channel, partX);
    const below = mix(pixels, (lower + near) * 3 + channel, (lower + far) * 3 + channel, partX);
    colour[channel] = above + (below - above) * partY;
  }
}

function mix(pixels: Uint8Array, first: number, second: number, part: number): number {
  return (pixels[first] ?? 0) * (1 - part) + (pixels[second] ?? 0) * part;
}

function clamp(value: number, size: number): number {
  return value < 0 ? 0 : value >= size ? size - 1 : value;
}
