import { lstat, readdir } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { exists } from '../lib/files.ts';
import { lockFile, modelsFolder } from '../lib/layout.ts';

/**
 * What of a model's folder, or the lock, is a symbolic link, sorted: here it can be read, but git has only where it points, so a merge would leave
 * something that nobody can read, or that somebody changes without a commit.
 *
 * @returns paths relative to the repository
 */
export async function findLinks(root: string, model: string): Promise<string[]> {
  const isLink = (path: string) =>
    lstat(join(root, path)).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
  const lock = (await isLink(lockFile)) ? [lockFile] : [];
  return [...lock, ...(await linksOf(root, posix.join(modelsFolder, model), isLink))];
}

async function linksOf(
  root: string,
  folder: string,
  isLink: (path: string) => Promise<boolean>,
): Promise<string[]> {
  for (const path of [modelsFolder, folder]) if (await isLink(path)) return [path];
  if (!(await exists(join(root, folder)))) return [];
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isSymbolicLink())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'))
    .sort();
}
