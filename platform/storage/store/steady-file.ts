import { constants, createReadStream, type Stats } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import { MainstemError } from '../../lib/errors.ts';

const chunkBytes = 4 * 1024 * 1024;

/**
 * Does something that reads a file, and makes sure that the file stays as it was meanwhile.
 *
 * @param work gets the file's state before. @returns what `work` returns
 * @throws MainstemError FILE_CHANGED
 */
export async function readSteadily<T>(
  path: string,
  work: (before: Stats) => Promise<T>,
): Promise<T> {
  const before = await stat(path);
  const result = await work(before);
  const after = await stat(path);
  const same = (['size', 'mtimeMs', 'ctimeMs', 'ino'] as const).every(
    (fact) => before[fact] === after[fact],
  );
  if (!same) throw new MainstemError('FILE_CHANGED', { path });
  return result;
}

/**
 * Copies a file up to its end, but no more than it had at first: the system's own copy never ends if the file becomes
 * shorter meanwhile.
 *
 * @param to is replaced if it exists.
 * @throws MainstemError FILE_CHANGED; NodeJS.ErrnoException
 */
export async function copySteadily(from: string, to: string): Promise<void> {
  await readSteadily(from, async ({ size }) => {
    // Shares the bytes at once, where the file system can.
    const cloned = await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE).then(
      () => true,
      () => false,
    );
    if (!cloned) await copyBytes(from, to, size);
  });
}

async function copyBytes(from: string, to: string, bytes: number): Promise<void> {
  const options = { highWaterMark: chunkBytes, end: Math.max(bytes - 1, 0) };
  await writeFile(to, createReadStream(from, options));
}
