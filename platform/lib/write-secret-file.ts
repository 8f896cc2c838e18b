import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { namePath, syncFolder } from './files.ts';
import { makeFolder } from './make-folder.ts';
import { temporaryBeside } from './temporary.ts';

/**
 * Writes a file that only its owner may read, completely or not at all. Missing folders are created.
 *
 * @param mode who may do what, whatever the umask says
 * @param settle called when the text is on the disk and before it counts; where it throws, nothing was written
 * @throws NodeJS.ErrnoException with the path, or what `settle` throws; nothing is left behind then
 */
export async function writeSecretFile(
  path: string,
  text: string,
  { mode = 0o600, settle }: { readonly mode?: number; readonly settle?: () => Promise<void> } = {},
): Promise<void> {
  const temporary = temporaryBeside(path);
  const named = (error: unknown) => {
    throw namePath(error, path);
  };
  try {
    await makeFolder(dirname(path)).catch(named);
    await writeWhole(temporary, text, mode).catch(named);
    await settle?.();
    await rename(temporary, path).catch(named);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
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
