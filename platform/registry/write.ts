import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { writeFileAtomic } from '../lib/files.ts';
import { fileAt, git, headCommit } from '../lib/git.ts';
import { readJson, writeJson } from '../lib/json-file.ts';
import { readTextIfThere } from '../lib/read-text.ts';
import { turnPath, withTurn } from '../lib/turn.ts';
import { nullable } from '../schemas/index.ts';

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
 * Runs `work`, which reads what is committed and then changes it, while no other process does the same in this
 * repository. What an earlier one left half done when it was killed is undone first.
 *
 * @throws whatever `work` throws
 */
export async function withRepositoryTurn<Result>(
  root: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const waiting = 'Another command is committing here; waiting for it to finish.';
  return withTurn({ path: turnPath(root, 'repository'), waiting }, async () => {
    await undoUnfinished(root);
    return work();
  });
}

/**
 * Waits for a promotion or rollback that another process is making, and undoes one that a killed process left half done.
 *
 * @example await finishTreeChanges(root) // the pointers can be relied on now
 */
export async function finishTreeChanges(root: string): Promise<void> {
  await withRepositoryTurn(root, async () => undefined);
}

/**
 * Writes the files and commits them, and nothing else that may be staged. If anything fails, the files are put back as
 * they were; if the process is killed, the next {@link withRepositoryTurn} does so. Call it in such a turn.
 *
 * @returns the commit, or null if none was asked for or nothing differed.
 * @throws MainstemError GIT_FAILED, GIT_BUSY, GIT_IDENTITY
 */
export async function applyTreeChange(root: string, change: TreeChange): Promise<string | null> {
  const paths = Object.keys(change.files);
  const before = await Promise.all(paths.map((path) => readTextIfThere(join(root, path), path)));
  const committed = [...paths, ...change.include];
  const files = paths.map((path, at) => ({
    path,
    before: before[at] ?? null,
    after: change.files[path] ?? '',
  }));
  const unfinished: Unfinished = { version: 1, files, staged: change.message ? committed : [] };
  await writeJson(join(root, unfinishedPath), unfinished);
  try {
    for (const { path, after } of files) await writeFileAtomic(join(root, path), after);
    return change.message === null ? null : await commit(root, committed, change.message);
  } catch (error) {
    await undo(root, unfinished);
    throw error;
  } finally {
    await rm(join(root, unfinishedPath), { force: true });
  }
}

async function commit(
  root: string,
  paths: readonly string[],
  message: string,
): Promise<string | null> {
  await git(root, 'add', '--', ...paths);
  if ((await git(root, 'diff', '--cached', '--name-only', '--', ...paths)) === '') return null;
  await git(root, 'commit', '--quiet', '-m', message, '--', ...paths);
  return git(root, 'rev-parse', 'HEAD');
}

/** Where a change is noted until it is whole. */
const unfinishedPath = '.mainstem/unfinished.json';

const Unfinished = Type.Object({
  version: Type.Literal(1),
  files: Type.Array(
    Type.Object({ path: Type.String(), before: nullable(Type.String()), after: Type.String() }),
  ),
  /** Paths that go into the commit; none if nothing is committed. */
  staged: Type.Array(Type.String()),
});
type Unfinished = Static<typeof Unfinished>;

/** Undoes what a killed process left, unless its commit was made. */
async function undoUnfinished(root: string): Promise<void> {
  const path = join(root, unfinishedPath);
  const unfinished = await readJson(path, Unfinished).catch(() => null);
  if (unfinished) {
    // Waits until git, which may have outlived the process, has ended.
    await unstage(root, unfinished);
    if (!(await isCommitted(root, unfinished))) await undo(root, unfinished);
  }
  await rm(path, { force: true });
}

async function isCommitted(root: string, { files, staged }: Unfinished): Promise<boolean> {
  if (staged.length === 0 || (await headCommit(root)) === null) return false;
  const texts = await Promise.all(files.map(({ path }) => fileAt(root, 'HEAD', path)));
  return files.every(({ after }, at) => texts[at] === after.replace(/\n$/, ''));
}

/** A file that somebody has changed since stays as it is. */
async function undo(root: string, unfinished: Unfinished): Promise<void> {
  for (const { path, before, after } of unfinished.files) {
    const found = await readTextIfThere(join(root, path)).catch(() => null);
    if (found === after) await restore(join(root, path), before);
  }
  await unstage(root, unfinished);
}

async function unstage(root: string, { staged }: Unfinished): Promise<void> {
  if (staged.length > 0) await git(root, 'reset', '--quiet', '--', ...staged).catch(() => '');
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
