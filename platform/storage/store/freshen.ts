import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { objectFile, packFile, type Store } from './store.ts';

/**
 * Marks the files that hold blobs as used now, so that a gc that runs at the same time keeps them, although nothing
 * that is committed needs them yet.
 *
 * @throws MainstemError STORE_MISSING if a blob was deleted a moment ago; NodeJS.ErrnoException where it may not be marked
 */
export async function freshen(store: Store, digests: Iterable<Digest>): Promise<void> {
  const files = new Map<string, Digest>();
  for (const digest of digests) {
    const place = store.packs.find(digest);
    files.set(place ? packFile(place.pack.name) : objectFile(store, digest), digest);
  }
  const now = new Date();
  for (const [file, digest] of files) {
    const wasVerified = store.verified.has(file);
    await utimes(join(store.folder, file), now, now).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
      store.packs.refresh();
      throw new MainstemError('STORE_MISSING', { digest, what: '' }, { cause });
    });
    // Its times are part of the state in which it was verified.
    if (wasVerified) store.verified.add(file);
  }
  await store.verified.save();
}
