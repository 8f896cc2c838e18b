import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError, type MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { readFile } from '../../lib/read-text.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import { dropDamaged } from '../store/damaged.ts';
import { digestLarge, publishObject } from '../store/object-folder.ts';
import { type PackEntry, scanPack } from '../store/pack.ts';
import { publishPack } from '../store/pack-folder.ts';
import { decodeIntactRecord } from '../store/record-file.ts';
import { objectFile, packFile } from '../store/store.ts';
import { againIfDamaged } from './ask-again.ts';
import {
  type Inventory,
  objectKey,
  packKey,
  type RemotePack,
  readInventory,
  recordKey,
} from './inventory.ts';
import type { Transfer, TransferOptions } from './push.ts';
import type { References } from './references.ts';
import { damagedAt } from './remote.ts';
import { otherThanRecord } from './send-records.ts';

/** The result of a pull. */
export interface Pulled extends Transfer {
  /** Blobs that were here but damaged; they were removed and, unless they are missing, fetched again. */
  readonly damaged: readonly Digest[];
  /** Stage records of the remote that are damaged: as if they were not there, since a run makes them again. */
  readonly damagedRecords: readonly string[];
}

/**
 * Fetches what is missing or damaged here, verifies it and publishes it pack by pack, so that an interrupted pull resumes where it
 * stopped. Manifests and stage records lead to more blobs, so references are collected again until nothing new turns
 * up. What is damaged there does not keep the rest from coming: it is named when everything else is here.
 *
 * @throws MainstemError REMOTE_FAILED; REMOTE_CORRUPT for damaged data, at the end
 */
export async function pull(
  options: TransferOptions,
  collect: () => Promise<References>,
): Promise<Pulled> {
  const { store, remote } = options;
  const inventory = await readInventory(store, remote);
  const total = { blobs: 0, bytes: 0, records: 0 };
  let damaged: Digest[] = [];
  const flaws: Flaws = { records: new Set(), blobs: new Map() };
  for (;;) {
    const references = await collect();
    damaged = damaged.concat(await dropDamaged(store, references.blobs.keys()));
    const lacking = await lackingBlobs(options, references);
    const here = lacking.filter(({ digest }) => inventory.has(digest) && !flaws.blobs.has(digest));
    const records = (await lackingRecords(options, inventory, references)).filter(
      (key) => !flaws.records.has(key),
    );
    if (here.length + records.length === 0) {
      await store.verified.save();
      for (const error of flaws.blobs.values()) throw error;
      const damagedRecords = [...flaws.records].map(recordKey);
      return { ...total, missing: lacking, damaged, damagedRecords };
    }
    total.records += await fetchRecords(options, records, flaws);
    const digests = here.map(({ digest }) => digest);
    const moved = await fetchBlobs(options, inventory, { digests, flaws });
    total.blobs += moved.blobs;
    total.bytes += moved.bytes;
  }
}

/** What of a remote was found damaged. */
interface Flaws {
  readonly records: Set<Digest>;
  readonly blobs: Map<Digest, MainstemError>;
}

/** Fetches records and returns how many are here now; those that are damaged there are noted and named. */
async function fetchRecords(
  options: TransferOptions,
  keys: readonly Digest[],
  flaws: Flaws,
): Promise<number> {
  let fetched = 0;
  for (const key of keys) {
    const flaw = await flawIn(() => fetchRecord(options, key));
    if (!flaw) fetched++;
    else {
      flaws.records.add(key);
      options.workspace.reporter.info(
        `${flaw.message} It counts as missing: a run makes it again.`,
      );
    }
  }
  return fetched;
}

/** Does some work; the error if what it reads in the remote is damaged. */
async function flawIn(work: () => Promise<void>): Promise<MainstemError | null> {
  try {
    await againIfDamaged(work);
    return null;
  } catch (error) {
    if (isMainstemError(error, 'REMOTE_CORRUPT')) return error;
    throw error;
  }
}

async function lackingBlobs(
  { store }: TransferOptions,
  { blobs }: References,
): Promise<{ digest: Digest; by: string }[]> {
  const lacking: { digest: Digest; by: string }[] = [];
  for (const [digest, by] of blobs) {
    if (!store.packs.find(digest) && !(await store.objects.has(digest)))
      lacking.push({ digest, by });
  }
  return lacking;
}

