import { emit, headRepository, mergeGroupTrigger } from './events.ts';
import { git, gitBytes, isAncestor, shaOf } from './git.ts';
import { emitPull, followChange, mergeCommit } from './references.ts';
import { Refusal } from './routes/route.ts';
import { type Forge, type Pull, record, type Token } from './state.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** What the ruleset still waits for at a commit, as the merge box words it; empty where it may be merged. */
export function missingContexts(forge: Forge, sha: string): string[] {
  return (forge.settings.required ?? []).flatMap((context) => {
    const state = stateOf(forge, sha, context);
    return state === 'success' ? [] : [`Required status check "${context}" is ${state}.`];
  });
}

/** The newest status or check run of that name; a skipped job counts as passed. */
function stateOf(forge: Forge, sha: string, context: string): string {
  const status = forge.statuses.findLast((one) => one.sha === sha && one.context === context);
  const check = forge.checkRuns.findLast(
    (one) => one.sha === sha && one.name === context && one.counts,
  );
  if (status && status.state !== 'success')
    return status.state === 'pending' ? 'pending' : 'failing';
  if (check?.status !== undefined && check.status !== 'completed') return 'in progress';
  if (check && check.conclusion !== 'success' && check.conclusion !== 'skipped') return 'failing';
  return status || check ? 'success' : 'expected';
}

/**
 * Merges a pull request as its button does.
 *
 * @returns the commit that the base then names.
 * @throws Refusal 405 while it conflicts or the ruleset blocks it
 */
export function mergePull(forge: Forge, pull: Pull, method: MergeMethod, token: Token): string {
  if (pull.state !== 'open') throw new Refusal(405, 'Pull Request is not mergeable');
  if (pull.mergeSha === null) throw new Refusal(405, 'Pull Request has merge conflicts');
  const missing = missingContexts(forge, pull.head.sha);
  if (missing.length > 0) throw new Refusal(405, missing.join(' '));
  const { folder } = forge.home;
  const base = git(folder, ['rev-parse', `refs/heads/${pull.base.ref}`]);
  const sha = mergedCommit(folder, base, pull, method);
  land(forge, pull, { before: base, after: sha, how: method }, token);
  return sha;
}

function mergedCommit(folder: string, base: string, pull: Pull, method: MergeMethod): string {
  const title = `${pull.title} (#${pull.number})`;
  if (method === 'rebase') return rebased(folder, base, pull.head.sha);
  const message =
    method === 'merge' ? `Merge pull request #${pull.number} from ${pull.head.ref}` : title;
  const merge = mergeCommit(folder, base, pull.head.sha, { message });
  if (merge === null) throw new Refusal(405, 'Pull Request has merge conflicts');
  if (method === 'merge') return merge;
  return git(folder, ['commit-tree', `${merge}^{tree}`, '-p', base, '-m', title]);
}

/** Each commit of the branch again on top of the base; merge commits are left out. */
function rebased(folder: string, base: string, head: string): string {
  const range = ['rev-list', '--reverse', '--no-merges', `${base}..${head}`];
  const commits = git(folder, range).split('\n').filter(Boolean);
  return commits.reduce((onto, commit) => {
    const tree = applied(folder, onto, commit);
    const message = git(folder, ['log', '-1', '--format=%B', commit]);
    return git(folder, ['commit-tree', tree, '-p', onto, '-m', message]);
  }, base);
}

/** The tree of `onto` with the changes of a commit, by way of an index of its own. */
function applied(folder: string, onto: string, commit: string): string {
  const env = { GIT_INDEX_FILE: `${folder}/rebase-index`, GIT_DIR: folder, GIT_WORK_TREE: folder };
  const patch = gitBytes(folder, ['diff', '--binary', '--full-index', `${commit}^`, commit]);
  git(folder, ['read-tree', onto], { env });
  try {
    if (patch.length > 0) git(folder, ['apply', '--cached', '--3way', '-'], { env, input: patch });
  } catch {
    throw new Refusal(405, 'This branch can’t be rebased due to conflicts');
  }
  return git(folder, ['write-tree'], { env });
}

function land(
  forge: Forge,
  pull: Pull,
  { before, after, how }: { before: string; after: string; how: string },
  token: Token,
): void {
  const ref = `refs/heads/${pull.base.ref}`;
  git(forge.home.folder, ['update-ref', ref, after, before]);
  pull.state = 'closed';
  pull.merged = after;
  record(forge, 'merge', `${token.login} merges #${pull.number} (${how}): ${after.slice(0, 7)}`, {
    pull: pull.number,
  });
  followChange(forge, forge.home, { ref, before, after }, token);
  if (token.kind !== 'job') emitPull(forge, pull, 'closed', token.login);
}

