import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { ImagePreprocessing, ReferenceProfile } from '../../platform/schemas/index.ts';
import {
  cropPicture,
  measurePicture,
  readPicture,
  scaleImage,
} from '../../platform/transforms/index.ts';
import { assertPhotos, type PhotoLimits } from './photo-limits.ts';
import { createTurns, runAll } from './turns.ts';

/** What was measured about an input: image properties, table columns, its score. */
export type Properties = Readonly<Record<string, number | string | null>>;

/** A photo as the network and the profile see it. */
export interface DecodedPhoto {
  /** size × size × 3 bytes. */
  readonly pixels: Uint8Array;
  /** What the reference profile compares; empty if it compares nothing of the picture. */
  readonly properties: Properties;
}

/** How photos are decoded for a model. */
export interface DecodingRules {
  /** Pixels per side. */
  readonly size: number;
  readonly profile: ReferenceProfile;
}

/** Decodes photos within limits that hold for all requests together. */
export interface Decoder {
  /**
   * Decodes and measures photos the same way as training, in their order.
   *
   * @param signal stops the photos that are not yet being decoded.
   * @throws MainstemError IMAGE_* with the photo's position, from 0, in `details.file`; SERVING_BUSY
   */
  decode(
    photos: readonly Uint8Array[],
    rules: DecodingRules,
    signal: AbortSignal,
  ): Promise<DecodedPhoto[]>;
}

/** Limits of a decoder. */
export interface DecoderLimits extends PhotoLimits {
  /** Photos that are decoded at the same time. */
  readonly workers: number;
  /** Seconds that decoding a photo may take. */
  readonly decodeSeconds: number;
}

/**
 * Creates a decoder; all requests share one.
 *
 * @example await createDecoder(config).decode([jpeg], { size: 64, profile }, signal) // [{ pixels, properties }]
 */
export function createDecoder(limits: DecoderLimits): Decoder {
  const turns = createTurns(limits.workers);
  let inFlight = 0;
  return {
    async decode(photos, rules, signal) {
      const { pixels, effort } = assertPhotos(photos, limits);
      if (inFlight > 0 && inFlight + effort > limits.pixelsInFlight) {
        throw new MainstemError('SERVING_BUSY', { reason: 'it is decoding all the pixels it can' });
      }
      inFlight += effort;
      const decode = (photo: Uint8Array, file: number) =>
        decodePhoto(photo, file, rules, {
          maximumPixels: pixels[file] ?? 0,
          maximumSeconds: limits.decodeSeconds,
        });
      try {
        return await runAll(turns, signal, photos, decode);
      } finally {
        inFlight -= effort;
      }
    },
  };
}

/** Decodes one photo, once for the network and for the profile. */
async function decodePhoto(
  photo: Uint8Array,
  file: number,
  { size, profile }: DecodingRules,
  options: { readonly maximumPixels: number; readonly maximumSeconds: number },
): Promise<DecodedPhoto> {
  try {
    const picture = await readPicture(photo, size, options);
    const pixels = cropPicture(picture, size);
    if (!comparesPictures(profile)) return { pixels, properties: {} };
    return { pixels, properties: { ...measurePicture(picture) } };
  } catch (error) {
    throw isMainstemError(error) ? explain(error, file) : error;
  }
}

/** The score is no property of the picture: it comes from the network. */
function comparesPictures({ bins }: ReferenceProfile): boolean {
  return bins.some(({ name }) => name !== 'score');
}

/** The decoder's own words say nothing to the people who send photos. */
function explain(error: MainstemError, file: number): MainstemError {
  const damaged =
    error.code === 'IMAGE_UNREADABLE' ? { reason: 'it is damaged or incomplete' } : {};
  return new MainstemError(error.code, { ...error.details, ...damaged, file }, { cause: error });
}

/**
 * Scales decoded photos to the network's input.
 *
 * @returns [photos, size, size, 3], row-major.
 */
export function scalePhotos(
  photos: readonly DecodedPhoto[],
  preprocessing: ImagePreprocessing,
): Float32Array<ArrayBuffer> {
  const width = preprocessing.size * preprocessing.size * 3;
  const input = new Float32Array(photos.length * width);
  photos.forEach(({ pixels }, index) => {
    scaleImage(pixels, preprocessing, input, index * width);
  });
  return input;
}
