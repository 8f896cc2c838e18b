import { createRandom, type Random } from '../../platform/lib/random.ts';
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
  /** Side of the part that is seen, as a share; 1 is all. */
  readonly zoom: number;
  /** Pixels by which the middle of that part is moved to the right and down. */
  readonly cropX: number;
  readonly cropY: number;
  /** Factors for saturation, contrast, and each channel. */
  readonly saturation: number;
  readonly contrast: number;
  readonly channels: readonly [number, number, number];
  /** Standard deviation in pixels; 0 blurs nothing. */
  readonly blur: number;
  /** Rectangle that is erased, in pixels; null for none. */
  readonly erased: Rectangle | null;
}

/** From the first to before the last pixel. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

type Augmentation = TrainParameters['augmentation'];

/** Whether these parameters change pictures at all. */
export function isAugmenting({ mixup: _, ...augmentation }: Augmentation): boolean {
  return Object.values(augmentation).some(Boolean);
}

/**
 * The variation of a row in an epoch: the same on every run with this seed, in whatever order the rows are visited.
 *
 * @param size pixels per side.
 */
export function variationOf(
  { zoom = 0, colour = 0, blur = 0, erase = 0, ...augmentation }: Augmentation,
  size: number,
  { seed, epoch, row }: { seed: number; epoch: number; row: number },
): Variation {
  const random = createRandom(`${seed}/augmentation/${epoch}/${row}`);
  const either = (limit: number) => random.between(-limit, limit);
  const factor = (limit: number) => 1 + either(limit);
  // The order of the draws is part of the result: new ones come last.
  const moved = {
    flip: random.next() < 0.5 && augmentation.flip,
    shiftX: Math.round(either(augmentation.shift * size)),
    shiftY: Math.round(either(augmentation.shift * size)),
    brightness: 1 + either(augmentation.brightness),
    angle: (either(augmentation.rotate) * Math.PI) / 180,
  };
  const part = 1 - zoom * random.next();
  const free = ((1 - part) * size) / 2;
  return {
    ...moved,
    zoom: part,
    ...{ cropX: either(free), cropY: either(free) },
    ...{ saturation: factor(colour), contrast: factor(colour) },
    channels: [factor(colour / 4), factor(colour / 4), factor(colour / 4)],
    blur: random.next() < 0.5 ? random.between(0, blur * size) : 0,
    erased: random.next() < 0.5 && erase > 0 ? rectangleOf(erase, size, random) : null,
  };
}

/** A rectangle of at most a share of the sides, anywhere. */
function rectangleOf(share: number, size: number, random: Random): Rectangle {
  const width = Math.ceil(random.next() * share * size);
  const height = Math.ceil(random.next() * share * size);
  const left = random.int(size - width + 1);
  const top = random.int(size - height + 1);
  return { left, top, right: left + width, bottom: top + height };
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
  const { zoom, cropX, cropY } = variation;
  const sample = variation.angle === 0 && zoom === 1 ? nearest : bilinear;
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
      const sourceX = middle + cropX + zoom * (variation.flip ? -across : across);
      const sourceY = middle + cropY + zoom * (cosine * down - sine * right);
      sample(pixels, size, sourceX, sourceY, colour);
      tint(colour, variation);
      for (let channel = 0; channel < 3; channel++) {
        target[next++] = (colour[channel] ?? 0) * scale + shift;
      }
    }
  }
  const picture = target.subarray(offset, next);
  if (variation.blur > 0) blur(picture, size, variation.blur);
  if (variation.erased) erase(picture, size, variation.erased, 127.5 * scale + shift);
}

/** Changes brightness, channels, saturation and contrast of one pixel, 0 to 255. */
function tint(
  colour: Float64Array,
  { brightness, channels, saturation, contrast }: Variation,
): void {
  for (let channel = 0; channel < 3; channel++) {
    colour[channel] = (colour[channel] ?? 0) * brightness * (channels[channel] ?? 1);
  }
  const [red = 0, green = 0, blue = 0] = colour;
  const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
  for (let channel = 0; channel < 3; channel++) {
    const value = colour[channel] ?? 0;
    const saturated = saturation === 1 ? value : grey + (value - grey) * saturation;
    const changed = contrast === 1 ? saturated : 127.5 + (saturated - 127.5) * contrast;
    colour[channel] = Math.min(255, Math.max(0, changed));
  }
}

/** Gaussian blur in place, across and then down; the border repeats. */
function blur(picture: Float32Array, size: number, deviation: number): void {
  const reach = Math.max(1, Math.ceil(2 * deviation));
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kernel = weights.map((weight) => weight / total);
  const line = new Float64Array(size);
  for (const [step, along] of [
    [3, size * 3],
    [size * 3, 3],
  ] as const) {
    for (let start = 0; start < size; start++) {
      for (let channel = 0; channel < 3; channel++) {
        const first = start * along + channel;
        for (let at = 0; at < size; at++) line[at] = picture[first + at * step] ?? 0;
        for (let at = 0; at < size; at++) {
          let sum = 0;
          for (const [place, weight] of kernel.entries()) {
            sum += (line[clamp(at + place - reach, size)] ?? 0) * weight;
          }
          picture[first + at * step] = sum;
        }
      }
    }
  }
}

function erase(
  picture: Float32Array,
  size: number,
  { left, top, right, bottom }: Rectangle,
  value: number,
): void {
  for (let y = top; y < bottom; y++) {
    picture.fill(value, (y * size + left) * 3, (y * size + right) * 3);
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
