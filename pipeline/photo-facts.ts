import { MainstemError } from '../platform/lib/errors.ts';
import { evenly } from '../platform/lib/evenly.ts';
import type { Digest } from '../platform/lib/hash.ts';
import { inLanes } from '../platform/lib/in-lanes.ts';
import type { BlobStore, DataReview, Example } from '../platform/schemas/index.ts';
import { imagePropertyNames, measureImage } from '../platform/transforms/index.ts';
import type { PhotoFacts } from './review-data.ts';
import { placeTags, readPhotoNotes } from './validation/index.ts';

/** Photos that are measured of what was there, and of what was added; photos whose notes are read. */
const [mostMeasured, mostRead] = [400, 2000];
const mostExamples = 3;
/** sharp decodes on four threads. */
const inFlight = 4;

/** What a camera or a program writes into a photo beside its pixels, by what it gives away, and the tags that hold it. */
const traces: Readonly<Record<string, readonly string[]>> = {
  'where it was taken': placeTags,
  'a serial number': ['SerialNumber', 'BodySerialNumber', 'LensSerialNumber', 'CameraSerialNumber'],
  'a name of a person or an owner': [
    ...['OwnerName', 'CameraOwnerName', 'Artist', 'XPAuthor', 'Byline', 'creator', 'Copyright'],
  ],
  'words about it': ['ImageDescription', 'UserComment', 'XPComment', 'XPTitle', 'Caption'],
  'a small copy, which may show what was cut off': ['ThumbnailOffset', 'ThumbnailLength'],
  'when it was taken': ['DateTimeOriginal', 'CreateDate', 'DateCreated'],
  'the model of the camera': ['Model'],
};

/**
 * Measures some photos that were there and some that were added, and reads what the added ones carry beside their pixels.
 * Photos that the store lacks, or that cannot be decoded, are left out.
 *
 * @throws MainstemError STORE_CORRUPT
 */
export async function readPhotoFacts(
  store: BlobStore,
  before: readonly Example[],
  added: readonly Example[],
): Promise<PhotoFacts> {
  const read = evenly(added, mostRead);
  return {
    before: await measureAll(store, evenly(before, mostMeasured)),
    added: await measureAll(store, evenly(added, mostMeasured)),
    privacy: {
      ...{ examined: read.length, of: added.length },
      traces: countTraces(
        read,
        await inLanes(read, inFlight, (one) => readTraces(store, one.digest)),
      ),
    },
  };
}

async function measureAll(
  store: BlobStore,
  examples: readonly Example[],
): Promise<Record<string, string>[]> {
  const found = await inLanes(examples, inFlight, ({ digest }) => measure(store, digest));
  return found.filter((properties) => properties !== null);
}

async function measure(store: BlobStore, digest: Digest): Promise<Record<string, string> | null> {
  try {
    const properties = await measureImage(await store.get(digest));
    return Object.fromEntries(
      imagePropertyNames.map((name) => [`photo ${name}`, String(properties[name])]),
    );
  } catch (error) {
    if (error instanceof MainstemError) return null;
    throw error;
  }
}

/** What a photo gives away; nothing for a format that carries no such notes. */
async function readTraces(store: BlobStore, digest: Digest): Promise<string[]> {
  const bytes = await store.get(digest).catch(() => null);
  if (!bytes) return [];
  const known = await readPhotoNotes(bytes);
  return Object.entries(traces).flatMap(([name, tags]) =>
    tags.some((tag) => known.has(tag)) ? [name] : [],
  );
}

function countTraces(
  examples: readonly Example[],
  found: readonly (readonly string[])[],
): NonNullable<DataReview['privacy']>['traces'] {
  return Object.keys(traces).flatMap((name) => {
    const carriers = examples.filter((_, at) => found[at]?.includes(name));
    if (carriers.length === 0) return [];
    const ids = carriers.slice(0, mostExamples).map(({ id }) => id);
    return [{ name, count: carriers.length, examples: ids }];
  });
}
