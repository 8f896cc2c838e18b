import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/files.ts';
import { git } from '../lib/git.ts';
import { readTextIfThere } from '../lib/read-text.ts';

/** A change of tracked files that happens whole or not at all. */
export interface TreeChange {
  /** Path relative to the repository → new text. */
  readonly files: Readonly<Record<string, string>>;
  /** Changed files that go into the same commit, as they are. */
  readonly include: readonly string[];
  /** The commit's message; null leaves the change in the working tree. */
  readonly message: string | null;
}

/**
 * Writes the files and commits them, and nothing else that may be staged. If anything fails, the files are
 * put back as they were.
 *
 * @returns the commit, or null if none was asked for or nothing differed.
 * @throws MainstemError GIT_FAILED, GIT_IDENTITY
 */
export async function applyTreeChange(root: string, change: TreeChange): Promise<string | null> {
  const paths = Object.keys(change.files);
  const before = await Promise.all(paths.map((path) => readTextIfThere(join(root, path), path)));
  const committed = [...paths, ...change.include];
  try {
    for (const path of paths) await writeFileAtomic(join(root, path), change.files[path] ?? '');
    if (change.message === null) return null;
    await git(root, 'add', '--', ...committed);
    if ((await git(root, 'diff', '--cached', '--name-only', '--', ...committed)) === '')
      return null;
    await git(root, 'commit', '--quiet', '-m', change.message, '--', ...committed);
    return await git(root, 'rev-parse', 'HEAD');
  } catch (error) {
    for (const [index, path] of paths.entries())
      await restore(join(root, path), before[index] ?? null);
    if (change.message !== null)
      await git(root, 'reset', '--quiet', '--', ...committed).catch(() => '');
    throw error;
  }
}

/**
 * A value as the text of a committed JSON file: indented, with a final newline.
 *
 * @example renderJson({ version: 1 }) // '{\n  "version": 1\n}\n'
 */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function restore(path: string, text: string | null): Promise<void> {
  if (text === null) await rm(path, { force: true });
  else await writeFileAtomic(path, text);
}
