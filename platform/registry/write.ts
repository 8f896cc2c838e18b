import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { isMainstemError, MainstemError } from '../lib/errors.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { fileAt, git, headCommit } from '../lib/git.ts';
import { readJson, writeJson } from '../lib/json-file.ts';
import { readTextIfThere } from '../lib/read-text.ts';
import { turnPath, type Waiter, withTurn } from '../lib/turn.ts';
import { nullable } from '../schemas/index.ts';
import { assertLookedAt } from './project-state.ts';

/** A change of tracked files that happens whole or not at all. */
export interface TreeChange {
  /** Path relative to the repository → new text; null removes the file. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Changed files that go into the same commit, as they are. */
  readonly include: readonly string[];
  /** Path → text that goes into the commit, while the tree keeps its own: of a file that others change, too. */
  readonly apart?: Readonly<Record<string, string>>;
  /** The commit's message; null leaves the change in the working tree. */
  readonly message: string | null;
  /** Called when everything is staged; if it throws, nothing is committed. */
  readonly beforeCommit?: () => Promise<void>;
}

/**
 * Runs `work`, which reads what is committed and then changes it, while no other process does the same in this
 * repository. What an earlier one left half done when it was killed is undone first.
 *
 * @throws whatever `work` throws; the signal's reason if aborted while waiting
 */
export async function withRepositoryTurn<Result>(
  waiter: Waiter,
  work: () => Promise<Result>,
): Promise<Result> {
  const waiting = 'Another command is committing here; waiting for it to finish.';
  return withTurn({ ...waiter, path: turnPath(waiter.root, 'repository'), waiting }, async () => {
    await undoUnfinished(waiter.root);
    return work();
  });
}

/**
 * Waits for a promotion or rollback that another process is making, and undoes one that a killed process left half done.
 *
 * @example await finishTreeChanges({ root }) // the pointers can be relied on now
 */
export async function finishTreeChanges(waiter: Waiter): Promise<void> {
  await withRepositoryTurn(waiter, async () => undefined);
}

/**
 * Writes the files and commits them, and nothing else that may be staged. If anything fails, the files are put back as
 * they were; if the process is killed, the next {@link withRepositoryTurn} does so. A commit that a git hook changed is
 * undone: what serves must be what was judged, to the byte. A commit that was made counts, whatever befell git after it, and
 * the files stay. Call it in such a turn.
 *
 * @returns the commit, or null if none was asked for or nothing differed.
 * @throws MainstemError GIT_FAILED, GIT_BUSY, GIT_IDENTITY, GIT_UNFINISHED, GIT_LOOKS_AWAY, GIT_HOOK_CHANGED, INTERRUPTED;
 *   COMMIT_STAGED if git left a lock behind; COMMIT_INTERRUPTED or COMMIT_UNSETTLED if it was made
 */
export async function applyTreeChange(root: string, change: TreeChange): Promise<string | null> {
  if (change.message !== null) await assertNothingUnfinished(root);
  const apart = change.message === null ? {} : (change.apart ?? {});
  const files = await noteFiles(root, { ...change.files, ...apart }, new Set(Object.keys(apart)));
  const paths = files.map(({ path }) => path);
  const head = await headCommit(root);
  const committed = [...(await pathsToCommit(root, head, files)), ...change.include];
  if (change.message !== null) await assertLookedAt(root, committed);
  const unfinished: Unfinished = { version: 1, files, staged: change.message ? committed : [] };
  await writeJson(join(root, unfinishedPath), unfinished);
  try {
    for (const { path, after, apart } of files) if (!apart) await restore(join(root, path), after);
    const made = change.message === null ? null : await commit(root, unfinished, change);
    await finish(root, unfinished);
    return made;
  } catch (error) {
    await assertNotMade(root, unfinished, head, error);
    await restoreFiles(root, unfinished, await textsOfHook(root, error, paths));
    await unstageOrLeave(root, unfinished, error);
    throw error;
  }
}

/** All but what is removed before any commit has had it: git would not find it. @param head null without any commit */
async function pathsToCommit(
  root: string,
  head: string | null,
  files: Unfinished['files'],
): Promise<string[]> {
  const paths: string[] = [];
  for (const { path, after } of files) {
    const goes = after !== null || (head !== null && (await fileAt(root, head, path)) !== null);
    if (goes) paths.push(path);
  }
  return paths;
}

async function noteFiles(
  root: string,
  texts: Readonly<Record<string, string | null>>,
  apart: ReadonlySet<string>,
): Promise<Unfinished['files']> {
  return Promise.all(
    Object.entries(texts).map(async ([path, after]) => ({
      path,
      before: await readTextIfThere(join(root, path), path),
      after,
      ...(apart.has(path) && { apart: true }),
    })),
  );
}

