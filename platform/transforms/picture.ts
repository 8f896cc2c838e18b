import { decodeJpeg } from './decode-jpeg.ts';
import { decodeWhole } from './decode-whole.ts';
import { imageFormat } from './image-formats.ts';
import { loadSharp } from './load-sharp.ts';
import { assertPixels, type ImageOptions, openImage, withImageErrors } from './open-image.ts';
import { type PlainJpeg, parseJpegHeader, parsePlainJpeg } from './plain-jpeg.ts';
import type { Raster, Size } from './resample.ts';
import { turnUpright } from './turn-upright.ts';
import { widenPixels } from './widen-pixels.ts';

/** A picture that has been decoded: upright, sRGB, on white, and no larger than what is made of it asks for. */
export interface Picture extends Raster {
  /** Pixels of the file, upright. */
  readonly full: Size;
  /** `jpeg`, `png`, … as its first bytes say. */
  readonly format: string;
  /** EXIF orientation 1..8; 1 where it has none. */
  readonly orientation: number;
}

/** The longer side at which pictures are measured. */
export const measuredSide = 128;

/**
 * Decodes a picture, once for all that is made of it: `cropPicture` makes the network's input and `measurePicture` its
 * properties. It is shrunk while it is decoded, to a half, a quarter or an eighth, as far as both leave more than enough
 * pixels. What comes out depends on the bytes and the side alone, in training and serving alike.
 *
 * @param side pixels per side of the square that will be cropped; 1 if none will be.
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_TOO_SLOW
 */
export async function readPicture(
  bytes: Uint8Array,
  side: number,
  options: ImageOptions = {},
): Promise<Picture> {
  return readPlainPicture(bytes, side, options) ?? (await readAnyPicture(bytes, side, options));
}

/**
 * Decodes a picture on the calling thread if it is a plain, undamaged JPEG.
 *
 * @returns null for every other picture: {@link readPicture} reads those on threads of the decoder's own.
 * @throws MainstemError IMAGE_TOO_LARGE
 */
export function readPlainPicture(
  bytes: Uint8Array,
  side: number,
  options: ImageOptions = {},
): Picture | null {
  const header = parsePlainJpeg(bytes);
  if (!header) return null;
  assertPixels(header, options);
  const stored = shrink(header, side);
  const pixels = decodeJpeg(bytes, stored);
  if (!pixels) return null;
  const { orientation } = header;
  const upright = turnUpright({ pixels, ...stored }, orientation);
  return { ...upright, full: uprightOf(header), format: 'jpeg', orientation };
}

function readAnyPicture(bytes: Uint8Array, side: number, options: ImageOptions): Promise<Picture> {
  const format = imageFormat(bytes);
  return withImageErrors(options, () =>
    decodeWhole(bytes, format, options, async (failOn) => {
      const image = await openImage(bytes, { ...options, failOn });
      const { full, orientation } = uprightJpeg(bytes) ?? (await askLibvips(bytes));
      const size = shrink(full, side);
      if (size.width < full.width) image.resize({ ...size, fit: 'fill', kernel: 'lanczos3' });
      const colours = await image.raw({ depth: 'uchar' }).toBuffer();
      if (colours.length !== size.width * size.height * 3) {
        throw new Error(`${colours.length} bytes of pixels`);
      }
      const pixels = widenPixels(colours);
      return { pixels, ...size, full, format: format?.name ?? '', orientation };
    }),
  );
}

/** How a picture stands, and its pixels then. */
type Upright = Pick<Picture, 'full' | 'orientation'>;

async function askLibvips(bytes: Uint8Array): Promise<Upright> {
  const sharp = await loadSharp();
  const { autoOrient, orientation = 1 } = await sharp(bytes).metadata();
  return { full: { width: autoOrient.width, height: autoOrient.height }, orientation };
}

/** The same of a JPEG, where its head leaves no doubt: asking costs a thread's turn. */
function uprightJpeg(bytes: Uint8Array): Upright | null {
  const header = parseJpegHeader(bytes);
  return header?.isOriented ? { full: uprightOf(header), orientation: header.orientation } : null;
}

function uprightOf({ width, height, orientation }: PlainJpeg): Size {
  return orientation > 4 ? { width: height, height: width } : { width, height };
}

/** What remains at the strongest reduction that undercuts neither the square nor the measured side. */
function shrink(full: Size, side: number): Size {
  return dividedBy(full, divisorOf(full, side));
}

/** By how much a picture is shrunk while it is decoded: 1, 2, 4 or 8. */
export function divisorOf({ width, height }: Size, side: number): number {
  const divisor = [8, 4, 2].find(
    (by) => Math.min(width, height) >= side * by && Math.max(width, height) >= measuredSide * by,
  );
  return divisor ?? 1;
}

/** A size at a half, a quarter or an eighth. */
export function dividedBy({ width, height }: Size, divisor: number): Size {
  return { width: Math.ceil(width / divisor), height: Math.ceil(height / divisor) };
}