/** A pull request in the merge queue. */
export interface QueueEntry {
  readonly pull: Pull;
  readonly ref: string;
  readonly sha: string;
  readonly base: string;
}

/**
 * Puts a pull request into the merge queue, on top of what waits there, and asks for the checks of its merge group.
 *
 * @throws Refusal 405 while it conflicts or its own head lacks what the ruleset requires
 */
export function enqueue(
  forge: Forge,
  pull: Pull,
  waiting: readonly QueueEntry[],
  token: Token,
): QueueEntry {
  const missing = missingContexts(forge, pull.head.sha);
  if (missing.length > 0) throw new Refusal(405, missing.join(' '));
  const { folder, defaultBranch } = forge.home;
  const base = waiting.at(-1)?.sha ?? git(folder, ['rev-parse', `refs/heads/${defaultBranch}`]);
  const message = `Merge pull request #${pull.number} from ${pull.head.ref}`;
  const sha = mergeCommit(folder, base, pull.head.sha, { message });
  if (sha === null) throw new Refusal(405, 'Pull Request has merge conflicts');
  const ref = `refs/heads/gh-readonly-queue/${defaultBranch}/pr-${pull.number}-${base}`;
  git(folder, ['update-ref', ref, sha]);
  record(forge, 'merge', `#${pull.number} enters the merge queue as ${sha.slice(0, 7)}`, {
    pull: pull.number,
  });
  emit(forge, mergeGroupTrigger(forge, { sha, base, ref, login: token.login }));
  return { pull, ref, sha, base };
}

/** Lands a merge group whose checks have passed. @returns what is missing where it cannot land */
export function landGroup(forge: Forge, entry: QueueEntry, token: Token): string[] {
  const missing = missingContexts(forge, entry.sha);
  const { folder, defaultBranch } = forge.home;
  const main = git(folder, ['rev-parse', `refs/heads/${defaultBranch}`]);
  git(folder, ['update-ref', '-d', entry.ref]);
  if (missing.length > 0) {
    record(forge, 'merge', `#${entry.pull.number} leaves the merge queue: ${missing.join(' ')}`, {
      pull: entry.pull.number,
    });
    return missing;
  }
  if (!isAncestor(folder, main, entry.sha)) return ['Its merge group was built on another base.'];
  land(forge, entry.pull, { before: main, after: entry.sha, how: 'queue' }, token);
  return [];
}

/** Opens a pull request from a branch. @throws Refusal 422 if there is one or nothing differs */
export function openPull(
  forge: Forge,
  request: { title: string; body: string; head: string; base: string; repo?: string },
  token: Token,
): Pull {
  const origin = forge.repositories.get(request.repo ?? forge.home.fullName) ?? forge.home;
  const sha = shaOf(origin.folder, `refs/heads/${request.head}`);
  const base = shaOf(forge.home.folder, `refs/heads/${request.base}`);
  if (sha === null) throw new Refusal(422, 'Validation Failed', [{ field: 'head' }]);
  if (base === null) throw new Refusal(422, 'Validation Failed', [{ field: 'base' }]);
  const label = `${origin.owner}:${request.head}`;
  if (forge.pulls.some((pull) => pull.state === 'open' && pull.head.label === label)) {
    throw new Refusal(422, `A pull request already exists for ${label}.`);
  }
  if (sha === base)
    throw new Refusal(422, `No commits between ${request.base} and ${request.head}`);
  const number = Math.max(0, ...forge.pulls.map((pull) => pull.number)) + 1;
  const repo = origin === forge.home ? {} : { repo: origin.fullName };
  const pull: Pull = {
    number,
    title: request.title,
    body: request.body,
    state: 'open',
    head: { ref: request.head, sha, label, ...repo },
    base: { ref: request.base },
    user: token.login,
  };
  forge.pulls.push(pull);
  record(forge, 'pull', `${token.login} opens #${number}: ${pull.title}`, {
    pull: number,
    detail: pull.body,
  });
  return pull;
}

/** Whether a pull request comes from another repository. */
export function isFork(forge: Forge, pull: Pull): boolean {
  return headRepository(forge, pull) !== forge.home;
}
