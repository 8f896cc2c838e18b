import { servedPixels } from '../../platform/lib/served-photos.ts';
import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import { cropInput, readPictureBy } from '../../platform/transforms/index.ts';
import { assertPhotos } from '../inference/photo-limits.ts';
import { decodeBitmap } from './decode-bitmap.ts';
import { openDecoders } from './open-files.ts';

/** What the server decodes by default; one photo is decoded at a time. */
const limits = { pixels: servedPixels, pixelsInFlight: Number.POSITIVE_INFINITY };

let ready: Promise<void> | null = null;

/** Fetches what decoding needs, once. */
export function readySight(): Promise<void> {
  ready ??= openDecoders();
  return ready;
}

/**
 * Decodes, crops and scales a photo as the server does, in a browser.
 *
 * @returns [size, size, 3], row-major
 * @throws MainstemError IMAGE_UNREADABLE, IMAGE_LINE, IMAGE_TOO_LARGE
 */
export async function seePhotoOffline(
  photo: Uint8Array,
  preprocessing: ImagePreprocessing,
): Promise<Float32Array<ArrayBuffer>> {
  await readySight();
  const { size } = preprocessing;
  const [maximumPixels = 0] = assertPhotos([photo], limits).pixels;
  const picture = await readPictureBy(decodeBitmap, photo, size, { maximumPixels });
  return cropInput(picture, preprocessing);
}
