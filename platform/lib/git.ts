import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MainstemError } from './errors.ts';

const run = promisify(execFile);

/** How long git's own lock is waited for, and how old a lock is that nobody seems to hold any more. */
const [lockWaitMs, oldLockMs, pollMs] = [10_000, 60_000, 100];

/**
 * Runs git and returns what it printed, without the final newline. While another git works in the repository, it waits.
 *
 * @param root the repository's folder.
 * @throws MainstemError GIT_FAILED with git's own message; GIT_IDENTITY if no user name or email is configured; GIT_BUSY
 *   if a lock file of git stays.
 * @example await git(root, 'branch', '--show-current') // 'main'
 */
export async function git(root: string, ...args: string[]): Promise<string> {
  for (const until = performance.now() + lockWaitMs; ; await sleep(pollMs)) {
    const { output, failure } = await attempt(root, args);
    if (failure === undefined) return output;
    const lock = lockIn(failure.reason);
    if (lock === undefined) throw gitError(args, failure);
    const path = resolve(root, lock);
    if (performance.now() > until || (await isOld(path))) {
      throw new MainstemError('GIT_BUSY', { path }, { cause: failure.cause });
    }
  }
}

interface Failure {
  /** What git said. */
  readonly reason: string;
  readonly cause: unknown;
}

async function attempt(
  root: string,
  args: readonly string[],
): Promise<{ readonly output: string; readonly failure?: Failure }> {
  // In English, because what git says is read here.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  try {
    const { stdout } = await run('git', args, { cwd: root, env, maxBuffer: 256 * 1024 * 1024 });
    return { output: stdout.replace(/\n$/, '') };
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    return { output: '', failure: { reason: (stderr || message).trim(), cause } };
  }
}

/** The lock file that kept git from starting; it had done nothing yet then. */
function lockIn(reason: string): string | undefined {
  return /Unable to create '(.+\.lock)': File exists/.exec(reason)?.[1];
}

async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > oldLockMs,
    () => false,
  );
}

function gitError(args: readonly string[], { reason, cause }: Failure): MainstemError {
  if (/tell me who you are|empty ident/i.test(reason)) {
    return new MainstemError('GIT_IDENTITY', {}, { cause });
  }
  return new MainstemError('GIT_FAILED', { command: shortCommand(args), reason }, { cause });
}

/**
 * The commit that is checked out, or null if there is none (no repository, or no commit yet).
 *
 * @example await headCommit(root) // '7df25d3a1c…', 40 digits
 */
export async function headCommit(root: string): Promise<string | null> {
  return git(root, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(() => null);
}

/**
 * The text of a file at a revision, without the final newline; null if that revision has no such file.
 *
 * @throws MainstemError REVISION_UNKNOWN, GIT_FAILED
 * @example await fileAt(root, 'main', 'models/pumpkins/production.json') // '{\n  "version": 1,…', or null
 */
export async function fileAt(root: string, revision: string, path: string): Promise<string | null> {
  await assertRevision(root, revision);
  const listed = await git(root, 'ls-tree', '--name-only', revision, '--', path);
  return listed === '' ? null : git(root, 'show', `${revision}:${path}`);
}

/** Checks that a revision names a commit. @throws MainstemError REVISION_UNKNOWN; GIT_FAILED if there is no repository at all */
export async function assertRevision(root: string, revision: string): Promise<void> {
  await git(root, 'rev-parse', '--git-dir');
  // Otherwise a revision that starts with a dash would be read as an option.
  const query = ['--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  await git(root, 'rev-parse', ...query).catch((cause: unknown) => {
    throw new MainstemError('REVISION_UNKNOWN', { revision }, { cause });
  });
}

/** The git command in short: subcommand and next words, without long texts such as a commit message. */
function shortCommand(args: readonly string[]): string {
  const words = args.map((word) => word.split(/\s/)[0] ?? '');
  return words.length > 3 ? `${words.slice(0, 3).join(' ')} …` : words.join(' ');
}
