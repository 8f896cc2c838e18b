import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { isMissing, runBoundedGit } from '../../../../serving/following/bounded-git.ts';
import { explainFetch } from '../../../../serving/following/explain-fetch.ts';
import { test } from '../../../helpers/folder.ts';

/** Runs a program that is called git. */
async function run(
  folder: string,
  script: string,
  seconds = 30,
  signal = AbortSignal.any([]),
  mostBytes = 1024 * 1024,
) {
  const program = join(folder, 'git');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  return runBoundedGit({
    args: ['fetch'],
    cwd: folder,
    env,
    input: 'ids\n',
    seconds,
    signal,
    mostBytes,
  });
}

test('what git says and how it ended are known, and it gets its input', async ({ folder }) => {
  const end = await run(folder, 'cat; echo "fatal: no" >&2; exit 7');
  expect(end).toMatchObject({ stderr: 'fatal: no\n', code: 7, limit: null });
  expect(end.stdout.toString()).toBe('ids\n');
  expect(isMissing(end)).toBe(false);
});

test('one that does not end in time is ended, with what it started and what holds its output', async ({
  folder,
}) => {
  const end = await run(folder, 'sleep 1000 & wait', 0.2);
  expect(end.limit).toBe('time');
});

test('one that is not wanted any more is ended', async ({ folder }) => {
  const reason = new Error('enough');
  await expect(run(folder, 'sleep 1000', 60, AbortSignal.abort(reason))).rejects.toThrow(reason);
  const controller = new AbortController();
  const running = run(folder, 'sleep 1000', 60, controller.signal);
  controller.abort(reason);
  await expect(running).rejects.toThrow(reason);
});

test('a repository that is too large for a branch cannot be fetched', async ({ folder }) => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  await git(folder, 'init', '--quiet', from);
  await writeFile(join(from, 'large'), randomBytes(1024 * 1024));
  await git(from, 'add', 'large');
  const by = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  await git(from, ...by, 'commit', '--quiet', '-m', 'Large');
  await git(folder, 'init', '--quiet', '--bare', to);
  const call = { args: ['fetch', '--quiet', from, 'HEAD'], cwd: to, env: process.env };
  const bounds = { seconds: 60, signal: AbortSignal.any([]) };
  const refused = await runBoundedGit({ ...call, ...bounds, mostBytes: 256 * 1024 });
  expect(refused).not.toMatchObject({ code: 0 });
  const asked = { address: from, shown: from, branch: 'main', seconds: 60 };
  expect(explainFetch(refused, asked).details.reason).toBe('it sent more than is read of a branch');
  expect(await runBoundedGit({ ...call, ...bounds })).toMatchObject({ code: 0, limit: null });
});

test('an answer that is too long is not read to its end', async ({ folder }) => {
  const end = await run(folder, 'cat /dev/zero');
  expect(end.limit).toBe('size');
});

test('where there is no git, that is known', async ({ folder }) => {
  const call = { args: [], cwd: folder, env: { PATH: folder }, seconds: 30 };
  expect(isMissing(await runBoundedGit({ ...call, signal: AbortSignal.any([]) }))).toBe(true);
});

test.each([
  ['fatal: Authentication failed for', 'FOLLOW_DENIED'],
  ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'FOLLOW_DENIED'],
  ['git@x: Permission denied (publickey).\nfatal: Could not read from remote', 'FOLLOW_DENIED'],
  ['remote: Repository not found.', 'FOLLOW_DENIED'],
  ['fatal: unable to access: The requested URL returned error: 403', 'FOLLOW_DENIED'],
  ["fatal: couldn't find remote ref refs/heads/main", 'FOLLOW_BRANCH_MISSING'],
  ["fatal: unable to access 'x': Could not resolve host", 'FOLLOW_UNREACHABLE'],
  ['', 'FOLLOW_UNREACHABLE'],
])('%j is %s, and shows no password', (said, code) => {
  const address = 'https://jen:secret@farm.example/x.git';
  const shown = 'https://***@farm.example/x.git';
  const end = { stdout: Buffer.alloc(0), stderr: `${said} '${address}'`, code: 128, limit: null };
  const error = explainFetch(end, { address, shown, branch: 'main', seconds: 9 });
  expect(error.code).toBe(code);
  expect(error.message).not.toContain('secret');
});
