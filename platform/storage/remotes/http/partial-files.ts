import { createHash } from 'node:crypto';
import { readdir, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../../lib/make-folder.ts';
import { isLeftover, temporaryIn } from '../../../lib/temporary.ts';

/**
 * A file in the folder for what arrives under a name. If a process that was killed left one for the same name, it
 * is taken over with what has arrived so far. `fsck --repair` removes those that nobody took over.
 *
 * @param name of the content: equal names have equal content.
 */
export async function claimPartialFile(folder: string, name: string): Promise<string> {
  await makeFolder(folder);
  const stem = `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.`;
  const own = temporaryIn(folder, stem);
  for (const file of await readdir(folder)) {
    if (!file.startsWith(stem) || file === basename(own)) continue;
    // Another process may be faster; then it is gone.
    const claimed = await claim(join(folder, file), own).catch(() => false);
    if (claimed) break;
  }
  return own;
}

async function claim(left: string, own: string): Promise<boolean> {
  if (!isLeftover(basename(left), (await stat(left)).mtimeMs, Date.now())) return false;
  await rename(left, own);
  return true;
}
