import { createHash } from 'node:crypto';
import { changedPaths, git, tryGit } from './git.ts';
import {
  type Forge,
  type Pull,
  type Repository,
  type Run,
  record,
  type Token,
  type Trigger,
} from './state.ts';

/** No commit: what a push event names before a branch existed and after it is gone. */
export const noCommit = '0'.repeat(40);

/** Hands an event to whoever runs workflows. */
export function emit(forge: Forge, trigger: Trigger): void {
  for (const listener of forge.listeners) listener(trigger);
}

/** Whether what a token does may start workflows: a job's own token may not. */
export function startsWorkflows(token: Token): boolean {
  return token.kind !== 'job';
}

/** What each event's payload says about the repository and who caused it. */
export function commonPayload(repository: Repository, login: string): Record<string, unknown> {
  return { repository: repositoryPayload(repository), sender: { login } };
}

export function repositoryPayload(repository: Repository): Record<string, unknown> {
  return {
    name: repository.name,
    full_name: repository.fullName,
    owner: { login: repository.owner },
    default_branch: repository.defaultBranch,
    fork: repository.fork,
    private: true,
  };
}

export function pushTrigger(
  repository: Repository,
  push: { ref: string; before: string; after: string; login: string },
): Trigger {
  const { ref, before, after, login } = push;
  return {
    event: 'push',
    action: null,
    payload: { ...commonPayload(repository, login), ref, before, after, forced: false },
    sha: after,
    ref,
    files: after,
    head: {
      sha: after,
      branch: ref.replace(/^refs\/(heads|tags)\//, ''),
      repository: repository.fullName,
    },
    paths: pushedPaths(repository, before, after),
    actor: login,
    fork: false,
    depth: 0,
    pulls: [],
  };
}

/** What a push changed; a new branch is compared with where it left the default branch. */
function pushedPaths({ folder, defaultBranch }: Repository, before: string, after: string) {
  const main = `refs/heads/${defaultBranch}`;
  const start = before === noCommit ? tryGit(folder, ['merge-base', main, after]) : before;
  const known = start !== null && tryGit(folder, ['cat-file', '-e', start]) !== null;
  return known && start !== after ? changedPaths(folder, start, after) : null;
}

/** Null while head and base conflict: GitHub then starts nothing. */
export function pullTrigger(
  forge: Forge,
  pull: Pull,
  action: string,
  login: string,
): Trigger | null {
  const merge = action === 'closed' ? (pull.merged ?? pull.mergeSha) : pull.mergeSha;
  if (!merge) return null;
  const { home } = forge;
  const base = git(home.folder, ['rev-parse', `refs/heads/${pull.base.ref}`]);
  const origin = headRepository(forge, pull);
  const start = tryGit(home.folder, ['merge-base', base, pull.head.sha]) ?? base;
  return {
    event: 'pull_request',
    action,
    payload: {
      ...commonPayload(home, login),
      action,
      number: pull.number,
      pull_request: pullPayload(forge, pull),
    },
    sha: merge,
    ref: `refs/pull/${pull.number}/merge`,
    files: merge,
    head: { sha: pull.head.sha, branch: pull.head.ref, repository: origin.fullName },
    baseBranch: pull.base.ref,
    paths: changedPaths(home.folder, start, pull.head.sha),
    actor: login,
    fork: origin.fullName !== home.fullName,
    depth: 0,
    pulls: [pull.number],
  };
}

/** The repository that a pull request's branch is in. */
export function headRepository(forge: Forge, pull: Pull): Repository {
  return forge.repositories.get(pull.head.repo ?? forge.home.fullName) ?? forge.home;
}

/** A pull request as events and answers describe it. */
export function pullPayload(forge: Forge, pull: Pull): Record<string, unknown> {
  const origin = headRepository(forge, pull);
  const base = tryGit(forge.home.folder, ['rev-parse', `refs/heads/${pull.base.ref}`]);
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    draft: false,
    merged: pull.merged !== undefined,
    mergeable: pull.mergeSha === undefined ? null : pull.mergeSha !== null,
    mergeable_state: pull.mergeSha === null ? 'dirty' : 'clean',
    merge_commit_sha: pull.merged ?? pull.mergeSha ?? null,
    user: { login: pull.user ?? forge.home.owner },
    labels: (pull.labels ?? []).map((name) => ({ name })),
    head: {
      ref: pull.head.ref,
      sha: pull.head.sha,
      label: pull.head.label,
      repo: repositoryPayload(origin),
      user: { login: origin.owner },
    },
    base: {
      ref: pull.base.ref,
      sha: base ?? noCommit,
      label: `${forge.home.owner}:${pull.base.ref}`,
      repo: repositoryPayload(forge.home),
      user: { login: forge.home.owner },
    },
  };
}

