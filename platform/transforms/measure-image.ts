import sharp from 'sharp';
import { imageFormat } from './image-formats.ts';
import { type ImageOptions, openImage, withImageErrors } from './open-image.ts';

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

const measuredSide = 128;

/**
 * Measures a picture on a copy whose longer side has at most 128 pixels; a JPEG is never decoded at full size.
 *
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW
 */
export function measureImage(
  bytes: Uint8Array,
  options: ImageOptions = {},
): Promise<ImageProperties> {
  return withImageErrors(options, async () => {
    const shrunk = openImage(bytes, options)
      .resize(measuredSide, measuredSide, { fit: 'inside', withoutEnlargement: true })
      .raw({ depth: 'uchar' });
    const { data, info } = await shrunk.toBuffer({ resolveWithObject: true });
    const { autoOrient, orientation = 1 } = await sharp(bytes).metadata();
    const { width, height } = autoOrient;
    const aspect = Math.max(width, height) / Math.min(width, height);
    const format = imageFormat(bytes)?.name ?? '';
    return { width, height, aspect, ...measurePixels(data, info.width), format, orientation };
  });
}

/** The pixels of a picture as `width×height`, from its head alone: for one that is too large to be decoded. */
export async function readImageSize(bytes: Uint8Array): Promise<string> {
  const { width, height } = (await sharp(bytes, { limitInputPixels: false }).metadata()).autoOrient;
  return `${width}×${height}`;
}

type PixelMeasures = Pick<
  ImageProperties,
  'brightness' | 'contrast' | 'sharpness' | 'red' | 'green' | 'blue'
>;

function measurePixels(pixels: Uint8Array, width: number): PixelMeasures {
  const count = pixels.length / 3;
  const luminance = new Float64Array(count);
  const sums = [0, 0, 0] as [number, number, number];
  for (let index = 0; index < count; index++) {
    const red = pixels[index * 3] ?? 0;
    const green = pixels[index * 3 + 1] ?? 0;
    const blue = pixels[index * 3 + 2] ?? 0;
    sums[0] += red;
    sums[1] += green;
    sums[2] += blue;
    luminance[index] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  const { mean: brightness, variance } = momentsOf(luminance);
  return {
    brightness,
    contrast: Math.sqrt(variance),
    sharpness: momentsOf(laplacian(luminance, width)).variance,
    red: sums[0] / count,
    green: sums[1] / count,
    blue: sums[2] / count,
  };
}

/** The 4-neighbour Laplacian of every pixel that has four neighbours. */
function laplacian(values: Float64Array, width: number): Float64Array {
  const height = values.length / width;
  const result = new Float64Array(Math.max(0, (width - 2) * (height - 2)));
  const at = (index: number) => values[index] ?? 0;
  let next = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const here = y * width + x;
      result[next++] =
        at(here - 1) + at(here + 1) + at(here - width) + at(here + width) - 4 * at(here);
    }
  }
  return result;
}

function momentsOf(values: Float64Array): { mean: number; variance: number } {
  if (values.length === 0) return { mean: 0, variance: 0 };
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, variance: squares / values.length };
}