async function lackingRecords(
  { store }: TransferOptions,
  inventory: Inventory,
  { records }: References,
): Promise<Digest[]> {
  const lacking: Digest[] = [];
  for (const key of records.keys()) {
    if (inventory.keys.has(recordKey(key)) && !(await store.readRecord(key))) lacking.push(key);
  }
  return lacking;
}

async function fetchBlobs(
  options: TransferOptions,
  inventory: Inventory,
  { digests, flaws }: { readonly digests: readonly Digest[]; readonly flaws: Flaws },
): Promise<{ blobs: number; bytes: number }> {
  const packs = new Map<RemotePack, Digest[]>();
  const large: Digest[] = [];
  for (const digest of digests) {
    const pack = inventory.packOf(digest);
    if (!pack) large.push(digest);
    else if (!packs.get(pack)?.push(digest)) packs.set(pack, [digest]);
  }
  const { reporter, signal } = options.workspace;
  const progress = reporter.progress('Pulling', digests.length, 'blobs');
  const moved = { blobs: 0, bytes: 0 };
  try {
    const count = ({ blobs, bytes }: { blobs: number; bytes: number }) => {
      moved.bytes += bytes;
      moved.blobs += blobs;
      progress.update(moved.blobs);
    };
    for (const [pack, wanted] of packs) {
      signal.throwIfAborted();
      const flaw = await flawIn(async () => count(await fetchPack(options, pack)));
      if (flaw) for (const digest of wanted) flaws.blobs.set(digest, flaw);
    }
    for (const digest of large) {
      signal.throwIfAborted();
      const fetch = async () => count({ blobs: 1, bytes: await fetchObject(options, digest) });
      const flaw = await flawIn(fetch);
      if (flaw) flaws.blobs.set(digest, flaw);
    }
  } finally {
    progress.end();
  }
  return moved;
}

/**
 * A pack counts as arrived only if every record in it has its digest and the index says the same. If part of
 * a pack is already here, only the rest is kept.
 */
async function fetchPack(
  { store, remote }: TransferOptions,
  pack: RemotePack,
): Promise<{ blobs: number; bytes: number }> {
  const { folder } = store.packs;
  return inTemporary(folder, async (temporary) => {
    await remote.download(packKey(pack.name), temporary);
    const content = await readFile(temporary);
    const { entries, damaged, tail } = scanPack(content);
    const same = entries.every(({ digest, offset }) => pack.index.find(digest)?.offset === offset);
    if (damaged.length > 0 || tail > 0 || entries.length !== pack.index.count || !same) {
      const found = damaged[0]?.found ?? `${entries.length} whole blobs and ${tail} more bytes`;
      const expected = damaged[0]?.digest ?? `${pack.index.count} blobs`;
      throw damagedAt(remote, packKey(pack.name), { expected, found });
    }
    const objects = new Set(await store.objects.list());
    const isLacking = ({ digest }: PackEntry) => !store.packs.find(digest) && !objects.has(digest);
    const lacking = entries.filter(isLacking);
    const moved = { blobs: lacking.length, bytes: content.length };
    if (lacking.length < entries.length) {
      await store.putMany(sliceAll(content, lacking));
      return moved;
    }
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
    store.verified.add(packFile(await publishPack(folder, temporary, pack.indexBytes)));
    store.packs.refresh();
    return moved;
  });
}

async function* sliceAll(content: Uint8Array, entries: readonly PackEntry[]) {
  for (const { offset, bytes } of entries) yield content.subarray(offset, offset + bytes);
}

async function fetchObject({ store, remote }: TransferOptions, digest: Digest): Promise<number> {
  return inTemporary(store.objects.folder, async (temporary) => {
    await remote.download(objectKey(digest), temporary);
    const found = await digestLarge(temporary);
    if (found !== digest) throw damagedAt(remote, objectKey(digest), { expected: digest, found });
    const bytes = await publishObject(temporary, store.objects.pathOf(digest));
    store.verified.add(objectFile(store, digest));
    return bytes;
  });
}

async function fetchRecord({ store, remote }: TransferOptions, key: Digest): Promise<void> {
  await inTemporary(join(store.folder, 'records'), async (temporary) => {
    await remote.download(recordKey(key), temporary);
    const record = decodeIntactRecord(await readFile(temporary, 'utf8'), key, temporary);
    if (!record) throw damagedAt(remote, recordKey(key), otherThanRecord(key));
    await store.writeRecord(record);
  });
}

async function inTemporary<T>(folder: string, work: (path: string) => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const temporary = temporaryIn(folder);
  try {
    return await work(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}
