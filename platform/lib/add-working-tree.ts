import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMainstemError, MainstemError } from './errors.ts';
import { git } from './git.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Checks out a revision into an empty folder for temporary files, as a working tree of its own.
 *
 * @throws MainstemError DISK_FULL naming the disk that is full: git does not say which; and what {@link git} throws
 */
export async function addWorkingTree(root: string, tree: string, revision: string): Promise<void> {
  await git(
    root,
    'worktree',
    'add',
    '--quiet',
    '--detach',
    '--end-of-options',
    tree,
    revision,
  ).catch(async (cause: unknown) => {
    const isFull = isMainstemError(cause, 'DISK_FULL');
    if (!isFull && !isCutShort(cause)) throw cause;
    const [own, temporary] = await Promise.all([freeBytes(root), freeBytes(dirname(tree))]);
    if (own <= temporary || (!isFull && temporary > littleBytes)) throw cause;
    const path = temporaryFolder();
    throw new MainstemError('DISK_FULL', { reason: 'ENOSPC', path }, { cause });
  });
}

/** Git has removed again what it had written when the space is looked at. */
const littleBytes = 2 ** 30;

/** Where a part of a file could be written, git does not say why the rest could not. */
function isCutShort(cause: unknown): boolean {
  return isMainstemError(cause, 'GIT_FAILED') && /unable to write file/.test(cause.message);
}

/** Zero where it cannot be told. */
async function freeBytes(folder: string): Promise<number> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
}
