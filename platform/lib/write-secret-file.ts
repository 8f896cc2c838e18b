import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { namePath, syncFolder } from './files.ts';
import { makeFolder } from './make-folder.ts';
import { temporaryBeside } from './temporary.ts';

/**
 * Writes a file that only its owner may read (mode 0600), completely or not at all. Missing folders are created.
 *
 * @throws NodeJS.ErrnoException with the path; nothing is left behind then
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw namePath(error, path);
  }
}
