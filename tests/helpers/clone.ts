import { appendFile, cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git } from '../../platform/lib/git.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Makes a repository of its own from the files of this one as they are now (uncommitted changes too, ignored
 * files not), with the installed packages linked in: a fresh clone without the half minute of installing.
 */
export async function cloneHere(folder: string): Promise<string> {
  const clone = join(folder, 'clone');
  await mkdir(clone);
  const listed = await git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const paths = listed.split('\0').filter(Boolean);
  for (const parent of new Set(paths.map(dirname)))
    await mkdir(join(clone, parent), { recursive: true });
  await Promise.all(paths.map((path) => cp(join(root, path), join(clone, path)).catch(ifGone)));
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  await git(clone, 'init', '--quiet', '--initial-branch=main');
  await git(clone, 'config', 'user.name', 'Test');
  await git(clone, 'config', 'user.email', 'test@example.org');
  await git(clone, 'config', 'commit.gpgsign', 'false');
  // .gitignore names the folder; here it is a link.
  await appendFile(join(clone, '.git/info/exclude'), 'node_modules\n');
  await git(clone, 'add', '--all');
  await git(clone, 'commit', '--quiet', '-m', 'Start');
  return clone;
}

/** A file that git still lists may have been deleted in the working tree. */
function ifGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
