import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A folder above may be removed by another process between two calls; one that refuses always must not be asked forever. */
const tries = 3;

/**
 * Makes a folder and those above it; one that is there stays. Node's `mkdir` with `recursive` never returns where the
 * system answers ENOENT below a folder that exists, as Linux does in /proc.
 *
 * @throws NodeJS.ErrnoException ENOENT, ENOTDIR, EEXIST (a file is in its place), EACCES, …
 * @example await makeFolder('.mainstem/store/packs')
 */
export async function makeFolder(path: string): Promise<void> {
  for (let left = tries; ; left--) {
    const error = await mkdir(path).then(
      () => undefined,
      (cause: NodeJS.ErrnoException) => cause,
    );
    if (!error || (await isFolder(path))) return;
    if (!mayHelp(error, path, left)) throw error;
    await makeFolder(dirname(path));
  }
}

/** As {@link makeFolder}, at once. */
export function makeFolderSync(path: string): void {
  for (let left = tries; ; left--) {
    try {
      mkdirSync(path);
      return;
    } catch (error) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
      if (!mayHelp(error, path, left)) throw error;
      makeFolderSync(dirname(path));
    }
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Whether to make the folder above, then try again. */
function mayHelp(error: unknown, path: string, left: number): boolean {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isMissing && left > 1 && dirname(path) !== path;
}