/** What the tree keeps for itself is there again, and nothing is left to undo. */
async function finish(root: string, { files, ...unfinished }: Unfinished): Promise<void> {
  await restoreFiles(root, { ...unfinished, files: files.filter(({ apart }) => apart) });
  await rm(join(root, unfinishedPath), { force: true });
}

/**
 * Hooks run after HEAD has moved, too, and whatever interrupts them ends git. Undoing the files then would leave the
 * opposite of the commit in the tree.
 *
 * @param head the commit before.
 * @throws MainstemError COMMIT_INTERRUPTED, COMMIT_UNSETTLED
 */
async function assertNotMade(
  root: string,
  unfinished: Unfinished,
  head: string | null,
  cause: unknown,
): Promise<void> {
  const commit = await headCommit(root);
  if (commit === head || !(await isCommitted(root, unfinished))) return;
  await finish(root, unfinished);
  const code = isMainstemError(cause, 'INTERRUPTED') ? 'COMMIT_INTERRUPTED' : 'COMMIT_UNSETTLED';
  const subject = await git(root, 'log', '-1', '--format=%s', 'HEAD');
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new MainstemError(code, { commit, subject, reason }, { cause });
}

/**
 * Where git is busy or stopped the note stays: the next command takes out of the index what is staged.
 *
 * @param cause why the change is undone
 * @throws MainstemError COMMIT_STAGED if somebody has to act before it
 */
async function unstageOrLeave(root: string, unfinished: Unfinished, cause: unknown): Promise<void> {
  try {
    await unstage(root, unfinished);
    await rm(join(root, unfinishedPath), { force: true });
  } catch (error) {
    if (!isNotYet(error)) throw error;
    if (!isMainstemError(error, 'GIT_BUSY') || isNotYet(cause)) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const files = unfinished.staged.join(' ');
    const details = { reason, path: String(error.details.path), files };
    throw new MainstemError('COMMIT_STAGED', details, { cause });
  }
}

/** What git keeps while it is in the middle of something; a commit made then is lost when that is aborted. */
const inProgress: Readonly<Record<string, string>> = {
  'rebase-merge': 'a rebase is in progress',
  'rebase-apply': 'a rebase or "git am" is in progress',
  MERGE_HEAD: 'a merge is in progress',
  CHERRY_PICK_HEAD: 'a cherry-pick is in progress',
  REVERT_HEAD: 'a revert is in progress',
  BISECT_LOG: 'a bisection is in progress',
};

/** @throws MainstemError GIT_UNFINISHED */
async function assertNothingUnfinished(root: string): Promise<void> {
  const names = Object.keys(inProgress);
  const asked = names.flatMap((name) => ['--git-path', name]);
  const paths = (await git(root, 'rev-parse', ...asked)).split('\n');
  const found = names.find((_, at) => existsSync(resolve(root, paths[at] ?? '')));
  if (found === undefined) return;
  throw new MainstemError('GIT_UNFINISHED', { reason: `${inProgress[found]}.` });
}

async function commit(
  root: string,
  { files, staged: paths }: Unfinished,
  { message, beforeCommit }: TreeChange,
): Promise<string | null> {
  const apart = files.filter((file) => file.apart);
  const whole = paths.filter((path) => !apart.some((file) => file.path === path));
  await git(root, 'add', '--', ...whole);
  const never = files.filter(({ path }) => !paths.includes(path)).map(({ path }) => path);
  if (never.length > 0) await git(root, 'rm', '--cached', '-q', '--ignore-unmatch', '--', ...never);
  await beforeCommit?.();
  for (const { path, after } of apart) {
    await restore(join(root, path), after);
    await git(root, 'add', '--', path);
  }
  if ((await git(root, 'diff', '--cached', '--name-only', '--', ...paths)) === '') return null;
  const [before, staged] = [await headCommit(root), await stagedBlobs(root, paths)];
  const failure = await git(root, 'commit', '--quiet', '-m', message ?? '', '--', ...paths).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failure && !(await hasMoved(root, before, paths))) throw failure.error;
  const made = await git(root, 'rev-parse', 'HEAD');
  const committed = await committedBlobs(root, made, paths);
  const changed = paths.filter((path) => committed.get(path) !== staged.get(path));
  if (changed.length > 0) {
    await undoCommit(root, made, before);
    throw new MainstemError('GIT_HOOK_CHANGED', { files: changed.join(', '), commit: made });
  }
  if (failure) throw failure.error;
  return made;
}

/** Whether git has made the commit, though it did not end well: HEAD has other content in these paths than before. */
async function hasMoved(
  root: string,
  before: string | null,
  paths: readonly string[],
): Promise<boolean> {
  const head = await headCommit(root);
  if (head === null || head === before) return false;
  if (before === null) return true;
  return (
    (await git(root, 'diff', '--name-only', '--end-of-options', before, head, '--', ...paths)) !==
    ''
  );
}