export function mergeGroupTrigger(
  forge: Forge,
  group: { sha: string; base: string; ref: string; login: string },
): Trigger {
  const { home } = forge;
  const { sha, base, ref, login } = group;
  return {
    event: 'merge_group',
    action: 'checks_requested',
    payload: {
      ...commonPayload(home, login),
      action: 'checks_requested',
      merge_group: {
        head_sha: sha,
        head_ref: ref,
        base_sha: base,
        base_ref: `refs/heads/${home.defaultBranch}`,
      },
    },
    sha,
    ref,
    files: sha,
    head: { sha, branch: ref.replace('refs/heads/', ''), repository: home.fullName },
    baseBranch: home.defaultBranch,
    paths: changedPaths(home.folder, base, sha),
    actor: login,
    fork: false,
    depth: 0,
    pulls: [],
  };
}

/** An event that takes place on the default branch: dispatch, schedule, workflow_run. */
export function defaultBranchTrigger(
  forge: Forge,
  event: string,
  more: Partial<Trigger> & { readonly payload: Record<string, unknown> },
): Trigger {
  const { home } = forge;
  const branch = home.defaultBranch;
  const sha = git(home.folder, ['rev-parse', `refs/heads/${branch}`]);
  const login = more.actor ?? home.owner;
  return {
    event,
    action: null,
    sha,
    ref: `refs/heads/${branch}`,
    files: sha,
    head: { sha, branch, repository: home.fullName },
    paths: null,
    actor: login,
    fork: false,
    depth: 0,
    pulls: [],
    ...more,
    payload: { ...commonPayload(home, login), ...more.payload },
  };
}

/** GitHub allows three workflow_run events in a row. */
const deepest = 3;

/** Tells the default branch's workflows that a run was requested or has ended. */
export function emitWorkflowRun(forge: Forge, run: Run, action: 'requested' | 'completed'): void {
  const { trigger } = run;
  if (trigger.depth >= deepest) {
    record(forge, 'note', `workflow_run after ${run.workflow.name}: the chain is too deep`);
    return;
  }
  emit(
    forge,
    defaultBranchTrigger(forge, 'workflow_run', {
      action,
      payload: {
        action,
        workflow: { name: run.workflow.name, path: run.workflow.path },
        workflow_run: runPayload(forge, run),
      },
      actor: trigger.actor,
      depth: trigger.depth + 1,
    }),
  );
}

/** A run as events and answers describe it; a fork's pull requests are left out, as GitHub does. */
export function runPayload(forge: Forge, run: Run): Record<string, unknown> {
  const { trigger } = run;
  const origin = forge.repositories.get(trigger.head.repository) ?? forge.home;
  const open = forge.pulls.filter(({ number }) => trigger.pulls.includes(number));
  return {
    id: run.id,
    name: run.workflow.name,
    path: run.workflow.path,
    workflow_id: workflowId(run.workflow.path),
    display_title: trigger.head.branch,
    event: trigger.event,
    head_sha: trigger.head.sha,
    head_branch: trigger.head.branch,
    head_repository: repositoryPayload(origin),
    repository: repositoryPayload(forge.home),
    head_commit: headCommit(forge, origin, trigger.head.sha),
    actor: { login: trigger.actor },
    triggering_actor: { login: trigger.actor },
    run_attempt: run.attempt,
    run_number: run.id,
    status: run.status,
    conclusion: run.conclusion,
    created_at: run.createdAt,
    updated_at: run.createdAt,
    run_started_at: run.createdAt,
    html_url: `${forge.url}/${forge.home.fullName}/actions/runs/${run.id}`,
    pull_requests: trigger.fork ? [] : open.map((pull) => minimalPull(forge, pull)),
  };
}

/** A number of its own for each workflow file, the same in every run. */
function workflowId(path: string): number {
  return createHash('sha256').update(path).digest().readUIntBE(0, 4);
}

function minimalPull(forge: Forge, pull: Pull): Record<string, unknown> {
  const { head, base } = pullPayload(forge, pull) as Record<'head' | 'base', { sha: string }>;
  const repo = { id: 1, name: forge.home.name, url: `${forge.url}/repos/${forge.home.fullName}` };
  return {
    id: pull.number,
    number: pull.number,
    url: `${forge.url}/repos/${forge.home.fullName}/pulls/${pull.number}`,
    head: { ref: pull.head.ref, sha: head.sha, repo },
    base: { ref: pull.base.ref, sha: base.sha, repo },
  };
}

function headCommit(forge: Forge, origin: Repository, sha: string): Record<string, unknown> {
  const folder = tryGit(origin.folder, ['cat-file', '-e', sha]) === null ? forge.home : origin;
  const [tree = noCommit, message = ''] =
    tryGit(folder.folder, ['log', '-1', '--format=%T%n%s', sha])?.split('\n') ?? [];
  const person = { name: 'Jen', email: 'jen@example.org' };
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: '2026-11-26T08:00:00Z',
    author: person,
    committer: person,
  };
}
