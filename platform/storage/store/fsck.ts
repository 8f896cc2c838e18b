import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { type Digest, hexOf } from '../../lib/hash.ts';
import { plural } from '../../lib/plural.ts';
import { readFile, readTextIfThere } from '../../lib/read-text.ts';
import type { Workspace } from '../../schemas/index.ts';
import { isDamaged, replacePack } from './damaged.ts';
import { type FsckOptions, StoreFinding } from './finding.ts';
import { Leftover, sweepRepository } from './leftovers.ts';
import { digestLarge, ifMissing } from './object-folder.ts';
import { scanPack, verifyEntries } from './pack.ts';
import type { Pack } from './pack-folder.ts';
import { encodeIndex } from './pack-index.ts';
import { decodeRecord } from './record-file.ts';
import { objectFile, packFile, type Store } from './store.ts';
import { checkUnindexed } from './unindexed.ts';
import { readState } from './verified.ts';

/** The result of checking the whole store. */
export const FsckResult = Type.Object({
  blobs: Type.Integer(),
  bytes: Type.Integer(),
  records: Type.Integer(),
  /** Files and folders left by killed processes. They are never read; repair removes them. */
  leftovers: Type.Array(Leftover),
  findings: Type.Array(StoreFinding),
});
export type FsckResult = Static<typeof FsckResult>;

/** Reads and verifies every blob and record, and reports what is damaged, left over, or referenced but missing. */
export async function checkStore(
  workspace: Workspace,
  store: Store,
  options: FsckOptions,
): Promise<FsckResult> {
  const { references, repair } = options;
  const unindexed = await checkUnindexed(store, options);
  const { sum, findings } = await checkBlobs(workspace, store, options);
  const records = await checkRecords(store, repair);
  const damaged = new Set(findings.map(({ digest }) => digest));
  const absent = (await checkReferences(store, references)).filter(
    ({ digest }) => !damaged.has(digest) && !records.damaged.has(digest),
  );
  await store.verified.save();
  return {
    ...sum,
    records: records.count,
    leftovers: [...unindexed.leftovers, ...(await sweepRepository(workspace, store, options))],
    findings: [...findings, ...unindexed.findings, ...records.findings, ...absent],
  };
}

async function checkBlobs({ reporter, signal }: Workspace, store: Store, options: FsckOptions) {
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
    const check = { ...options, count };
    for (const pack of packs) findings.push(...(await checkPack(store, pack, check)));
    for (const digest of objects) findings.push(...(await checkObject(store, digest, check)));
  } finally {
    progress.end();
  }
  return { sum, findings };
}

type CheckOptions = FsckOptions & {
  readonly count: (blobs: number, bytes: number) => void;
};

/** Reads a pack by its index, or record by record if its index is damaged. */
async function checkPack(store: Store, pack: Pack, options: CheckOptions): Promise<StoreFinding[]> {
  const { repair, references, count } = options;
  const file = packFile(pack.name);
  const state = readState(store.folder, file);
  const content = await readFile(pack.path).catch(ifMissing(undefined));
  // Another repair has just replaced it.
  if (!content) return [];
  const scan = pack.indexWhole ? verifyEntries(content, pack.index.entries()) : scanPack(content);
  const { entries, damaged, flaws } = scan;
  count(entries.length + damaged.length, content.length);
  if (!isDamaged(scan)) store.verified.add(file, state);
  if (repair && isDamaged(scan)) await replacePack(store, pack, content, entries);
  else if (repair && !pack.indexWhole)
    await writeFileAtomic(indexPath(store, pack), encodeIndex(entries));
  const findings = damaged.map(({ digest, offset, found }) => {
    const place = `${file} at byte ${offset}`;
    return corrupt({ digest, file, place, found, by: references.blobs.get(digest), repair });
  });
  if (flaws[0] !== undefined) findings.push(packDamaged(file, flaws[0], repair));
  return pack.indexWhole ? findings : [...findings, indexDamaged(pack, repair)];
}

function packDamaged(file: string, at: number, repaired: boolean): StoreFinding {
  const outcome = repaired ? 'it was written again' : '--repair writes it again';
  const message = `${file} is damaged at byte ${at}, in what says which blob comes next; ${outcome}.`;
  return { code: 'PACK_DAMAGED', digest: '', file, message };
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
  const file = objectFile(store, digest);
  const state = readState(store.folder, file);
  const found = await digestLarge(path).catch(ifMissing(digest));
  count(1, await stat(path).then(({ size }) => size, ifMissing(0)));
  if (found === digest) {
    store.verified.add(file, state);
    return [];
  }
  if (repair) await rm(path, { force: true });
  return [corrupt({ digest, file, place: file, found, by: references.blobs.get(digest), repair })];
}

async function checkRecords(store: Store, repair: boolean) {
  const keys = await store.recordKeys();
  const findings: StoreFinding[] = [];
  for (const key of keys) {
    const problem = await recordProblem(store, key);
    if (problem === undefined) continue;
    if (repair) await rm(store.recordPath(key), { recursive: true, force: true });
    const message = repair ? `${problem} It was deleted.` : problem;
    findings.push({
      code: 'RECORD_DAMAGED',
      digest: key,
      file: `records/${hexOf(key)}.json`,
      message,
    });
  }
  const damaged: ReadonlySet<string> = new Set(findings.map(({ digest }) => digest));
  return { count: keys.length, findings, damaged };
}

async function recordProblem(store: Store, key: Digest): Promise<string | undefined> {
  const path = store.recordPath(key);
  try {
    const text = await readTextIfThere(path);
    if (text !== null) decodeRecord(text, key, path);
    return undefined;
  } catch (error) {
    if (isMainstemError(error)) return error.message;
    throw error;
  }
}

async function checkReferences(
  store: Store,
  { blobs, records }: FsckOptions['references'],
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
