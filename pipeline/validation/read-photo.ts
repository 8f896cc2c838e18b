import { isMainstemError } from '../../platform/lib/errors.ts';
import { renderBytes } from '../../platform/lib/text.ts';
import type { ManifestEntry } from '../../platform/schemas/index.ts';
import {
  countFrames,
  imageFormat,
  isWholeJpeg,
  measurePicture,
  namedFormat,
  printedSide,
  printPicture,
  readImageSize,
  readPicture,
  refusePhoto,
} from '../../platform/transforms/index.ts';
import { placeTags, readPhotoNotes } from './photo-notes.ts';
import type { Photo } from './subjects.ts';

/** A photo with its bytes. */
export interface StoredPhoto {
  readonly entry: ManifestEntry;
  readonly bytes: Uint8Array;
}

/** What is known of a photo that is too large to be read. */
export function describeUnread({ path, digest, bytes }: ManifestEntry): Photo {
  const named = namedFormat(path);
  const unknown = { format: named, frames: 1, truncated: false, unserved: null, located: false };
  return { ...notMeasured, ...unknown, path, digest, named, tooLarge: renderBytes(bytes) };
}

/** Measures a photo. */
export async function readPhoto({ entry, bytes }: StoredPhoto): Promise<Photo> {
  const { path, digest } = entry;
  const format = imageFormat(bytes);
  const { damaged, ...measured } = format ? await measure(bytes) : notMeasured;
  const { properties, tooLarge } = measured;
  const undecoded = properties === null && tooLarge === null;
  // Only means something for bytes that cannot be decoded: phones append videos to good photos.
  const truncated = undecoded && (format?.endsEarly?.(Buffer.from(bytes)) ?? false);
  return {
    path,
    digest,
    format: format?.name ?? null,
    frames: properties === null ? 1 : await countFrames(bytes),
    named: namedFormat(path),
    ...measured,
    truncated,
    damaged: damaged && !truncated,
    unserved: whyUnserved(bytes),
    located: await isLocated(bytes),
  };
}

function whyUnserved(bytes: Uint8Array): string | null {
  const found = refusePhoto(bytes);
  return 'reason' in found ? found.reason : null;
}

type Measured = Pick<Photo, 'properties' | 'tooLarge' | 'print' | 'damaged'>;

const notMeasured: Measured = { properties: null, tooLarge: null, print: null, damaged: false };

/** Without properties if the photo cannot be decoded; a check reports it. */
async function measure(bytes: Uint8Array): Promise<Measured> {
  try {
    const picture = await readPicture(bytes, printedSide);
    // A decoder conceals some damage that this finds, and there is time for it here.
    if (isWholeJpeg(bytes) === false) return { ...notMeasured, damaged: true };
    const properties = measurePicture(picture);
    return { ...notMeasured, properties, print: printPicture(picture) };
  } catch (error) {
    if (!isMainstemError(error, 'IMAGE_TOO_LARGE')) {
      const damaged = isMainstemError(error) && error.details.damaged === true;
      return { ...notMeasured, damaged };
    }
    return { ...notMeasured, tooLarge: await readImageSize(bytes) };
  }
}

async function isLocated(bytes: Uint8Array): Promise<boolean> {
  const notes = await readPhotoNotes(bytes);
  return placeTags.some((tag) => notes.has(tag));
}
