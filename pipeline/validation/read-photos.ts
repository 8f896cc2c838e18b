import { inLanes } from '../../platform/lib/in-lanes.ts';
import { mostThreads, openThreadsFor } from '../../platform/lib/threads.ts';
import type { BlobStore, ManifestEntry, Workspace } from '../../platform/schemas/index.ts';
import { maximumBytes } from '../../platform/transforms/index.ts';
import { describeUnread, readPhoto } from './read-photo.ts';
import type { Photo } from './subjects.ts';

/** Each core decodes one while another is read. */
const inFlight = 2 * mostThreads;

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
  const worker = new URL('./read-worker.ts', import.meta.url);
  await using threads = openThreadsFor(entries.length, worker, readPhoto);
  try {
    return await inLanes(entries, inFlight, async (entry) => {
      signal.throwIfAborted();
      const photo =
        entry.bytes > maximumBytes
          ? describeUnread(entry)
          : await threads.run({ entry, bytes: await store.get(entry.digest) });
      progress.update(++done);
      return photo;
    });
  } finally {
    progress.end();
  }
}
