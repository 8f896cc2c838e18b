import { lstatSync } from 'node:fs';
import { lstat, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { isDoubtful, readNames } from './file-names.ts';
import { isHiddenName } from './hidden-name.ts';
import { makeFolder } from './make-folder.ts';
import { temporaryBeside } from './temporary.ts';

/**
 * Writes a file completely or not at all: temporary file next to it, fsync, rename, fsync of the folder.
 * Missing folders are created.
 *
 * @throws NodeJS.ErrnoException with the path, if the folder or the file cannot be written; nothing is left behind then.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
  });
  await syncFolder(dirname(path));
}

/**
 * Writes a file that only saves time: completely or not at all, without waiting for the disk, and without an error where
 * it cannot be written (a full disk, a folder that may only be read). Whoever reads it must notice damage.
 */
export async function writeCacheFile(path: string, data: string | Uint8Array): Promise<void> {
  await replaceFile(path, (temporary) => writeFile(temporary, data, { flag: 'wx' })).catch(
    () => undefined,
  );
}

/** Puts in a file's place what `write` wrote; if it fails, nothing is left and the error names the path. */
async function replaceFile(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await makeFolder(dirname(path));
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw namePath(error, path);
  }
}

/** Adds the path to a system error that lacks it, as those of open files do; other errors stay as they are. */
export function namePath(error: unknown, path: string): unknown {
  const isSystemError = error instanceof Error && 'code' in error && 'syscall' in error;
  return isSystemError && !('path' in error) ? Object.assign(error, { path }) : error;
}

/** Makes a rename in this folder durable. Some file systems refuse to sync a folder; that is not an error. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Every file below a folder, as paths relative to it with `/`, sorted; hidden files and folders are left out.
 *
 * @throws MainstemError DATA_NAME_INVALID; NodeJS.ErrnoException ENOENT, ENOTDIR
 * @example await listFiles('data/pumpkins') // ['2026/good/0001.jpg', '2026/good/0002.jpg', 'metadata.csv']
 */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    // Where the name of a folder is not UTF-8, it cannot be entered.
    if (error.path !== folder) assertNames(folder);
    throw error;
  });
  if (entries.some(({ name }) => isDoubtful(name))) assertNames(folder);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
    .filter((path) => !path.split('/').some(isHiddenName))
    .sort();
}

function assertNames(folder: string): void {
  for (const name of readNames(folder, folder)) {
    if (isHiddenName(name)) continue;
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) assertNames(path);
  }
}

/**
 * Whether something lies at a path; a link that leads nowhere does. What nobody may look at is not taken for absent.
 *
 * @throws NodeJS.ErrnoException EACCES, ELOOP, ENAMETOOLONG, …
 */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );
}
