import { MainstemError } from '../lib/errors.ts';
import type { ImageFormat } from './image-formats.ts';
import { isWholeJpeg } from './is-whole-jpeg.ts';
import { damagedImage, type ImageOptions } from './open-image.ts';
import { parsePlainJpeg } from './plain-jpeg.ts';

/** How much libvips puts up with: `warning` refuses what it would conceal. */
export type FailOn = 'warning' | 'error';

/**
 * Decodes a picture, but refuses a JPEG of which the decoder would invent a part. Other formats have checksums or end in an error.
 *
 * @param decode with libvips; called once more for a JPEG about which it only has something to say
 * @throws MainstemError IMAGE_UNREADABLE with `damaged` in its details, and what `decode` throws
 */
export async function decodeWhole<T>(
  bytes: Uint8Array,
  format: ImageFormat | null,
  options: ImageOptions,
  decode: (failOn: FailOn) => Promise<T>,
): Promise<T> {
  if (format?.name !== 'jpeg') return decode('error');
  // The plain decoder has found something wrong with one that is plain.
  const isDamaged = parsePlainJpeg(bytes) !== null && !mayBeWhole(bytes);
  if (isDamaged || format.endsEarly?.(viewOf(bytes))) throw damagedImage(options);
  try {
    return await decode('warning');
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    if (error instanceof MainstemError || /timeout|pixel limit/i.test(reason)) throw error;
    if (lossOfData.test(reason) || !mayBeWhole(bytes)) throw damagedImage(options);
    return decode('error');
  }
}

/** The same bytes, not a copy. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** libjpeg's words for blocks that it makes up; it also warns of odd headers and of bytes behind the last block. */
const lossOfData =
  /premature end|bad Huffman code|restart marker|found marker|extraneous bytes before marker 0x(?!d9)/i;

/** Looking takes 30 ms a megabyte, and others wait for it. */
const mostBytes = 2_000_000;

function mayBeWhole(bytes: Uint8Array): boolean {
  return bytes.length > mostBytes || isWholeJpeg(bytes) !== false;
}
