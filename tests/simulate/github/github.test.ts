import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { git, tryGit } from './git.ts';
import { mergePull, missingContexts, openPull } from './merging.ts';
import { describedOperations } from './openapi/description.ts';
import { refreshMerge } from './references.ts';
import { routes } from './routes/index.ts';
import { issueToken, jobToken, startGitHub, userToken } from './start-github.ts';
import type { Forge, Pull, Token, Trigger } from './state.ts';

interface Bench {
  readonly forge: Forge;
  readonly folder: string;
  readonly jen: Token;
  /** Events since the start. */
  readonly events: Trigger[];
  call(token: Token | string, method: string, path: string, body?: unknown): Promise<Called>;
  /** A commit on top of a revision that sets one file. */
  commit(parent: string, path: string, text: string): string;
  open(branch: string, commit: string): Pull;
}

interface Called {
  readonly status: number;
  readonly body: Record<string, unknown> & unknown[];
  readonly link: string | null;
}

async function bench(expectedViolations = 0): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-github-'));
  const repository = join(folder, 'farm.git');
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  const github = await startGitHub({ repository, folder });
  const { forge } = github;
  const events: Trigger[] = [];
  forge.listeners.push((trigger) => events.push(trigger));
  onTestFinished(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
    expect(forge.violations).toHaveLength(expectedViolations);
  });
  const index = { GIT_INDEX_FILE: join(folder, 'index'), GIT_DIR: repository };
  const commit = (parent: string, path: string, text: string) => {
    git(repository, ['read-tree', ...(parent ? [parent] : ['--empty'])], { env: index });
    const blob = git(repository, ['hash-object', '-w', '--stdin'], { input: text });
    const entry = ['--add', '--cacheinfo', `100644,${blob},${path}`];
    git(repository, ['update-index', ...entry], { env: index });
    const tree = git(repository, ['write-tree'], { env: index });
    const parents = parent ? ['-p', parent] : [];
    return git(repository, ['commit-tree', tree, ...parents, '-m', `Set ${path}`]);
  };
  git(repository, ['update-ref', 'refs/heads/main', commit('', 'README.md', 'Farm\n')]);
  const jen = userToken(forge, 'jen');
  const open = (branch: string, sha: string) => {
    git(repository, ['update-ref', `refs/heads/${branch}`, sha]);
    const pull = openPull(forge, { title: branch, body: '', head: branch, base: 'main' }, jen);
    refreshMerge(forge, pull);
    return pull;
  };
  const call = async (token: Token | string, method: string, path: string, body?: unknown) => {
    const value = typeof token === 'string' ? token : token.value;
    const response = await fetch(`${forge.url}/repos/jen/farm${path}`, {
      method,
      headers: { authorization: `Bearer ${value}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const link = response.headers.get('link');
    return { status: response.status, body: text === '' ? {} : JSON.parse(text), link };
  };
  return { forge, folder: repository, jen, events, call, commit, open };
}

test('GitHub describes every operation that the stand-in has', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names)).toEqual(new Set(describedOperations));
});

test('a job’s token does what the job declares and no more', async () => {
  const { forge, call, open, commit } = await bench();
  const pull = open('more', commit('main', 'a.txt', 'a'));
  const reader = jobToken(forge, { contents: 'read', 'pull-requests': 'read' });
  expect((await call(reader, 'GET', '/pulls/1')).body).toMatchObject({
    number: 1,
    mergeable: true,
  });
  const refused = await call(reader, 'POST', '/issues/1/comments', { body: 'Hello' });
  expect(refused).toMatchObject({
    status: 403,
    body: { message: 'Resource not accessible by integration' },
  });
  const status = { state: 'success', context: 'mainstem/gates' };
  const path = `/statuses/${pull.head.sha}`;
  expect((await call(reader, 'POST', path, status)).status).toBe(403);
  const writer = jobToken(forge, { statuses: 'write' });
  expect((await call(writer, 'POST', path, status)).status).toBe(201);
  expect((await call(writer, 'GET', '/pulls/1')).status).toBe(403);
  expect((await call('nobody', 'GET', '/pulls/1')).status).toBe(401);
  expect((await call(writer, 'GET', `/commits/${pull.head.sha}/status`)).body).toMatchObject({
    state: 'success',
    total_count: 1,
  });
});

test('what a job’s token pushes moves the pull request and starts nothing; an app’s token starts', async () => {
  const { forge, call, open, commit, events } = await bench();
  const pull = open('more', commit('main', 'a.txt', 'a'));
  const next = commit(pull.head.sha, 'b.txt', 'b');
  const job = jobToken(forge, { contents: 'write' });
  await call(job, 'PATCH', '/git/refs/heads%2Fmore', { sha: next, force: false });
  expect(pull.head.sha).toBe(next);
  expect(events).toEqual([]);
  const app = issueToken(forge, {
    kind: 'app',
    login: 'farm[bot]',
    permissions: { contents: 'write' },
    repository: 'jen/farm',
  });
  const last = commit(next, 'c.txt', 'c');
  await call(app, 'PATCH', '/git/refs/heads%2Fmore', { sha: last });
  expect(events.map(({ event, action }) => [event, action])).toEqual([
    ['push', null],
    ['pull_request', 'synchronize'],
  ]);
});

test('a reference moves forward only, and no workflow file is changed by a token', async () => {
  const { forge, call, open, commit } = await bench();
  const pull = open('more', commit('main', 'a.txt', 'a'));
  const job = jobToken(forge, { contents: 'write' });
  const other = commit('main', 'b.txt', 'b');
  const path = '/git/refs/heads%2Fmore';
  const moved = await call(job, 'PATCH', path, { sha: other, force: false });
  expect(moved).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } });
  const workflow = commit(pull.head.sha, '.github/workflows/x.yml', 'on: push');
  const refused = await call(job, 'PATCH', path, { sha: workflow });
  expect(refused.status).toBe(422);
  expect(String(refused.body.message)).toContain('without `workflows` permission');
  expect((await call(job, 'PATCH', '/git/refs/heads%2Fnone', { sha: other })).status).toBe(422);
  expect((await call(job, 'GET', '/contents/none.txt?ref=main')).status).toBe(404);
});

test('git itself fetches and pushes with a token that may', async () => {
  const { forge, commit, events } = await bench();
  const clone = mkdtempSync(join(tmpdir(), 'mainstem-clone-'));
  onTestFinished(() => rmSync(clone, { recursive: true }));
  const { runProcess } = await import('../runner/run-process.ts');
  // Not the waiting kind: this process answers.
  const run = async (...args: string[]) => {
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: clone, GIT_TERMINAL_PROMPT: '0' };
    const { signal } = new AbortController();
    const call = { program: 'git', args, cwd: clone, env, timeoutMs: 30_000, signal };
    return (await runProcess({ ...call, onText: () => {} })).code;
  };
  const address = (token: Token) =>
    `${forge.url.replace('//', `//x-access-token:${token.value}@`)}/jen/farm.git`;
  const none = jobToken(forge, {});
  expect(await run('fetch', '--quiet', address(none), 'main')).not.toBe(0);
  git(clone, ['init', '--quiet', '--initial-branch=main']);
  const reader = jobToken(forge, { contents: 'read' });
  expect(await run('fetch', '--quiet', address(reader), 'main')).toBe(0);
  writeFileSync(join(clone, 'x'), '');
  expect(await run('push', '--quiet', address(reader), 'FETCH_HEAD:refs/heads/new')).not.toBe(0);
  const person = userToken(forge, 'jen');
  expect(await run('push', '--quiet', address(person), 'FETCH_HEAD:refs/heads/new')).toBe(0);
  expect(events.map(({ event, ref }) => [event, ref])).toEqual([['push', 'refs/heads/new']]);
  expect(commit('refs/heads/new', 'y', '')).toMatch(/^[0-9a-f]{40}$/);
});

test('comments have a longest text, authors, and pages of at most a hundred', async () => {
  const { forge, call, open, commit } = await bench();
  open('more', commit('main', 'a.txt', 'a'));
  const bot = jobToken(forge, { 'pull-requests': 'write' });
  const long = await call(bot, 'POST', '/issues/1/comments', { body: 'x'.repeat(65_537) });
  expect(long.status).toBe(422);
  for (let at = 0; at < 31; at++)
    await call(bot, 'POST', '/issues/1/comments', { body: `no. ${at}` });
  const page = await call(bot, 'GET', '/issues/1/comments');
  expect(page.body).toHaveLength(30);
  expect(page.link).toContain('page=2>; rel="next"');
  expect(page.body[0]).toMatchObject({ user: { login: 'github-actions[bot]', type: 'Bot' } });
  const [own] = forge.comments;
  const stranger = issueToken(forge, {
    kind: 'app',
    login: 'other[bot]',
    permissions: { issues: 'write' },
    repository: 'jen/farm',
  });
  const edited = await call(stranger, 'PATCH', `/issues/comments/${own?.id}`, { body: 'mine' });
  expect(edited.status).toBe(403);
});

test.each(['merge', 'squash', 'rebase'] as const)(
  '%s leaves the same files on main',
  async (how) => {
    const { forge, folder, jen, open, commit, events } = await bench();
    const first = commit('main', 'a.txt', 'a');
    const pull = open('more', commit(first, 'b.txt', 'b'));
    git(folder, ['update-ref', 'refs/heads/main', commit('main', 'c.txt', 'c')]);
    refreshMerge(forge, pull);
    const sha = mergePull(forge, pull, how, jen);
    expect(git(folder, ['rev-parse', 'main'])).toBe(sha);
    const files = git(folder, ['ls-tree', '--name-only', 'main']).split('\n');
    expect(files).toEqual(['README.md', 'a.txt', 'b.txt', 'c.txt']);
    const commits = { merge: 5, squash: 3, rebase: 4 }[how];
    expect(Number(git(folder, ['rev-list', '--count', 'main']))).toBe(commits);
    expect(events.map(({ event, action }) => action ?? event)).toEqual(['push', 'closed']);
  },
);

test('a conflict has no merge commit, starts nothing and cannot be merged', async () => {
  const { forge, folder, jen, open, commit } = await bench();
  const pull = open('more', commit('main', 'a.txt', 'mine'));
  const before = pull.mergeSha;
  git(folder, ['update-ref', 'refs/heads/main', commit('main', 'a.txt', 'theirs')]);
  refreshMerge(forge, pull);
  expect(pull.mergeSha).toBeNull();
  expect(before).toMatch(/^[0-9a-f]{40}$/);
  expect(() => mergePull(forge, pull, 'merge', jen)).toThrow('merge conflicts');
});

test('a ruleset counts statuses and the jobs of pull requests, and no check that somebody posts', async () => {
  const { forge, call, open, commit } = await bench();
  const pull = open('more', commit('main', 'a.txt', 'a'));
  const { sha } = pull.head;
  forge.settings.required = ['ci-ok'];
  const token = jobToken(forge, { checks: 'write', statuses: 'write' });
  const check = { name: 'ci-ok', head_sha: sha, status: 'completed', conclusion: 'success' };
  expect((await call(token, 'POST', '/check-runs', check)).status).toBe(201);
  expect(missingContexts(forge, sha)).toEqual(['Required status check "ci-ok" is expected.']);
  const status = (state: string) =>
    call(token, 'POST', `/statuses/${sha}`, { state, context: 'ci-ok' });
  await status('pending');
  expect(missingContexts(forge, sha)).toEqual(['Required status check "ci-ok" is pending.']);
  await status('success');
  expect(missingContexts(forge, sha)).toEqual([]);
});

test('a request that GitHub does not describe is remembered', async () => {
  const { forge, call, open, commit, jen } = await bench(3);
  open('more', commit('main', 'a.txt', 'a'));
  await call(jen, 'POST', '/issues/1/comments', { text: 'Hello' });
  await call(jen, 'GET', '/issues/1/comments?limit=3');
  await call(jen, 'GET', '/nothing/of/the/kind');
  expect(forge.violations.join('\n')).toContain('the query has no "limit"');
});

test('trees, commits and files made through the API are those of git', async () => {
  const { folder, call, jen } = await bench();
  const main = git(folder, ['rev-parse', 'main']);
  const base = (await call(jen, 'GET', `/git/commits/${main}`)).body.tree as { sha: string };
  const entry = { path: 'docs/a.md', mode: '100644', type: 'blob', content: 'Hello\n' };
  const tree = await call(jen, 'POST', '/git/trees', { base_tree: base.sha, tree: [entry] });
  const made = { message: 'Say hello', tree: tree.body.sha, parents: [main] };
  const { body } = await call(jen, 'POST', '/git/commits', made);
  const ref = { ref: 'refs/heads/hello', sha: body.sha };
  expect((await call(jen, 'POST', '/git/refs', ref)).status).toBe(201);
  expect((await call(jen, 'POST', '/git/refs', ref)).status).toBe(422);
  expect(git(folder, ['show', 'hello:docs/a.md'])).toBe('Hello');
  const file = await call(jen, 'GET', '/contents/docs/a.md?ref=hello');
  expect(Buffer.from(String(file.body.content), 'base64').toString()).toBe('Hello\n');
  const compared = await call(jen, 'GET', '/compare/main...hello');
  expect(compared.body).toMatchObject({ status: 'ahead', files: [{ filename: 'docs/a.md' }] });
  const outside = { ...entry, path: '../x' };
  expect((await call(jen, 'POST', '/git/trees', { tree: [outside] })).status).toBe(422);
  expect(tryGit(folder, ['rev-parse', '--verify', 'refs/heads/none'])).toBeNull();
});
