import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { type Digest, digestBytes, hexOf } from '../../lib/hash.ts';
import { plural } from '../../lib/plural.ts';
import type { Workspace } from '../../schemas/index.ts';
import type { References } from '../remotes/references.ts';
import { digestLarge, ifMissing } from './object-folder.ts';
import { scanPack, verifyEntries } from './pack.ts';
import type { Pack } from './pack-folder.ts';
import { encodeIndex } from './pack-index.ts';
import type { Store } from './store.ts';

/** A problem in the store. */
export const StoreFinding = Type.Object({
  code: Type.Union([
    Type.Literal('STORE_CORRUPT'),
    Type.Literal('STORE_MISSING'),
    Type.Literal('INDEX_DAMAGED'),
    Type.Literal('RECORD_DAMAGED'),
  ]),
  digest: Type.String(),
  /** File relative to the store's folder; '' for something missing. */
  file: Type.String(),
  message: Type.String(),
});
export type StoreFinding = Static<typeof StoreFinding>;

/** The result of checking the whole store. */
export const FsckResult = Type.Object({
  blobs: Type.Integer(),
  bytes: Type.Integer(),
  records: Type.Integer(),
  /** Files left by killed writers: never read, removed once they are an hour old. */
  leftovers: Type.Integer(),
  findings: Type.Array(StoreFinding),
});
export type FsckResult = Static<typeof FsckResult>;

const leftoverMs = 3_600_000;

/**
 * Reads and verifies every blob and record, and reports what is referenced but missing.
 *
 * @param now milliseconds; unfinished files older than an hour are removed.
 * @param repair also drops damaged blobs, so that pull or lock can restore them, and rewrites damaged indexes.
 */
export async function checkStore(
  { reporter, signal }: Workspace,
  store: Store,
  { references, now, repair }: { references: References; now: number; repair: boolean },
): Promise<FsckResult> {
  const findings: StoreFinding[] = [];
  const sum = { blobs: 0, bytes: 0 };
  const objects = await store.objects.list();
  const packs = store.packs.packs();
  const progress = reporter.progress('Checking', packs.length + objects.length, 'files');
  let done = 0;
  const count = (blobs: number, bytes: number) => {
    signal.throwIfAborted();
    sum.blobs += blobs;
    sum.bytes += bytes;
    progress.update(++done);
  };
  try {
    const options = { references, repair, count };
    for (const pack of packs) findings.push(...(await checkPack(store, pack, options)));
    for (const digest of objects) findings.push(...(await checkObject(store, digest, options)));
  } finally {
    progress.end();
  }
  const records = await checkRecords(store);
  const damaged = new Set(findings.map(({ digest }) => digest));
  const absent = (await checkReferences(store, references)).filter(
    ({ digest }) => !damaged.has(digest),
  );
  findings.push(...records.findings, ...absent);
  const leftovers = await removeLeftovers(store.folder, now);
  return { ...sum, records: records.count, leftovers, findings };
}

interface CheckOptions {
  readonly references: References;
  readonly repair: boolean;
  readonly count: (blobs: number, bytes: number) => void;
}

/** Reads a pack by its index, or record by record if it has no reliable index. */
async function checkPack(store: Store, pack: Pack, options: CheckOptions): Promise<StoreFinding[]> {
  const { repair, references, count } = options;
  const file = `packs/${pack.name}.pack`;
  const content = await readFile(pack.path);
  const { entries, damaged } = pack.indexWhole
    ? verifyEntries(content, pack.index.entries())
    : scanPack(content);
  count(entries.length + damaged.length, content.length);
  const whole = entries.map(({ offset, bytes }) => content.subarray(offset, offset + bytes));
  if (repair && damaged.length > 0) await replacePack(store, pack, whole);
  else if (repair && !pack.indexWhole)
    await writeFileAtomic(indexPath(store, pack), encodeIndex(entries));
  const findings = damaged.map(({ digest, offset, found }) => {
    const place = `${file} at byte ${offset}`;
    return corrupt({ digest, file, place, found, by: references.blobs.get(digest), repair });
  });
  return pack.indexWhole ? findings : [...findings, indexDamaged(pack, repair)];
}

