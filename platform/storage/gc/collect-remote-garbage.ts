import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../../lib/errors.ts';
import { type Digest, digestBytes, hexOf } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import { servedFolder } from '../../registry/index.ts';
import { condemn, forgetCondemned, readCondemned } from '../remotes/condemned.ts';
import {
  type Inventory,
  indexKey,
  objectKey,
  packKey,
  readInventory,
  recordKey,
} from '../remotes/inventory.ts';
import type { TransferOptions } from '../remotes/push.ts';
import type { Remote } from '../remotes/remote.ts';
import { assertSeen, describeDataset, readHistory, readTipsElsewhere } from './history.ts';
import { collectNeeded, localSources, type Needed, type NeededSources } from './needed.ts';

/** What gc did with a remote, or would do. */
export const RemoteGarbage = Type.Object({
  /** Keys that were condemned long enough ago. */
  deleted: Type.Array(Type.String()),
  /** Keys that nobody needs, from now on not counted as there. */
  condemned: Type.Array(Type.String()),
  /** Keys that are still waiting. */
  waiting: Type.Array(Type.String()),
});
export type RemoteGarbage = Static<typeof RemoteGarbage>;

/** When gc deletes from a remote. */
export interface RemoteGarbageOptions {
  /** Milliseconds. */
  readonly now: number;
  /** Between finding that nobody needs a key and deleting it. Longer than any push and the commit after it. */
  readonly graceMs: number;
  /** False only says what would be done. */
  readonly remove: boolean;
}

/**
 * Names what no commit of this or any other clone needs, and deletes what was named long enough ago and still is not
 * needed. A push does not count what is named as there, so it never relies on what is about to go.
 *
 * @throws MainstemError GC_INCOMPLETE if what others need cannot be known here; REMOTE_FAILED, REMOTE_CORRUPT
 */
export async function collectRemoteGarbage(
  { workspace, store, remote }: TransferOptions,
  { now, graceMs, remove }: RemoteGarbageOptions,
): Promise<RemoteGarbage> {
  const { root, signal } = workspace;
  const history = await readHistory(root, await readTipsElsewhere(root));
  const inventory = await readInventory(store, remote);
  const local = localSources(store);
  const there = remoteSources(remote, inventory);
  const needed = await collectNeeded(history, {
    blob: async (digest) => (await local.blob(digest)) ?? there.blob(digest),
    record: async (key) => (await local.record(key)) ?? there.record(key),
  });
  assertSeen(
    await Promise.all(needed.unseen.map((digest) => describeDataset(root, digest, history))),
  );
  const unneeded = unneededKeys(inventory, needed);
  const since = await readCondemned(remote, inventory.keys);
  const isDue = (key: string) => (since.get(key) ?? Number.POSITIVE_INFINITY) <= now - graceMs;
  const result = {
    deleted: unneeded.filter(isDue),
    condemned: unneeded.filter((key) => !since.has(key)),
    waiting: unneeded.filter((key) => since.has(key) && !isDue(key)),
  };
  if (!remove) return result;
  for (const key of result.deleted) {
    signal.throwIfAborted();
    await remote.remove(key);
  }
  await writeDown(remote, inventory, result, { now, since });
  return result;
}

/** New lists are written before the old ones go, so that a kill in between only names keys twice. */
async function writeDown(
  remote: Remote,
  { keys }: Inventory,
  { condemned, waiting }: RemoteGarbage,
  { now, since }: { now: number; since: ReadonlyMap<string, number> },
): Promise<void> {
  const byTime = Map.groupBy(waiting, (key) => since.get(key) ?? now);
  for (const [time, some] of byTime) await condemn(remote, some, time);
  if (condemned.length > 0) await condemn(remote, condemned, now);
  await forgetCondemned(remote, keys);
}

/** Keys in the order of deletion: indexes before their packs, so that no index stands without its pack. */
function unneededKeys({ keys, packs }: Inventory, { digests, texts }: Needed): string[] {
  const needed = new Set<string>();
  for (const digest of digests) needed.add(objectKey(digest)).add(recordKey(digest));
  for (const { name, index } of packs) {
    const isNeeded = [...index.entries()].some(({ digest }) => digests.has(digest));
    if (isNeeded) needed.add(packKey(name)).add(indexKey(name));
  }
  const unneeded = [...keys].filter((key) => {
    // What serves is no content of the store: who publishes it removes what is old.
    if (key.startsWith('condemned/') || key.startsWith(servedFolder)) return false;
    return isCollection(key) ? !isNamed(key, texts) : !needed.has(key);
  });
  const rank = (key: string) => (isCollection(key) ? 0 : key.endsWith('.idx') ? 1 : 2);
  return unneeded.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function isCollection(key: string): boolean {
  return /^(datasets|models)\//.test(key);
}

/** A collection's key ends with the first digits of its dataset or run. */
function isNamed(key: string, texts: readonly string[]): boolean {
  const digits = key.slice(key.lastIndexOf('-') + 1);
  return texts.some((text) => text.includes(digits));
}

/** Reads single blobs and stage records of a remote. */
export function remoteSources(remote: Remote, inventory: Inventory): NeededSources {
  const fetch = async (key: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'mainstem-gc-'));
    try {
      await remote.download(key, join(folder, 'content'));
      return await readFile(join(folder, 'content'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    async blob(digest) {
      const pack = inventory.packOf(digest);
      if (pack) {
        const entry = pack.index.find(digest);
        const content = await fetch(packKey(pack.name));
        if (!entry) return undefined;
        const bytes = content.subarray(entry.offset, entry.offset + entry.bytes);
        return verified(remote, packKey(pack.name), digest, bytes);
      }
      const key = objectKey(digest);
      return inventory.keys.has(key) ? verified(remote, key, digest, await fetch(key)) : undefined;
    },
    async record(key) {
      const name = recordKey(key);
      return inventory.keys.has(name) ? (await fetch(name)).toString() : undefined;
    },
  };
}

function verified(remote: Remote, key: string, expected: Digest, bytes: Uint8Array): Uint8Array {
  const found = digestBytes(bytes);
  if (found === expected) return bytes;
  const details = { address: remote.address, key, expected: hexOf(expected), found: hexOf(found) };
  throw new MainstemError('REMOTE_CORRUPT', details);
}
