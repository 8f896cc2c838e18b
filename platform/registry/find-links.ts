import { lstat, readdir } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { modelsFolder } from '../lib/layout.ts';

/**
 * What of a model's folder is a symbolic link, sorted: here it can be read, but git has only where it points, so a merge would leave
 * something that nobody can read, or that somebody changes without a commit.
 *
 * @returns paths relative to the repository
 */
export async function findLinks(root: string, model: string): Promise<string[]> {
  const folder = posix.join(modelsFolder, model);
  for (const path of [modelsFolder, folder]) {
    const found = await lstat(join(root, path)).catch(() => null);
    if (!found) return [];
    if (found.isSymbolicLink()) return [path];
  }
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isSymbolicLink())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'))
    .sort();
}