/** What git is about to commit: path → blob. A deleted file has none. */
async function stagedBlobs(root: string, paths: readonly string[]): Promise<Map<string, string>> {
  return parseBlobs(await git(root, 'ls-files', '-z', '--stage', '--', ...paths));
}

async function committedBlobs(
  root: string,
  revision: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  return parseBlobs(
    await git(root, 'ls-tree', '-r', '-z', '--end-of-options', revision, '--', ...paths),
  );
}

/** Both commands print mode, type or blob, and blob or stage before a tab and the path. */
function parseBlobs(listed: string): Map<string, string> {
  const found = listed.matchAll(/\b([0-9a-f]{40,64})\b[^\t\0]*\t([^\0]+)/g);
  return new Map([...found].map(([, blob = '', path = '']) => [path, blob]));
}

/** Git itself refuses if somebody else has committed on top meanwhile. */
async function undoCommit(root: string, made: string, before: string | null): Promise<void> {
  if (before === null) await git(root, 'update-ref', '-d', '--end-of-options', 'HEAD', made);
  else
    await git(
      root,
      'update-ref',
      '-m',
      'undo: changed by a hook',
      '--end-of-options',
      'HEAD',
      before,
      made,
    );
}

/** Where a change is noted until it is whole. */
const unfinishedPath = '.mainstem/unfinished.json';

const Unfinished = Type.Object({
  version: Type.Literal(1),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      before: nullable(Type.String()),
      after: nullable(Type.String()),
      /** Whether the tree keeps what was there before. */
      apart: Type.Optional(Type.Boolean()),
    }),
  ),
  /** Paths that go into the commit; none if nothing is committed. */
  staged: Type.Array(Type.String()),
});
type Unfinished = Static<typeof Unfinished>;

/**
 * Undoes what a killed process left, unless its commit was made. The index first: what stays staged would be in somebody's next
 * commit. Where git is busy nothing is touched, and the note stays.
 *
 * @throws MainstemError GIT_BUSY, INTERRUPTED
 */
async function undoUnfinished(root: string): Promise<void> {
  const path = join(root, unfinishedPath);
  const unfinished = await readJson(path, Unfinished).catch(() => null);
  if (unfinished) {
    // Waits until git, which may have outlived the process, has ended.
    await unstage(root, unfinished);
    if (!(await isCommitted(root, unfinished))) await restoreFiles(root, unfinished);
    else await finish(root, unfinished);
  }
  await rm(path, { force: true });
}

async function isCommitted(root: string, { files, staged }: Unfinished): Promise<boolean> {
  if (staged.length === 0 || (await headCommit(root)) === null) return false;
  const texts = await Promise.all(files.map(({ path }) => fileAt(root, 'HEAD', path)));
  return files.every(
    ({ after }, at) => (texts[at] ?? null) === (after?.replace(/\n$/, '') ?? null),
  );
}

/** A file that somebody has changed since stays as it is. @param byHook what a hook made of the files, by path. */
async function restoreFiles(
  root: string,
  unfinished: Unfinished,
  byHook: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  for (const { path, before, after } of unfinished.files) {
    const found = await readTextIfThere(join(root, path)).catch(() => null);
    const ours = found === after || (found !== null && found.trimEnd() === byHook.get(path));
    if (ours) await restore(join(root, path), before);
  }
}

/** The files as a hook had changed them in the commit that was undone; empty for every other error. */
async function textsOfHook(
  root: string,
  error: unknown,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  if (!isMainstemError(error, 'GIT_HOOK_CHANGED')) return texts;
  for (const path of paths) {
    const text = await fileAt(root, String(error.details.commit), path);
    if (text !== null) texts.set(path, text.trimEnd());
  }
  return texts;
}

/** @throws MainstemError GIT_BUSY, INTERRUPTED */
async function unstage(root: string, { staged }: Unfinished): Promise<void> {
  if (staged.length === 0) return;
  await git(root, 'reset', '--quiet', '--', ...staged).catch((error: unknown) => {
    if (isNotYet(error)) throw error;
  });
}

/** git would have done it at another time. */
function isNotYet(error: unknown): boolean {
  return isMainstemError(error, 'GIT_BUSY') || isMainstemError(error, 'INTERRUPTED');
}

/**
 * A value as the text of a committed JSON file: indented, with a final newline.
 *
 * @example renderJson({ version: 1 }) // '{\n  "version": 1\n}\n'
 */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Makes a file what it is to be: a text, or not there. */
async function restore(path: string, text: string | null): Promise<void> {
  if (text === null) await rm(path, { force: true });
  else await writeFileAtomic(path, text);
}
