import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from './error-codes.ts';
import { isMainstemError, MainstemError } from './errors.ts';
import { explainGitError } from './explain-git-error.ts';
import { gitEnvironment } from './git-environment.js';
import { plural } from './plural.ts';
import { runGit } from './run-git.ts';
import { abbreviate } from './text.ts';

/** Users may configure git to print more than was asked for. */
const plain = [
  ...['-c', 'log.showSignature=false', '-c', 'color.ui=false'],
  ...['-c', 'i18n.logOutputEncoding=UTF-8'],
];

/** How long git's own lock is waited for, and how old a lock is that nobody seems to hold any more. */
const [lockWaitMs, oldLockMs, pollMs] = [10_000, 60_000, 100];

/**
 * Runs git and returns what it printed, without the final newline. The folder decides which repository is meant, also
 * within a hook of another one. While another git works in the repository, it waits.
 *
 * @param root the repository's folder.
 * @throws MainstemError GIT_NO_REPOSITORY, GIT_NO_COMMITS, GIT_BRANCH_UNBORN, GIT_MISSING, GIT_UNTRUSTED, GIT_SETTINGS, GIT_IDENTITY,
 *   GIT_UNFINISHED, GIT_DAMAGED, GIT_KILLED, FILE_UNREADABLE, FILE_UNWRITABLE, DISK_FULL, PROGRAM_UNUSABLE; GIT_BUSY if a lock file
 *   of git stays; INTERRUPTED if git was asked to stop; otherwise GIT_FAILED with git's own message
 * @example await git(root, 'branch', '--show-current') // 'main'
 */
export async function git(root: string, ...args: string[]): Promise<string> {
  for (const until = performance.now() + lockWaitMs; ; await sleep(pollMs)) {
    const { output, failure } = await attempt(root, args);
    if (failure === undefined) return output;
    // Its lock kept git from starting: it has done nothing yet.
    if (!isMainstemError(failure, 'GIT_BUSY')) throw await explainUnborn(root, failure);
    const lock = resolve(root, String(failure.details.path));
    if (performance.now() > until || (await isOld(lock))) throw failure;
  }
}

/**
 * What stands for the answer of a git command that fails, as a handler for its `catch`. One that was ended or could not begin has
 * not failed: it would have answered.
 *
 * @throws MainstemError INTERRUPTED, GIT_KILLED, PROGRAM_UNUSABLE
 * @example await git(root, 'config', 'user.name').catch(otherwise('')) // '' where none is set
 */
export function otherwise<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (isMainstemError(error) && unanswered.has(error.code)) throw error;
    return value;
  };
}

const unanswered: ReadonlySet<ErrorCode> = new Set([
  ...(['INTERRUPTED', 'GIT_KILLED', 'PROGRAM_UNUSABLE'] as const),
]);

/**
 * Runs git with a format in which every field ends with NUL, the one byte that no path, subject or name can hold, and
 * returns the fields of each entry. Whatever else stands between fields can be part of one, so that its author could
 * forge an entry.
 *
 * @param fields how many fields an entry has.
 * @throws MainstemError GIT_FAILED if the output is not whole entries, and what {@link git} throws
 * @example await gitEntries(root, 2, 'log', '-z', '--format=%H%x00%s') // [['7df25d…', 'Start']]
 */
export async function gitEntries(
  root: string,
  fields: number,
  ...args: string[]
): Promise<string[][]> {
  const found = (await git(root, ...args)).split('\0');
  if (found.pop() !== '' || found.length % fields !== 0) {
    const reason = `its output is not in entries of ${plural(fields, 'field')}`;
    throw new MainstemError('GIT_FAILED', { command: shortCommand(args), reason });
  }
  return Array.from({ length: found.length / fields }, (_, at) =>
    found.slice(at * fields, (at + 1) * fields),
  );
}

