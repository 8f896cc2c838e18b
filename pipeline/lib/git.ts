import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MainstemError } from './errors.ts';

const run = promisify(execFile);

/**
 * Runs git and returns what it printed, without the final newline.
 *
 * @param root the repository's folder.
 * @throws MainstemError GIT_FAILED with git's own words.
 */
export async function git(root: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', args, { cwd: root, maxBuffer: 256 * 1024 * 1024 });
    return stdout.replace(/\n$/, '');
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    const reason = (stderr || message).trim();
    throw new MainstemError('GIT_FAILED', { command: args.join(' '), reason }, { cause });
  }
}

/** The commit that is checked out, or null where there is none (no repository, or no commit yet). */
export async function headCommit(root: string): Promise<string | null> {
  return git(root, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(() => null);
}

/** A file's text at a revision, or null if that revision has no such file. @throws GIT_FAILED for an unknown revision */
export async function fileAt(root: string, revision: string, path: string): Promise<string | null> {
  await git(root, 'rev-parse', '--verify', `${revision}^{commit}`);
  const listed = await git(root, 'ls-tree', '--name-only', revision, '--', path);
  return listed === '' ? null : git(root, 'show', `${revision}:${path}`);
}
