import { utimes } from 'node:fs/promises';
import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import type { Store } from './store.ts';

/**
 * Marks the files that hold blobs as used now, so that a gc that runs at the same time keeps them, although nothing
 * that is committed needs them yet.
 *
 * @throws MainstemError STORE_MISSING if a blob was deleted a moment ago
 */
export async function freshen(store: Store, digests: Iterable<Digest>): Promise<void> {
  const files = new Map<string, Digest>();
  for (const digest of digests) {
    const place = store.packs.find(digest);
    files.set(place ? place.pack.path : store.objects.pathOf(digest), digest);
  }
  const now = new Date();
  for (const [path, digest] of files) {
    await utimes(path, now, now).catch((cause: unknown) => {
      store.packs.refresh();
      throw new MainstemError('STORE_MISSING', { digest, what: '' }, { cause });
    });
  }
}
