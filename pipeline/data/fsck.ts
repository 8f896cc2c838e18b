import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError } from '../lib/errors.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { type Digest, hexOf } from '../lib/hash.ts';
import { plural } from '../lib/plural.ts';
import type { Workspace } from '../types.ts';
import { digestLarge, ifMissing } from './object-folder.ts';
import { scanPack } from './pack.ts';
import type { Pack } from './pack-folder.ts';
import { encodeIndex } from './pack-index.ts';
import type { References } from './references.ts';
import type { Store } from './store.ts';

/** Something wrong in the store. */
export const StoreFinding = Type.Object({
  code: Type.Union([
    Type.Literal('STORE_CORRUPT'),
    Type.Literal('STORE_MISSING'),
    Type.Literal('INDEX_DAMAGED'),
    Type.Literal('RECORD_DAMAGED'),
  ]),
  digest: Type.String(),
  /** Relative to the store's folder; '' for what is missing. */
  file: Type.String(),
  message: Type.String(),
});
export type StoreFinding = Static<typeof StoreFinding>;

/** What a check of the whole store found. */
export const FsckResult = Type.Object({
  blobs: Type.Integer(),
  bytes: Type.Integer(),
  records: Type.Integer(),
  /** Left by killed writers: never read, removed once an hour old. */
  leftovers: Type.Integer(),
  findings: Type.Array(StoreFinding),
});
export type FsckResult = Static<typeof FsckResult>;

const leftoverMs = 3_600_000;

/**
 * Reads and verifies every blob and record, and names what is referenced but not here.
 *
 * @param now milliseconds; unfinished files older than an hour are removed.
 * @param repair also writes indexes anew that are damaged while their pack is whole.
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
    for (const pack of packs) findings.push(...(await checkPack(store, pack, repair, count)));
    for (const digest of objects) findings.push(...(await checkObject(store, digest, count)));
  } finally {
    progress.end();
  }
  const records = await checkRecords(store);
  findings.push(...records.findings, ...(await checkReferences(store, references)));
  const leftovers = await removeLeftovers(store.folder, now);
  return { ...sum, records: records.count, leftovers, findings };
}

type Count = (blobs: number, bytes: number) => void;

async function checkPack(
  store: Store,
  pack: Pack,
  repair: boolean,
  count: Count,
): Promise<StoreFinding[]> {
  const file = `packs/${pack.name}.pack`;
  const content = await readFile(pack.path);
  const scan = scanPack(content);
  count(scan.entries.length + scan.damaged.length, content.length);
  const whole = new Set(scan.entries.map(({ digest, offset }) => `${digest} ${offset}`));
  const found = new Map(scan.damaged.map((entry) => [entry.offset, entry.found]));
  const findings = pack.index
    .entries()
    .filter(({ digest, offset }) => !whole.has(`${digest} ${offset}`))
    .map(({ digest, offset, bytes }): StoreFinding => {
      const holds = found.get(offset) ?? `not the ${plural(bytes, 'byte')} that were stored`;
      const message = `${digest} is damaged: ${file} at byte ${offset} holds ${holds}.`;
      return { code: 'STORE_CORRUPT', digest, file, message };
    });
  if (pack.indexWhole) return findings;
  if (repair) await writeFileAtomic(indexPath(store, pack), encodeIndex(scan.entries));
  return [...findings, ...scan.damaged.map(damagedRecord(file)), indexDamaged(pack, repair)];
}

function damagedRecord(file: string) {
  return ({ digest, offset, found }: { digest: Digest; offset: number; found: Digest }) => ({
    code: 'STORE_CORRUPT' as const,
    digest,
    file,
    message: `${digest} is damaged: ${file} at byte ${offset} holds ${found}.`,
  });
}

function indexDamaged({ name, index }: Pack, repaired: boolean): StoreFinding {
  const file = `packs/${name}.idx`;
  const outcome = repaired ? 'it was written anew' : '--repair writes it anew';
  const message = `${file} is damaged; its pack holds ${plural(index.count, 'whole blob')}, ${outcome}.`;
  return { code: 'INDEX_DAMAGED', digest: '', file, message };
}

function indexPath(store: Store, { name }: Pack): string {
  return join(store.packs.folder, `${name}.idx`);
}

async function checkObject(store: Store, digest: Digest, count: Count): Promise<StoreFinding[]> {
  const path = store.objects.pathOf(digest);
  const found = await digestLarge(path);
  count(1, (await stat(path)).size);
  if (found === digest) return [];
  const file = path.slice(store.folder.length + 1);
  const message = `${digest} is damaged: ${file} holds ${found}.`;
  return [{ code: 'STORE_CORRUPT', digest, file, message }];
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
