import { headRepository, pullPayload } from '../events.ts';
import { changedPaths, git, tryGit } from '../git.ts';
import { type MergeMethod, mergePull, openPull } from '../merging.ts';
import { emitPull, refreshMerge } from '../references.ts';
import type { Forge, Pull } from '../state.ts';
import { type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const base = '/repos/{owner}/{repo}/pulls';
const scopes = ['pull-requests'];

/** Pull requests: list, read, open, change, merge. */
export const pullRoutes: readonly Route[] = [
  { method: 'GET', path: base, scopes, access: 'read', handle: list },
  { method: 'POST', path: base, scopes, access: 'write', handle: open },
  { method: 'GET', path: `${base}/{pull_number}`, scopes, access: 'read', handle: read },
  { method: 'PATCH', path: `${base}/{pull_number}`, scopes, access: 'write', handle: change },
  { method: 'GET', path: `${base}/{pull_number}/files`, scopes, access: 'read', handle: files },
  { method: 'GET', path: `${base}/{pull_number}/commits`, scopes, access: 'read', handle: commits },
  {
    method: 'PUT',
    path: `${base}/{pull_number}/merge`,
    scopes: ['contents'],
    access: 'write',
    handle: merge,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    scopes,
    access: 'read',
    handle: ({ forge, params }) => ({
      status: 200,
      paged: true,
      body: forge.pulls
        .filter((pull) => commitsOf(forge, pull).includes(params.commit_sha ?? ''))
        .map((pull) => pullPayload(forge, pull)),
    }),
  },
];

function list({ forge, query }: ApiRequest) {
  const state = query.get('state') ?? 'open';
  const [head, baseRef] = [query.get('head'), query.get('base')];
  const pulls = forge.pulls.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (head === null || pull.head.label === head) &&
      (baseRef === null || pull.base.ref === baseRef),
  );
  const newest = [...pulls].sort((a, b) => b.number - a.number);
  return { status: 200, paged: true, body: newest.map((pull) => pullPayload(forge, pull)) };
}

function open({ forge, token, body }: ApiRequest) {
  const [owner, branch] = text(body, 'head').split(':');
  const head = branch ?? owner ?? '';
  const origin = [...forge.repositories.values()].find((one) => branch && one.owner === owner);
  const request = { title: text(body, 'title'), head, base: text(body, 'base') };
  const repo = origin ? { repo: origin.fullName } : {};
  const pull = openPull(forge, { ...request, body: String(body.body ?? ''), ...repo }, token);
  refreshMerge(forge, pull);
  if (token.kind !== 'job') emitPull(forge, pull, 'opened', token.login);
  return { status: 201, body: detail(forge, pull) };
}

function read({ forge, params }: ApiRequest) {
  return { status: 200, body: detail(forge, pullOf(forge, params)) };
}

function change({ forge, params, body, token }: ApiRequest) {
  const pull = pullOf(forge, params);
  if (typeof body.title === 'string') pull.title = body.title;
  if (typeof body.body === 'string') pull.body = body.body;
  if (typeof body.base === 'string') pull.base = { ref: body.base };
  if (body.state === 'closed' || body.state === 'open') {
    pull.state = body.state;
    const action = body.state === 'open' ? 'reopened' : 'closed';
    if (token.kind !== 'job') emitPull(forge, pull, action, token.login);
  }
  return { status: 200, body: detail(forge, pull) };
}

function files({ forge, params }: ApiRequest) {
  const { folder } = forge.home;
  const pull = pullOf(forge, params);
  const start = git(folder, ['merge-base', `refs/heads/${pull.base.ref}`, pull.head.sha]);
  const paths = changedPaths(folder, start, pull.head.sha);
  const body = paths.map((filename) =>
    fileChange(folder, { start, head: pull.head.sha }, filename),
  );
  return { status: 200, paged: true, body };
}

/** One changed file as `compare` and `files` list it. */
export function fileChange(
  folder: string,
  { start, head }: { readonly start: string; readonly head: string },
  filename: string,
): Record<string, unknown> {
  const before = tryGit(folder, ['rev-parse', '--verify', '--quiet', `${start}:${filename}`]);
  const after = tryGit(folder, ['rev-parse', '--verify', '--quiet', `${head}:${filename}`]);
  const numbers = git(folder, ['diff', '--numstat', start, head, '--', filename]).split('\t');
  const [additions, deletions] = [Number(numbers[0]) || 0, Number(numbers[1]) || 0];
  const status = before === null ? 'added' : after === null ? 'removed' : 'modified';
  return {
    filename,
    sha: after ?? before,
    status,
    additions,
    deletions,
    changes: additions + deletions,
  };
}

function commits({ forge, params }: ApiRequest) {
  const shas = commitsOf(forge, pullOf(forge, params));
  return { status: 200, paged: true, body: shas.map((sha) => ({ sha })) };
}

function commitsOf(forge: Forge, pull: Pull): string[] {
  const origin = headRepository(forge, pull);
  const start = tryGit(forge.home.folder, ['rev-parse', `refs/heads/${pull.base.ref}`]);
  if (start === null) return [];
  const own = pull.merged ? [] : [`^${start}`];
  const range = ['rev-list', '--reverse', '--max-count=250', pull.head.sha, ...own];
  return (tryGit(origin.folder, range) ?? pull.head.sha).split('\n').filter(Boolean);
}

function merge({ forge, params, body, token }: ApiRequest) {
  const pull = pullOf(forge, params);
  if (typeof body.sha === 'string' && body.sha !== pull.head.sha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const method = ['squash', 'rebase'].find((one) => one === body.merge_method) ?? 'merge';
  const sha = mergePull(forge, pull, method as MergeMethod, token);
  return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
}

function pullOf(forge: Forge, params: Readonly<Record<string, string>>): Pull {
  return found(forge.pulls.find(({ number }) => number === Number(params.pull_number)));
}

function detail(forge: Forge, pull: Pull): Record<string, unknown> {
  return pullPayload(forge, pull);
}
