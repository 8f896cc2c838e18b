import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { namePath, syncFolder } from './files.ts';
import { makeFolder } from './make-folder.ts';
import { temporaryBeside } from './temporary.ts';

/**
 * Writes a file that only its owner may read, completely or not at all. Missing folders are created.
 *
 * @param mode who may do what, whatever the umask says
 * @throws NodeJS.ErrnoException with the path; nothing is left behind then
 */
export async function writeSecretFile(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await makeFolder(dirname(path));
    await writeWhole(temporary, text, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw namePath(error, path);
  }
  await syncFolder(dirname(path));
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}