/** Git says the same of a repository without commits and of a branch without any in one of thousands. */
async function explainUnborn(root: string, failure: MainstemError): Promise<MainstemError> {
  if (!isMainstemError(failure, 'GIT_NO_COMMITS')) return failure;
  const { output: any } = await attempt(root, ['rev-list', '--all', '--max-count=1']);
  const { output: branch } = await attempt(root, ['symbolic-ref', '--short', 'HEAD']);
  if (any === '' || branch === '') return failure;
  return new MainstemError('GIT_BRANCH_UNBORN', { branch }, { cause: failure });
}

async function attempt(
  root: string,
  args: readonly string[],
): Promise<{ readonly output: string; readonly failure?: MainstemError }> {
  const command = shortCommand(args);
  try {
    const place = { cwd: root, env: gitEnvironment(root) };
    const ended = await runGit(args[0] ?? '', [...plain, ...args], place);
    const { stdout, stderr, failure } = ended;
    if (failure === null) return { output: stdout.replace(/\n$/, '') };
    if (ended.interrupted) return { output: '', failure: new MainstemError('INTERRUPTED') };
    if (ended.code === null && stderr.trim() === '')
      return { output: '', failure: new MainstemError('GIT_KILLED', { command, reason: failure }) };
    const reason = stderr.trim() || silentReason(args, failure);
    const exit = ended.code;
    return { output: '', failure: explainGitError({ root, command, reason, exit }) };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    return {
      output: '',
      failure: explainGitError({ root, command, reason: message, code }, { cause }),
    };
  }
}

function silentReason([command]: readonly string[], failure: string): string {
  const hook = command === 'commit' ? '; a hook of this repository may have refused it' : '';
  return `git ${failure} and said nothing${hook}`;
}

async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > oldLockMs,
    () => false,
  );
}

/**
 * The commit that is checked out, or null if there is none (no git, no repository, or no commit yet).
 *
 * @throws MainstemError as {@link git} does, where there may be one and git does not say
 * @example await headCommit(root) // '7df25d3a1c…', 40 digits
 */
export async function headCommit(root: string): Promise<string | null> {
  return git(root, 'rev-parse', '--verify', '--quiet', 'HEAD').catch((error: unknown) => {
    if (isMainstemError(error) && isWithoutHead(error)) return null;
    throw error;
  });
}

/** Without a word and with 1, git says that there is no commit yet. Whatever else befalls it says nothing of commits. */
function isWithoutHead({ code, details }: MainstemError): boolean {
  if (code === 'GIT_FAILED') return details.exit === 1;
  return code === 'GIT_MISSING' || code === 'GIT_NO_REPOSITORY' || code === 'GIT_NO_COMMITS';
}

/**
 * The branch that is checked out; null on a detached HEAD.
 *
 * @throws MainstemError GIT_NO_REPOSITORY
 * @example await currentBranch(root) // 'main'
 */
export async function currentBranch(root: string): Promise<string | null> {
  return (await git(root, 'branch', '--show-current')) || null;
}

/** The folders of the repository's working trees, also of those that were deleted without telling git. */
export async function workingTrees(root: string): Promise<string[]> {
  const listed = await git(root, 'worktree', 'list', '--porcelain', '-z').catch(() =>
    // git before 2.36 separates by lines only.
    git(root, 'worktree', 'list', '--porcelain').then((lines) => lines.replaceAll('\n', '\0')),
  );
  return [...listed.matchAll(/(?<=^|\0)worktree ([^\0]+)/g)].map(([, tree = '']) => tree);
}

/** Whether the clone is shallow, so that its history ends before the repository's does. */
export async function isShallow(root: string): Promise<boolean> {
  return (await git(root, 'rev-parse', '--is-shallow-repository')) === 'true';
}

/**
 * The text of a file at a revision, without the final newline; null if that revision has no such file.
 *
 * @throws MainstemError REVISION_UNKNOWN, GIT_FAILED
 * @example await fileAt(root, 'main', 'models/pumpkins/production.json') // '{\n  "version": 1,…', or null
 */
export async function fileAt(root: string, revision: string, path: string): Promise<string | null> {
  await assertRevision(root, revision);
  return fileOf(root, revision, path);
}

