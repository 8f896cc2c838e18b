import {
  mostUnequalSides,
  servedFormats,
  servedPixels,
  shrinkFactor,
} from '../lib/served-photos.ts';
import { imageFormat, imageFormats } from './image-formats.ts';
import { type PhotoHeader, parsePhotoHeader } from './photo-header.ts';

/** Why the server takes no such photo. */
export interface PhotoRefusal {
  /** Words that follow "it" or "its". */
  readonly reason: string;
  /** The most pixels that it may have, where it has more. */
  readonly limit?: number;
  /** Whether it is a picture whose sides are too unequal. */
  readonly isLine?: boolean;
}

const served = imageFormats.filter(({ name }) => servedFormats.includes(name));

/** The formats that the server takes, for a sentence: `JPEG, PNG or WebP`. */
export const servedNames: string = served
  .map(({ label }) => label)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

/**
 * Decides by its first bytes whether the server takes a photo, before anything is decoded. Validation names by it what a model would
 * learn from though nobody could ask about it.
 *
 * @param pixels that a photo may have @returns its header, or why it is refused
 * @example refusePhoto(tiff) // { reason: 'it is TIFF, not JPEG, PNG or WebP' }
 */
export function refusePhoto(
  photo: Uint8Array,
  pixels: number = servedPixels,
): PhotoHeader | PhotoRefusal {
  const format = imageFormat(photo);
  if (!format) return { reason: `it is not a ${servedNames} picture` };
  if (!served.includes(format)) return { reason: `it is ${format.label}, not ${servedNames}` };
  const header = parsePhotoHeader(photo);
  if (!header) return { reason: 'its header is damaged' };
  const { width, height, shrinks } = header;
  const limit = pixels * (shrinks ? shrinkFactor : 1);
  const size = `its ${width} × ${height} pixels`;
  if (width * height > limit) {
    return { reason: `${size} are more than ${limit / 1e6} million`, limit };
  }
  if (Math.max(width, height) > mostUnequalSides * Math.min(width, height)) {
    return { reason: `${size} are a line, not a picture`, isLine: true };
  }
  return header;
}
