import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MainstemError } from './errors.ts';

const run = promisify(execFile);

/**
 * Runs git and returns what it printed, without the final newline.
 *
 * @param root the repository's folder.
 * @throws MainstemError GIT_FAILED with git's own message; GIT_IDENTITY if no user name or email is configured.
 * @example await git(root, 'branch', '--show-current') // 'main'
 */
export async function git(root: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', args, { cwd: root, maxBuffer: 256 * 1024 * 1024 });
    return stdout.replace(/\n$/, '');
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    const reason = (stderr || message).trim();
    if (/tell me who you are|empty ident/i.test(reason)) {
      throw new MainstemError('GIT_IDENTITY', {}, { cause });
    }
    throw new MainstemError('GIT_FAILED', { command: shortCommand(args), reason }, { cause });
  }
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
