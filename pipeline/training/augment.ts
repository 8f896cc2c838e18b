import { createRandom } from '../lib/random.ts';
import type { ImagePreprocessing } from '../types.ts';
import type { TrainParameters } from './parameters.ts';

/** How one picture is changed for one epoch. */
export interface Variation {
  readonly flip: boolean;
  /** Pixels to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Factor. */
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
 * The variation of a row in an epoch: the same on every run with this seed, in whatever order rows come.
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
 * Writes a varied picture as the network sees it. What comes into view from outside repeats the border.
 *
 * @param pixels size × size × 3 bytes.
 */
export function augmentImage(
  pixels: Uint8Array,
  preprocessing: ImagePreprocessing,
  variation: Variation,
  target: Float32Array,
  offset: number,
): void {
  const { size, scale, offset: shift } = preprocessing;
  const sample = variation.angle === 0 ? nearest(pixels, size) : bilinear(pixels, size);
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
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.min(255, sample(sourceX, sourceY, channel) * variation.brightness);
        target[next++] = value * scale + shift;
      }
    }
  }
}

type Sample = (x: number, y: number, channel: number) => number;

function nearest(pixels: Uint8Array, size: number): Sample {
  const clamp = (value: number) => Math.min(size - 1, Math.max(0, value));
  return (x, y, channel) => pixels[(clamp(y) * size + clamp(x)) * 3 + channel] ?? 0;
}

function bilinear(pixels: Uint8Array, size: number): Sample {
  const at = nearest(pixels, size);
  return (x, y, channel) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const partX = x - left;
    const upper = at(left, top, channel) * (1 - partX) + at(left + 1, top, channel) * partX;
    const lower = at(left, top + 1, channel) * (1 - partX) + at(left + 1, top + 1, channel) * partX;
    return upper + (lower - upper) * (y - top);
  };
}
