import { closeSync, constants, fstatSync, openSync, rmSync, type Stats, writeSync } from 'node:fs';
import { realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { namePath } from '../../lib/files.ts';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { plural } from '../../lib/plural.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import type { LockedDataset, ManifestEntry, Workspace } from '../../schemas/index.ts';
import { isStoreError, nameBlob } from '../store/name-blob.ts';
import type { Place } from '../store/pack-folder.ts';
import type { Store } from '../store/store.ts';
import { putState, type ScannedFiles, stateLength } from './scan.ts';

/**
 * Writes files of a dataset from the store: new ones in place, others replaced as a whole. One that the store lacks does not prevent
 * others from being written.
 *
 * @param name of the dataset, for errors
 * @returns the states of the files that were new; NaN of the others
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, DATA_NAME_INVALID; the signal's reason
 */
export async function writeFiles(
  { reporter, signal }: Workspace,
  store: Store,
  { base, name }: { readonly base: string; readonly name: string },
  entries: readonly ManifestEntry[],
): Promise<ScannedFiles['states']> {
  const progress = reporter.progress('Checking out', entries.length, 'files');
  const makeFolder = createFolderMaker(base);
  const states = new Float64Array(entries.length * stateLength).fill(Number.NaN);
  const failures: Failure[] = [];
  let done = 0;
  try {
    for (const placed of inStoreOrder(store, entries)) {
      if (++done % 256 === 0) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
        progress.update(done);
      }
      const { path, digest } = placed.entry;
      try {
        makeFolder(path);
        // A promise for each of many small files would cost as much as the write.
        if (!writeSmall(store, base, placed, states))
          await replaceFile(store, digest, `${base}/${path}`);
      } catch (error) {
        if (!isStoreError(error)) throw explainName(path, error);
        failures.push({ path, error });
      }
    }
  } finally {
    progress.end();
  }
  const [first] = failures;
  if (!first) return states;
  const others = failures.length === 1 ? '' : `, and ${plural(failures.length - 1, 'other')}`;
  return nameBlob(`${first.path} of ${name}${others}`)(first.error);
}

/** A file that was not written because of the store. */
interface Failure {
  readonly path: string;
  readonly error: MainstemError;
}

/** Makes the folder of a path, without asking again for that of the path before. */
function createFolderMaker(base: string): (path: string) => void {
  const made = new Set<string>();
  let last: string | undefined;
  return (path) => {
    const end = path.lastIndexOf('/') + 1;
    if (last !== undefined && last.length === end && path.startsWith(last)) return;
    last = path.slice(0, end);
    if (!made.has(last)) makeFolderSync(`${base}/${last}`);
    made.add(last);
  };
}

/** Writes a packed file that is new; false if it is to be replaced or written whole. */
function writeSmall(
  store: Store,
  base: string,
  { entry, place, position }: Placed,
  states: ScannedFiles['states'],
): boolean {
  const bytes = place && readPlaced(store, place);
  // Otherwise there may be another copy.
  if (!bytes) return false;
  const stats = writeNew(`${base}/${entry.path}`, bytes);
  if (stats) putState(states, position, stats);
  return stats !== undefined;
}

/** Undefined if the blob is damaged there, or another process has just moved it. */
function readPlaced(store: Store, place: Place): Uint8Array | undefined {
  try {
    return store.packs.readNext(place);
  } catch (error) {
    if (isMainstemError(error, 'STORE_CORRUPT')) return undefined;
    throw error;
  }
}

/** What systems say about a name that they cannot hold. */
const badName = new Set(['ENAMETOOLONG', 'EILSEQ', 'EINVAL']);

function explainName(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && badName.has(String(error.code)))) return error;
  const reason = `cannot be written on this volume (${error.code})`;
  const details = { path: dirname(path), name: JSON.stringify(basename(path)), reason };
  return new MainstemError('DATA_NAME_INVALID', { ...details, shortcut: '' }, { cause: error });
}

interface Placed {
  readonly entry: ManifestEntry;
  readonly place: Place | undefined;
  /** Among the files to write. */
  readonly position: number;
}

/** Disks and read-ahead are fastest when packs are read from front to back. */
function inStoreOrder(store: Store, entries: readonly ManifestEntry[]): Placed[] {
  const placed = entries.map((entry, position) => {
    return { entry, place: store.packs.find(entry.digest), position };
  });
  return placed.sort(({ place: a }: Placed, { place: b }: Placed) => {
    if (a?.pack === b?.pack) return (a?.entry.offset ?? 0) - (b?.entry.offset ?? 0);
    return (a?.pack.name ?? '') < (b?.pack.name ?? '') ? -1 : 1;
  });
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Writes a file unless there is one; its state as the open file has it, before anyone else can change it. */
function writeNew(path: string, bytes: Uint8Array): Stats | undefined {
  const file = openNew(path);
  if (file === undefined) return undefined;
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    return fstatSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw namePath(error, path);
  } finally {
    closeSync(file);
  }
}

function openNew(path: string): number | undefined {
  try {
    return openSync(path, newFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** Replaces an existing file as a whole, so that it is never half old and half new. */
async function replaceFile(
  store: Store,
  digest: LockedDataset['digest'],
  file: string,
): Promise<void> {
  // A table may be a link: its target is replaced. Links in a folder of images are not in the dataset.
  const target = await realpath(file).catch(() => file);
  const temporary = temporaryIn(dirname(target), '.');
  try {
    await store.exportTo(digest, temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
