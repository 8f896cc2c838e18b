import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { ReferenceProfile } from '../../platform/schemas/index.ts';
import { parsePlainJpeg, readPicture } from '../../platform/transforms/index.ts';
import type { PhotoResult, PlainJpeg } from './messages.ts';
import { type ServedModel, sessionOf } from './models.ts';
import { assertPhotos, type PhotoLimits } from './photo-limits.ts';
import type { Pool } from './pool.ts';
import { createTurns, runAll, type Turns } from './turns.ts';

/** Computes photos within limits that hold for all requests together. */
export interface Photos {
  /**
   * Decodes, measures and computes photos the same way as training, in their order.
   *
   * @param signal stops the photos that are not yet being decoded.
   * @param kept whether the inputs are wanted, to compute more of them.
   * @throws MainstemError IMAGE_* with the photo's position, from 0, in `details.file`; REQUEST_TYPE, SERVING_*
   */
  compute(
    model: ServedModel,
    photos: readonly Uint8Array[],
    signal: AbortSignal,
    kept?: boolean,
  ): Promise<PhotoResult[]>;
}

/** Limits of photos. */
export interface PhotosLimits extends PhotoLimits {
  /** Threads that compute, and photos that libvips decodes at the same time. */
  readonly workers: number;
  /** Seconds that decoding a photo by libvips may take. */
  readonly decodeSeconds: number;
}

/**
 * Creates what computes photos; all requests share one. A plain JPEG goes to a worker thread, which decodes and computes it;
 * every other photo is decoded by libvips, on threads of its own and in turns, before a worker gets it.
 *
 * @example (await createPhotos(pool, config).compute(model, [jpeg], signal))[0]?.output // logits
 */
export function createPhotos(pool: Pool, limits: PhotosLimits): Photos {
  // A worker has the next photo at hand when it is done; the others wait here, where they can be given up.
  const computing = createTurns(2 * limits.workers);
  const decoding = createTurns(limits.workers);
  let inFlight = 0;
  return {
    async compute(model, photos, signal, kept = false) {
      const { pixels, effort } = assertPhotos(photos, limits);
      if (inFlight > 0 && inFlight + effort > limits.pixelsInFlight) {
        throw new MainstemError('SERVING_BUSY', { reason: 'it is decoding all the pixels it can' });
      }
      inFlight += effort;
      const work = (photo: Uint8Array, file: number) => {
        const options = {
          maximumPixels: pixels[file] ?? 0,
          maximumSeconds: limits.decodeSeconds,
        };
        return computePhoto({ pool, model, kept, decoding, signal }, photo, options).catch(
          (error) => {
            throw isMainstemError(error) ? explain(error, file) : error;
          },
        );
      };
      try {
        return await runAll(computing, signal, photos, work);
      } finally {
        inFlight -= effort;
      }
    },
  };
}

interface Computing {
  readonly pool: Pool;
  readonly model: ServedModel;
  readonly kept: boolean;
  readonly decoding: Turns;
  readonly signal: AbortSignal;
}

interface Limits {
  readonly maximumPixels: number;
  readonly maximumSeconds: number;
}

async function computePhoto(
  { pool, model, kept, decoding, signal }: Computing,
  photo: Uint8Array,
  limits: Limits,
): Promise<PhotoResult> {
  const { name, record } = model;
  const session = sessionOf(model);
  const { preprocessing, evaluation } = record;
  if (preprocessing.kind !== 'image') throw new TypeError(`${name} takes no photos`);
  const rules = { preprocessing, measured: comparesPictures(evaluation.profile), kept };
  const plain = plainJpegOf(photo, limits);
  const computed = plain && (await pool.runPhoto(session, { source: plain, ...rules }, signal));
  if (computed) return computed;
  const began = performance.now();
  const picture = await decoding(signal, () => readPicture(photo, preprocessing.size, limits));
  const decodeSeconds = (performance.now() - began) / 1000;
  const result = await pool.runPhoto(session, { source: picture, ...rules }, signal);
  if (!result) throw new TypeError('a picture that was decoded could not be computed');
  return { ...result, decodeSeconds };
}

/** A copy of the bytes, which moves to a worker; null for a photo that libvips must decode. */
function plainJpegOf(photo: Uint8Array, { maximumPixels }: Limits): PlainJpeg | null {
  return parsePlainJpeg(photo) && { jpeg: new Uint8Array(photo), maximumPixels };
}

/** The score is no property of the picture: it comes from the network. */
function comparesPictures({ bins }: ReferenceProfile): boolean {
  return bins.some(({ name }) => name !== 'score');
}

/** The decoder's own words say nothing to the people who send photos. */
function explain(error: MainstemError, file: number): MainstemError {
  if (!error.code.startsWith('IMAGE_')) return error;
  const damaged =
    error.code === 'IMAGE_UNREADABLE' ? { reason: 'it is damaged or incomplete' } : {};
  const details = { ...error.details, ...damaged, file };
  return MainstemError.again(error.code, details, { cause: error });
}