/** As {@link fileAt}, of a commit that is known to be there. @throws MainstemError FILE_UNREADABLE for a symbolic link */
export async function fileOf(root: string, commit: string, path: string): Promise<string | null> {
  const listed = await git(root, 'ls-tree', '-z', '--end-of-options', commit, '--', path);
  if (listed === '') return null;
  // Its content would be where it points, which may be outside of the repository.
  if (listed.startsWith(linkMode)) {
    const reason = 'it is a symbolic link there; put the file itself in its place';
    throw new MainstemError('FILE_UNREADABLE', { path: `${commit}:${path}`, reason });
  }
  return git(root, 'show', '--end-of-options', `${commit}:${path}`);
}

const linkMode = '120000 ';

/**
 * Whether a text is the whole name of an object: hexadecimal SHA-1 or SHA-256. All zeros is git's word for none.
 *
 * @example isObjectName('--upload-pack=x') // false
 */
export function isObjectName(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text) && /[^0]/.test(text);
}

/** Whether a repository has a commit, reachable or not. @param commit its full name */
export async function hasCommit(root: string, commit: string): Promise<boolean> {
  return git(root, 'cat-file', '-e', '--end-of-options', `${commit}^{commit}`).then(
    () => true,
    otherwise(false),
  );
}

/** Checks that the branch has a commit where the repository has any. @throws MainstemError GIT_BRANCH_UNBORN, GIT_NO_REPOSITORY */
export async function assertBorn(root: string): Promise<void> {
  await assertHead(root).catch((error: unknown) => {
    if (!isMainstemError(error, 'GIT_NO_COMMITS')) throw error;
  });
}

/** Checks that there is a commit to stand on. @throws MainstemError GIT_NO_COMMITS, GIT_BRANCH_UNBORN, GIT_NO_REPOSITORY */
export async function assertHead(root: string): Promise<void> {
  await git(root, 'rev-parse', '--git-dir');
  if ((await headCommit(root)) !== null) return;
  throw await explainUnborn(root, new MainstemError('GIT_NO_COMMITS'));
}

/** Checks that a revision names a commit. @throws MainstemError as {@link commitOf} does */
export async function assertRevision(root: string, revision: string): Promise<void> {
  await commitOf(root, revision);
}

/**
 * The commit that a revision names, by its whole name.
 *
 * @throws MainstemError REVISION_UNKNOWN, GIT_NO_REPOSITORY; GIT_DAMAGED where the commit is gone; GIT_NO_COMMITS, GIT_BRANCH_UNBORN
 *   for `HEAD` where there is none
 */
export async function commitOf(root: string, revision: string): Promise<string> {
  await git(root, 'rev-parse', '--git-dir');
  // Otherwise a revision that starts with a dash would be read as an option.
  const query = ['--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  return git(root, 'rev-parse', ...query).catch(async (cause: unknown) => {
    otherwise(null)(cause);
    if (/^(HEAD|@)\b|^@$/.test(revision)) await assertHead(root);
    await assertKept(root, revision);
    throw new MainstemError('REVISION_UNKNOWN', { revision }, { cause });
  });
}

/** A branch or tag whose commit is gone is damage: git itself never lets go of what a name holds. @throws MainstemError GIT_DAMAGED */
async function assertKept(root: string, revision: string): Promise<void> {
  const query = ['--verify', '--quiet', '--end-of-options', revision];
  const commit = await git(root, 'rev-parse', ...query).catch(otherwise(''));
  // Git takes any name of full length for an object's, without looking.
  if (commit === '' || commit === revision.toLowerCase()) return;
  await git(root, 'cat-file', '-e', '--end-of-options', commit).catch((cause: unknown) => {
    otherwise(null)(cause);
    const reason = `${revision} is ${abbreviate(commit)}, and that object is missing`;
    throw new MainstemError('GIT_DAMAGED', { reason }, { cause });
  });
}

/** The git command in short: subcommand and next words, without long texts such as a commit message. */
function shortCommand(args: readonly string[]): string {
  const shown = args.filter((word) => word !== '--end-of-options');
  const words = shown.map((word) => word.split(/\s/)[0] ?? '');
  return words.length > 3 ? `${words.slice(0, 3).join(' ')} …` : words.join(' ');
}
