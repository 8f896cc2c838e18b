import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { sweepLeftovers } from '../../lib/leftovers.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import type { Workspace } from '../../schemas/index.ts';
import { digestLarge } from '../store/object-folder.ts';
import { openPackFolder, type PackFolder } from '../store/pack-folder.ts';
import { largeBytes } from '../store/read-small.ts';
import { packBytes, type Store } from '../store/store.ts';
import { condemn } from './condemned.ts';
import { describeCollections } from './describe-collections.ts';
import {
  type Inventory,
  indexKey,
  lostIndexes,
  objectKey,
  packKey,
  readInventory,
} from './inventory.ts';
import type { References } from './references.ts';
import type { Remote } from './remote.ts';
import { sendRecords } from './send-records.ts';

/** The result of a push or pull. */
export interface Transfer {
  readonly blobs: number;
  readonly bytes: number;
  readonly records: number;
  /** Blobs that are needed but missing on both sides: digest, and who needs it. */
  readonly missing: readonly { readonly digest: Digest; readonly by: string }[];
}

/** The two sides of a transfer. */
export interface TransferOptions {
  readonly workspace: Workspace;
  readonly store: Store;
  readonly remote: Remote;
}

/**
 * Sends what the remote lacks: small blobs in packs, large ones whole, records last, also in place of damaged ones. Every
 * blob is verified before it is sent. If interrupted, it resumes with the pack where it stopped. Indexes whose pack was
 * removed are removed too.
 *
 * @throws MainstemError STORE_CORRUPT, REMOTE_FAILED, REMOTE_CORRUPT
 */
export async function push(
  { workspace, store, remote }: TransferOptions,
  references: References,
): Promise<Transfer> {
  await sweep(store, remote);
  const inventory = await readInventory(store, remote);
  await dropLostIndexes(remote, inventory);
  const plan = await planPush(store, inventory, references);
  const total = plan.small.length + plan.large.length;
  const progress = workspace.reporter.progress('Pushing', total, 'blobs');
  try {
    let done = 0;
    let bytes = 0;
    const sent = (count: number, size: number) => {
      done += count;
      bytes += size;
      progress.update(done);
      workspace.signal.throwIfAborted();
    };
    const target = respite(remote, inventory);
    await sendPacks(store, target, plan.small, sent);
    for (const digest of plan.large) sent(1, await sendObject(store, target, digest));
    const ends = { workspace, store, remote: target };
    const records = await sendRecords(ends, inventory, references);
    await describeCollections({ store, remote }, inventory, references);
    return { blobs: done, bytes, records, missing: plan.missing };
  } finally {
    progress.end();
  }
}

/** The remote, but what gc is going to delete and is sent again waits for another grace period. */
function respite(remote: Remote, { condemned }: Inventory): Remote {
  return {
    ...remote,
    async upload(key, file) {
      if (condemned.has(key)) await condemn(remote, [key], Date.now());
      await remote.upload(key, file);
    },
  };
}

/** Removes what an earlier push left on either side when it was killed. */
async function sweep(store: Store, remote: Remote): Promise<void> {
  const options = { now: Date.now(), remove: true };
  await sweepLeftovers(store.folder, { ...options, recursive: false });
  await remote.sweep?.(options);
}

/**
 * What was in a lost pack is sent again, mostly in another pack. The list is read again right before, for another push
 * may be sending this very pack.
 */
async function dropLostIndexes(remote: Remote, { keys }: Inventory): Promise<void> {
  if (lostIndexes(keys).length === 0) return;
  for (const { index } of lostIndexes(await remote.list('packs/'))) {
    await remote.remove(index).catch((error: unknown) => {
      // Some registries delete nothing; the index does no harm there, and fsck names it.
      if (!isMainstemError(error)) throw error;
    });
  }
}

interface PushPlan {
  /** In the order in which the store holds them. */
  readonly small: readonly Digest[];
  readonly large: readonly Digest[];
  readonly missing: Transfer['missing'];
}

async function planPush(
  store: Store,
  inventory: Inventory,
  { blobs }: References,
): Promise<PushPlan> {
  const small: { digest: Digest; place: string; offset: number }[] = [];
  const large: Digest[] = [];
  const missing: { digest: Digest; by: string }[] = [];
  for (const [digest, by] of blobs) {
    if (inventory.keeps(digest)) continue;
    const found = store.packs.find(digest);
    if (found) small.push({ digest, place: found.pack.name, offset: found.entry.offset });
    else if (!(await store.has(digest))) missing.push({ digest, by });
    else if ((await stat(store.objects.pathOf(digest))).size >= largeBytes) large.push(digest);
    else small.push({ digest, place: '', offset: 0 });
  }
  small.sort(
    (a, b) => compare(a.place, b.place) || a.offset - b.offset || compare(a.digest, b.digest),
  );
  return { small: small.map(({ digest }) => digest), large, missing };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Sent = (count: number, bytes: number) => void;

async function sendPacks(
  store: Store,
  remote: Remote,
  digests: readonly Digest[],
  sent: Sent,
): Promise<void> {
  if (digests.length === 0) return;
  const folder = temporaryIn(store.folder, 'outgoing-');
  const packs = openPackFolder(folder);
  try {
    for (let from = 0; from < digests.length; ) {
      const { writer, publish, discard } = packs.startPack();
      try {
        for (const digest of digests.slice(from)) {
          writer.append(digest, await store.get(digest));
          if (writer.size >= packBytes) break;
        }
        await publish();
      } finally {
        await discard();
      }
      await sendPublished(packs, remote);
      sent(writer.entries.length, writer.size);
      from += writer.entries.length;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sends the packs of a folder, and removes them from it. */
async function sendPublished(packs: PackFolder, remote: Remote): Promise<void> {
  for (const { name, path } of packs.packs()) {
    const index = join(packs.folder, `${name}.idx`);
    await remote.upload(packKey(name), path);
    await remote.upload(indexKey(name), index);
    await Promise.all([rm(path), rm(index)]);
  }
  packs.refresh();
}

async function sendObject(store: Store, remote: Remote, digest: Digest): Promise<number> {
  const file = store.objects.pathOf(digest);
  const found = await digestLarge(file);
  if (found !== digest) {
    throw new MainstemError('STORE_CORRUPT', { digest, what: '', file, offset: 0, found });
  }
  await remote.upload(objectKey(digest), file);
  return (await stat(file)).size;
}