/** Writes the intact blobs into a new pack before the damaged pack is removed. */
async function replacePack(store: Store, pack: Pack, whole: readonly Uint8Array[]): Promise<void> {
  const fresh = store.packs.startPack();
  for (const bytes of whole) fresh.writer.append(digestBytes(bytes), bytes);
  await fresh.publish();
  await rm(indexPath(store, pack));
  await rm(pack.path);
  store.packs.refresh();
}

interface Damage {
  readonly digest: Digest;
  /** Relative to the store's folder. */
  readonly file: string;
  readonly place: string;
  readonly found: Digest;
  /** Who needs it. */
  readonly by: string | undefined;
  readonly repair: boolean;
}

function corrupt({ digest, file, place, found, by, repair }: Damage): StoreFinding {
  const name = by === undefined ? digest : `${digest} (${by})`;
  const outcome = repair ? '; it was dropped' : '';
  const message = `${name} is damaged: ${place} holds ${found}${outcome}.`;
  return { code: 'STORE_CORRUPT', digest, file, message };
}

function indexDamaged({ name, index }: Pack, repaired: boolean): StoreFinding {
  const file = `packs/${name}.idx`;
  const outcome = repaired ? 'it was rewritten' : '--repair rewrites it';
  const message = `${file} is damaged; its pack holds ${plural(index.count, 'whole blob')}, ${outcome}.`;
  return { code: 'INDEX_DAMAGED', digest: '', file, message };
}

function indexPath(store: Store, { name }: Pack): string {
  return join(store.packs.folder, `${name}.idx`);
}

async function checkObject(
  store: Store,
  digest: Digest,
  { repair, references, count }: CheckOptions,
): Promise<StoreFinding[]> {
  const path = store.objects.pathOf(digest);
  const found = await digestLarge(path);
  count(1, (await stat(path)).size);
  if (found === digest) return [];
  if (repair) await rm(path);
  const file = path.slice(store.folder.length + 1);
  return [corrupt({ digest, file, place: file, found, by: references.blobs.get(digest), repair })];
}

async function checkRecords(store: Store): Promise<{ count: number; findings: StoreFinding[] }> {
  const names = await readdir(join(store.folder, 'records')).catch(ifMissing<string[]>([]));
  const files = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).sort();
  const findings: StoreFinding[] = [];
  for (const name of files) {
    const key: Digest = `sha256:${name.slice(0, 64)}`;
    const message = await recordProblem(store, key);
    const file = `records/${name}`;
    if (message) findings.push({ code: 'RECORD_DAMAGED', digest: key, file, message });
  }
  return { count: files.length, findings };
}

async function recordProblem(store: Store, key: Digest): Promise<string | undefined> {
  try {
    const record = await store.readRecord(key);
    return record?.key === key ? undefined : `The record of ${key} says that it is ${record?.key}.`;
  } catch (error) {
    if (isMainstemError(error)) return error.message;
    throw error;
  }
}

async function checkReferences(
  store: Store,
  { blobs, records }: References,
): Promise<StoreFinding[]> {
  const findings: StoreFinding[] = [];
  for (const [digest, by] of blobs) {
    if (!(await store.has(digest))) findings.push(missing(digest, by));
  }
  const present = new Set(await readdir(join(store.folder, 'records')).catch(ifMissing([])));
  for (const [key, by] of records) {
    if (!present.has(`${hexOf(key)}.json`)) findings.push(missing(key, `stage record of ${by}`));
  }
  return findings;
}

function missing(digest: Digest, by: string): StoreFinding {
  return { code: 'STORE_MISSING', digest, file: '', message: `${digest} is missing (${by}).` };
}

async function removeLeftovers(folder: string, now: number): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    ifMissing([]),
  );
  const left = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.tmp'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of left) {
    if (now - (await stat(path)).mtimeMs > leftoverMs) await rm(path, { force: true });
  }
  return left.length;
}
