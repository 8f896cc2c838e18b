import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { ImagePreprocessing, ReferenceProfile } from '../../platform/schemas/index.ts';
import { decodeImage, measureImage, scaleImage } from '../../platform/transforms/index.ts';

/** What was measured about an input: image properties, table columns, its score. */
export type Properties = Readonly<Record<string, number | string | null>>;

/**
 * Decodes photos the same way as training.
 *
 * @param size pixels per side.
 * @returns size × size × 3 bytes per photo.
 * @throws MainstemError IMAGE_* with the photo's position, from 0, in `details.file`
 */
export function decodePhotos(photos: readonly Uint8Array[], size: number): Promise<Uint8Array[]> {
  return Promise.all(
    photos.map((photo, file) =>
      decodeImage(photo, size).catch((error) => {
        if (!isMainstemError(error)) throw error;
        throw new MainstemError(error.code, { ...error.details, file }, { cause: error });
      }),
    ),
  );
}

/**
 * Scales decoded photos to the network's input.
 *
 * @param pixels size × size × 3 bytes per photo.
 * @returns [photos, size, size, 3], row-major.
 */
export function scalePhotos(
  pixels: readonly Uint8Array[],
  preprocessing: ImagePreprocessing,
): Float32Array<ArrayBuffer> {
  const width = preprocessing.size * preprocessing.size * 3;
  const input = new Float32Array(pixels.length * width);
  pixels.forEach((photo, index) => {
    scaleImage(photo, preprocessing, input, index * width);
  });
  return input;
}

/**
 * Measures the image properties in the reference profile; empty if the profile has none. A photo that cannot be
 * measured cannot be decoded either: {@link decodePhotos} reports it, with the photo's position.
 */
export async function measurePhotos(
  photos: readonly Uint8Array[],
  profile: ReferenceProfile,
): Promise<Properties[]> {
  if (profile.bins.length === 0) return photos.map(() => ({}));
  return Promise.all(
    photos.map((photo) => measureImage(photo).then((properties) => ({ ...properties }), nothing)),
  );
}

const nothing = (): Properties => ({});
