import { heapOf, type Kernels, openKernels, placesOf } from './kernels.ts';
import { loadSharp } from './load-sharp.ts';
import type { ImageOptions } from './open-image.ts';
import { measuredSide, type Picture, readPicture } from './picture.ts';
import { type Raster, resample, resampleInPlace, type Size } from './resample.ts';

/** Properties of a picture apart from what it shows, for checks, profiles and drift. */
export interface ImageProperties {
  /** Pixels after turning it upright. */
  readonly width: number;
  readonly height: number;
  /** Longer side / shorter side. */
  readonly aspect: number;
  /** Mean luminance, 0..255. */
  readonly brightness: number;
  /** Standard deviation of luminance. */
  readonly contrast: number;
  /** Variance of the Laplacian of luminance where the longer side has 128 pixels; low is blurred. */
  readonly sharpness: number;
  /** Channel means, 0..255. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** `jpeg`, `png`, … as its first bytes say. */
  readonly format: string;
  /** EXIF orientation 1..8; 1 where it has none. */
  readonly orientation: number;
}

/** The properties that profiles and drift compare. */
export const imagePropertyNames = [
  'brightness',
  'contrast',
  'sharpness',
  'red',
  'green',
  'blue',
  'aspect',
  'width',
  'height',
] as const satisfies readonly (keyof ImageProperties)[];

/** How to measure a picture. */
export interface MeasureOptions extends ImageOptions {
  /** Pixels per side of the network's input, where the same numbers must come out as beside it. @default none */
  readonly side?: number;
}

/**
 * Measures a picture on a copy whose longer side has at most 128 pixels.
 *
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW
 */
export async function measureImage(
  bytes: Uint8Array,
  { side = 1, ...options }: MeasureOptions = {},
): Promise<ImageProperties> {
  return measurePicture(await readPicture(bytes, side, options));
}

/** Measures a picture that has been decoded, in the same way. */
export function measurePicture(picture: Picture): ImageProperties {
  const { full, format, orientation } = picture;
  const aspect = Math.max(full.width, full.height) / Math.min(full.width, full.height);
  return { ...full, aspect, ...measurePixels(picture), format, orientation };
}

/** The pixels of a picture as `width×height`, from its head alone: for one that is too large to be decoded. */
export async function readImageSize(bytes: Uint8Array): Promise<string> {
  const sharp = await loadSharp();
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { width, height } = autoOrient;
  return `${width}×${height}`;
}

type PixelMeasures = Pick<
  ImageProperties,
  'brightness' | 'contrast' | 'sharpness' | 'red' | 'green' | 'blue'
>;

/** Luminance is counted in thousandths, whole numbers whose sums are exact. */
const unit = 1000;

function measurePixels(picture: Raster): PixelMeasures {
  const { kernels, at, end, width, height } = place(picture);
  const count = width * height;
  const places = placesOf([4 * count, 8 * sumCount]);
  const [luminanceAt = 0, sumsAt = 0, last = 0] = places.map((place) => end + place);
  heapOf(kernels, last);
  kernels.measure(at, luminanceAt, sumsAt, width, height);
  const sums = Array.from(new BigInt64Array(kernels.memory.buffer, sumsAt, sumCount), Number);
  const [red = 0, green = 0, blue = 0, squares = 0, edges = 0, edgeSquares = 0] = sums;
  const sum = 299 * red + 587 * green + 114 * blue;
  const inside = Math.max(0, (width - 2) * (height - 2));
  return {
    brightness: sum / count / unit,
    contrast: Math.sqrt(varianceOf(sum, squares, count)),
    sharpness: varianceOf(edges, edgeSquares, inside),
    red: red / count,
    green: green / count,
    blue: blue / count,
  };
}

/** Pixels in the memory of the kernels, row after row. */
interface PlacedPixels extends Size {
  readonly kernels: Kernels;
  readonly at: number;
  /** Where free memory begins. */
  readonly end: number;
}

/** Puts a picture there, at most as large as what is measured. */
function place(picture: Raster): PlacedPixels {
  const { width, height } = picture;
  const scale = Math.max(width, height) / measuredSide;
  if (scale <= 1) return placeWhole(picture);
  const sideOf = (length: number) => Math.max(1, Math.round(length / scale));
  const size = { width: sideOf(width), height: sideOf(height) };
  const box = { left: 0, top: 0, width, height };
  // Rows of an odd number of pixels have a gap behind them.
  if (size.width % 2 !== 0) return placeWhole(resample(picture, box, size));
  return { ...resampleInPlace(picture, box, size), ...size };
}

function placeWhole({ pixels, width, height }: Raster): PlacedPixels {
  const kernels = openKernels();
  const [at = 0, end = 0] = placesOf([pixels.length]);
  heapOf(kernels, end).set(pixels, at);
  return { kernels, at, end, width, height };
}

/** Three colours, the squares of luminance, and its Laplacian for sharpness, with its squares. */
const sumCount = 6;

/** From sums of thousandths. */
function varianceOf(sum: number, squares: number, count: number): number {
  if (count === 0) return 0;
  return Math.max(0, squares / count - (sum / count) ** 2) / unit ** 2;
}
