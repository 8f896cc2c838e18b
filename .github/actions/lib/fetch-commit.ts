import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { gitEntries } from '../../../platform/lib/git.ts';
import { context } from './event.ts';
import { parseCommit } from './parse-input.ts';

const run = promisify(execFile);

/**
 * Fetches a commit, for example a pull request's head, into the checkout's objects: it can then be read as data, and is
 * never checked out. The token goes through the environment, so that no process list shows it.
 *
 * @throws MainstemError INPUT_INVALID for anything but the whole name of a commit, GIT_FAILED
 */
export async function fetchCommit(root: string, sha: string, token: string): Promise<void> {
  parseCommit(sha, 'commit');
  const credential = Buffer.from(`x-access-token:${token}`).toString('base64');
  core.setSecret(credential);
  const env = {
    ...process.env,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${context.serverUrl}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${credential}`,
  };
  const args = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules'];
  await run('git', [...args, '--end-of-options', 'origin', sha], { cwd: root, env }).catch(
    (cause: Error & { stderr?: string }) => {
      const reason = (cause.stderr || cause.message).trim();
      throw new MainstemError('GIT_FAILED', { command: `fetch origin ${sha}`, reason }, { cause });
    },
  );
}

/** A file that differs between two commits. */
export interface ChangedFile {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
}

/** The files that `head` changes since it left `base`; a renamed one is removed and added. */
export async function changedFiles(
  root: string,
  base: string,
  head: string,
): Promise<ChangedFile[]> {
  const listed = [
    'diff',
    '--name-status',
    '--no-renames',
    '-z',
    '--end-of-options',
    `${base}...${head}`,
  ];
  const files = await gitEntries(root, 2, ...listed);
  return files.map(([letter = '', path = '']) => ({ status: statusOf(letter), path }));
}

function statusOf(letter: string): ChangedFile['status'] {
  if (letter === 'A') return 'added';
  return letter === 'D' ? 'removed' : 'modified';
}
