import exifr from 'exifr';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { inLanes } from '../../platform/lib/in-lanes.ts';
import { renderBytes } from '../../platform/lib/text.ts';
import type { BlobStore, ManifestEntry, Workspace } from '../../platform/schemas/index.ts';
import {
  countFrames,
  imageFormat,
  maximumBytes,
  measurePicture,
  namedFormat,
  printedSide,
  printPicture,
  readImageSize,
  readPicture,
} from '../../platform/transforms/index.ts';
import type { Photo } from './subjects.ts';

/** Photos being read or decoded at one time: enough to keep both the disk and the decoder busy. */
const inFlight = 4;

/**
 * Reads and measures every photo of a folder: one read and one decode each.
 *
 * @returns in the order of `entries`. @throws MainstemError STORE_MISSING, STORE_CORRUPT, INTERRUPTED
 */
export async function readPhotos(
  { reporter, signal }: Workspace,
  store: BlobStore,
  entries: readonly ManifestEntry[],
): Promise<Photo[]> {
  const progress = reporter.progress('validate', entries.length, 'photos');
  let done = 0;
  try {
    return await inLanes(entries, inFlight, async (entry) => {
      signal.throwIfAborted();
      const photo =
        entry.bytes > maximumBytes
          ? notRead(entry)
          : await readPhoto(await store.get(entry.digest), entry);
      progress.update(++done);
      return photo;
    });
  } finally {
    progress.end();
  }
}

function notRead({ path, digest, bytes }: ManifestEntry): Photo {
  const named = namedFormat(path);
  const unknown = { format: named, frames: 1, truncated: false, located: false };
  return { ...notMeasured, ...unknown, path, digest, named, tooLarge: renderBytes(bytes) };
}

async function readPhoto(bytes: Uint8Array, { path, digest }: ManifestEntry): Promise<Photo> {
  const format = imageFormat(bytes);
  const { properties, tooLarge, print } = format ? await measure(bytes) : notMeasured;
  const undecoded = properties === null && tooLarge === null;
  return {
    path,
    digest,
    format: format?.name ?? null,
    frames: properties === null ? 1 : await countFrames(bytes),
    named: namedFormat(path),
    properties,
    // Only means something for bytes that cannot be decoded: phones append videos to good photos.
    truncated: undecoded && (format?.endsEarly?.(Buffer.from(bytes)) ?? false),
    tooLarge,
    print,
    located: properties !== null && (await isLocated(bytes)),
  };
}

type Measured = Pick<Photo, 'properties' | 'tooLarge' | 'print'>;

const notMeasured: Measured = { properties: null, tooLarge: null, print: null };

/** Without properties if the photo cannot be decoded; a check reports it. */
async function measure(bytes: Uint8Array): Promise<Measured> {
  try {
    const picture = await readPicture(bytes, printedSide);
    const properties = measurePicture(picture);
    return { ...notMeasured, properties, print: printPicture(picture) };
  } catch (error) {
    if (!isMainstemError(error, 'IMAGE_TOO_LARGE')) return notMeasured;
    return { ...notMeasured, tooLarge: await readImageSize(bytes) };
  }
}

async function isLocated(bytes: Uint8Array): Promise<boolean> {
  // exifr throws for formats that carry no EXIF data.
  const place = await exifr.gps(bytes).catch(() => undefined);
  return place?.latitude !== undefined;
}
