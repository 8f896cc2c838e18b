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

/**
 * Writes the picture of a row as network input, in its variation of an epoch.
 *
 * @param pixels as {@link augmentImage} takes them @param target where its values begin
 */
export function augmentRow(
  pixels: Uint8Array,
  preprocessing: ImagePreprocessing,
  augmentation: Augmentation,
  place: { readonly seed: number; readonly epoch: number; readonly row: number },
  target: { readonly values: Float32Array; readonly offset: number },
): void {
  const variation = variationOf(augmentation, preprocessing.size, place);
  augmentImage(pixels, preprocessing, variation, target.values, target.offset);
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
  const { zoom, cropX, cropY, angle, flip } = variation;
  const sample = angle === 0 && zoom === 1 ? nearest : bilinear;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const middle = (size - 1) / 2;
  // Row by row, so that each pass is a loop of its own over values that stay in the cache.
  const xs = new Float64Array(size);
  const ys = new Float64Array(size);
  const line = new Float64Array(size * 3);
  let next = offset;
  for (let y = 0; y < size; y++) {
    const down = y - middle - variation.shiftY;
    for (let x = 0; x < size; x++) {
      const right = x - middle - variation.shiftX;
      const across = cosine * right + sine * down;
      xs[x] = middle + cropX + zoom * (flip ? -across : across);
      ys[x] = middle + cropY + zoom * (cosine * down - sine * right);
    }
    sample(pixels, size, { xs, ys }, line);
    tint(line, variation);
    for (let at = 0; at < line.length; at++) target[next++] = (line[at] ?? 0) * scale + shift;
  }
  const picture = target.subarray(offset, next);
  if (variation.blur > 0) blur(picture, size, variation.blur);
  if (variation.erased) erase(picture, size, variation.erased, 127.5 * scale + shift);
}

/** Changes brightness, channels, saturation and contrast of pixels, 0 to 255. */
function tint(line: Float64Array, { brightness, channels, saturation, contrast }: Variation): void {
  const [ofRed, ofGreen, ofBlue] = channels;
  const isPlain = saturation === 1 && contrast === 1;
  for (let at = 0; at < line.length; at += 3) {
    const red = (line[at] ?? 0) * brightness * ofRed;
    const green = (line[at + 1] ?? 0) * brightness * ofGreen;
    const blue = (line[at + 2] ?? 0) * brightness * ofBlue;
    const grey = isPlain ? 0 : 0.299 * red + 0.587 * green + 0.114 * blue;
    line[at] = changed(red, grey, saturation, contrast);
    line[at + 1] = changed(green, grey, saturation, contrast);
    line[at + 2] = changed(blue, grey, saturation, contrast);
  }
}

/** A value with another saturation and contrast. A factor of 1 changes no bit. */
function changed(value: number, grey: number, saturation: number, contrast: number): number {
  const saturated = saturation === 1 ? value : grey + (value - grey) * saturation;
  const contrasted = contrast === 1 ? saturated : 127.5 + (saturated - 127.5) * contrast;
  return Math.min(255, Math.max(0, contrasted));
}

/** Gaussian blur in place, across and then down; the border repeats. */
function blur(picture: Float32Array, size: number, deviation: number): void {
  const kernel = blurKernel(deviation);
  const reach = (kernel.length - 1) / 2;
  // With the border repeated at both ends.
  const line = new Float64Array(size + 2 * reach);
  for (const [step, along] of [
    [3, size * 3],
    [size * 3, 3],
  ] as const) {
    for (let start = 0; start < size; start++) {
      for (let channel = 0; channel < 3; channel++) {
        blurLine(picture, start * along + channel, step, size, { line, kernel });
      }
    }
  }
}

function blurKernel(deviation: number): Float64Array {
  const reach = Math.max(1, Math.ceil(2 * deviation));
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Blurs `size` values, each `step` after the one before. @param line is written over */
function blurLine(
  picture: Float32Array,
  first: number,
  step: number,
  size: number,
  { line, kernel }: { readonly line: Float64Array; readonly kernel: Float64Array },
): void {
  const taps = kernel.length;
  const reach = (taps - 1) / 2;
  for (let at = 0; at < line.length; at++) {
    line[at] = picture[first + clamp(at - reach, size) * step] ?? 0;
  }
  for (let at = 0; at < size; at++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += (line[at + tap] ?? 0) * (kernel[tap] ?? 0);
    picture[first + at * step] = sum;
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

/** Points in a picture. */
interface Points {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** Reads the pixels at points with integer coordinates. */
function nearest(pixels: Uint8Array, size: number, { xs, ys }: Points, line: Float64Array): void {
  let next = 0;
  for (let point = 0; point < size; point++) {
    const at = (clamp(ys[point] ?? 0, size) * size + clamp(xs[point] ?? 0, size)) * 3;
    line[next++] = pixels[at] ?? 0;
    line[next++] = pixels[at + 1] ?? 0;
    line[next++] = pixels[at + 2] ?? 0;
  }
}

/** Interpolates between the four pixels around each point. */
function bilinear(pixels: Uint8Array, size: number, { xs, ys }: Points, line: Float64Array): void {
  let next = 0;
  for (let point = 0; point < size; point++) {
    const x = xs[point] ?? 0;
    const y = ys[point] ?? 0;
    const left = Math.floor(x);
    const top = Math.floor(y);
    const near = clamp(left, size) * 3;
    const far = clamp(left + 1, size) * 3;
    const upper = clamp(top, size) * size * 3;
    const lower = clamp(top + 1, size) * size * 3;
    for (let channel = 0; channel < 3; channel++) {
      const above = mix(pixels, upper + near + channel, upper + far + channel, x - left);
      const below = mix(pixels, lower + near + channel, lower + far + channel, x - left);
      line[next++] = above + (below - above) * (y - top);
    }
  }
}

function mix(pixels: Uint8Array, first: number, second: number, part: number): number {
  return (pixels[first] ?? 0) * (1 - part) + (pixels[second] ?? 0) * part;
}

function clamp(value: number, size: number): number {
  return value < 0 ? 0 : value >= size ? size - 1 : value;
}
