import { decodeJpeg } from './decode-jpeg.ts';
import { type ImageFormat, imageFormat } from './image-formats.ts';
import { isWholeJpeg } from './is-whole-jpeg.ts';
import { assertPixels, damagedImage, type ImageOptions, withImageErrors } from './open-image.ts';
import { dividedBy, divisorOf, readPlainPicture } from './picture.ts';
import { parseJpegHeader } from './plain-jpeg.ts';
import { type Raster, resample } from './resample.ts';
import { turnUpright } from './turn-upright.ts';

/** Decodes a picture of any format at full size: upright, sRGB, on white. It throws an Error where it cannot. */
export type DecodeRaster = (bytes: Uint8Array, format: ImageFormat) => Promise<Raster>;

/**
 * Decodes a picture where there is no libvips, as in a browser. A plain JPEG has the very pixels that it has in training and
 * serving. Other JPEGs in sRGB are decoded by the same libjpeg-turbo, at twice the size that is wanted, then resized by our own
 * kernels, which comes nearest to what libvips does; all other pictures are decoded by `decode`.
 *
 * @param side pixels per side of the square that will be cropped
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function readPictureBy(
  decode: DecodeRaster,
  bytes: Uint8Array,
  side: number,
  options: ImageOptions = {},
): Promise<Raster> {
  const plain = readPlainPicture(bytes, side, options);
  if (plain) return plain;
  const format = imageFormat(bytes);
  if (!format?.readable || format.endsEarly?.(Buffer.from(bytes))) throw damagedImage(options);
  const jpeg = format.name === 'jpeg' ? readJpeg(bytes, side, options) : null;
  return jpeg ?? withImageErrors(options, async () => reduce(await decode(bytes, format), side));
}

/**
 * A JPEG that is not plain; null for one that must be decoded otherwise: with another colour profile, or one that is whole
 * though the decoder complains of it. Of a progressive one nobody can tell that, so it is refused.
 */
function readJpeg(bytes: Uint8Array, side: number, options: ImageOptions): Raster | null {
  const header = parseJpegHeader(bytes);
  if (header) {
    assertPixels(header, options);
    const raster = decodeReduced(bytes, header, side);
    if (raster) return turnUpright(raster, header.orientation);
  }
  const isWhole = isWholeJpeg(bytes);
  if (isWhole === false || (header && isWhole === null)) throw damagedImage(options);
  return null;
}

/** At half the reduction, then resized: libvips leaves the last halving to the better filter, too. */
function decodeReduced(
  bytes: Uint8Array,
  full: { readonly width: number; readonly height: number },
  side: number,
): Raster | null {
  const divisor = divisorOf(full, side);
  const by = Math.max(1, divisor / 2);
  const size = dividedBy(full, by);
  const pixels = decodeJpeg(bytes, size);
  if (!pixels || divisor === 1) return pixels && { pixels, ...size };
  // The last column and row may be there in part only.
  const box = { left: 0, top: 0, width: full.width / by, height: full.height / by };
  return resample({ pixels, ...size }, box, dividedBy(full, divisor));
}

function reduce(raster: Raster, side: number): Raster {
  const divisor = divisorOf(raster, side);
  if (divisor === 1) return raster;
  const { width, height } = raster;
  return resample(raster, { left: 0, top: 0, width, height }, dividedBy(raster, divisor));
}
