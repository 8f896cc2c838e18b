import {
  emit,
  headRepository,
  noCommit,
  pullTrigger,
  pushTrigger,
  startsWorkflows,
} from './events.ts';
import { changedPaths, git, isAncestor, shaOf, tryGit } from './git.ts';
import { Refusal } from './routes/route.ts';
import { type Forge, type Pull, type Repository, record, type Token } from './state.ts';

/** A branch or tag that moves from one commit to another. */
export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Moves a reference as a request of the API does, and lets follow what follows on GitHub.
 *
 * @throws Refusal 422 if it is not a fast forward and not forced, or rules forbid it
 */
export function moveReference(
  forge: Forge,
  repository: Repository,
  change: { readonly ref: string; readonly sha: string; readonly force: boolean },
  token: Token,
): void {
  const { ref, sha, force } = change;
  const before = shaOf(repository.folder, ref) ?? noCommit;
  if (shaOf(repository.folder, sha) === null) throw new Refusal(422, 'Object does not exist');
  if (before !== noCommit && !force && !isAncestor(repository.folder, before, sha)) {
    throw new Refusal(422, 'Update is not a fast forward');
  }
  const moved = { ref, before, after: sha };
  const refused = checkChange(forge, repository, moved, token);
  if (refused) throw new Refusal(422, refused);
  git(repository.folder, ['update-ref', ref, sha]);
  followChange(forge, repository, moved, token);
}

/** Why a change of a reference is refused, or null. */
export function checkChange(
  forge: Forge,
  repository: Repository,
  { ref, before, after }: RefChange,
  token: Token,
): string | null {
  const main = `refs/heads/${forge.home.defaultBranch}`;
  if (repository === forge.home && ref === main && forge.settings.required && token.kind !== 'user')
    return 'Repository rule violations found: Changes must be made through a pull request.';
  if (/^refs\/pull\//.test(ref)) return 'deny updating a hidden ref';
  if (token.kind === 'user' || after === noCommit) return null;
  const from = before === noCommit ? main : before;
  const paths = shaOf(repository.folder, from) ? changedPaths(repository.folder, from, after) : [];
  const workflow = paths.find((path) => path.startsWith('.github/workflows/'));
  return workflow
    ? `refusing to allow a GitHub App to create or update workflow \`${workflow}\` without \`workflows\` permission`
    : null;
}

/** What follows on a reference that has moved: pull requests, their merge commits, events. */
export function followChange(
  forge: Forge,
  repository: Repository,
  change: RefChange,
  token: Token,
): void {
  const { ref, after } = change;
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const short = branch ?? ref;
  const silent = startsWorkflows(token) ? '' : ' (with a job’s token: starts no workflow)';
  record(forge, 'push', `${token.login} pushes ${short} ${after.slice(0, 7)}${silent}`);
  if (branch === undefined) return;
  const touched = forge.pulls.filter(
    (pull) =>
      pull.state === 'open' &&
      headRepository(forge, pull) === repository &&
      pull.head.ref === branch &&
      pull.head.sha !== after,
  );
  if (after === noCommit) return;
  for (const pull of touched) {
    pull.head.sha = after;
    refreshMerge(forge, pull);
  }
  if (repository === forge.home) refreshMerges(forge, branch);
  if (!startsWorkflows(token)) return;
  const login = token.login;
  if (repository === forge.home) emit(forge, pushTrigger(repository, { ...change, login }));
  for (const pull of touched) emitPull(forge, pull, 'synchronize', login);
}

/** Sends the event of a pull request; none while it conflicts. */
export function emitPull(forge: Forge, pull: Pull, action: string, login: string): void {
  const trigger = pullTrigger(forge, pull, action, login);
  if (trigger) emit(forge, trigger);
  else
    record(forge, 'note', `#${pull.number} conflicts with its base: no workflow starts`, {
      pull: pull.number,
    });
}

/** A base that moved gives its pull requests new merge commits, and no event. */
function refreshMerges(forge: Forge, base: string): void {
  for (const pull of forge.pulls) {
    if (pull.state === 'open' && pull.base.ref === base) refreshMerge(forge, pull);
  }
}

/** Makes refs/pull/N/head and refs/pull/N/merge; the merge commit is another one each time. */
export function refreshMerge(forge: Forge, pull: Pull): void {
  const { home } = forge;
  const origin = headRepository(forge, pull);
  if (origin !== home) {
    git(home.folder, ['fetch', '--quiet', origin.folder, `${pull.head.sha}`]);
  }
  const base = shaOf(home.folder, `refs/heads/${pull.base.ref}`);
  if (base === null || shaOf(home.folder, pull.head.sha) === null) return;
  git(home.folder, ['update-ref', `refs/pull/${pull.number}/head`, pull.head.sha]);
  pull.mergeSha = mergeCommit(home.folder, base, pull.head.sha, {
    message: `Merge ${pull.head.sha} into ${base}`,
    nonce: String(forge.timeline.length),
  });
  const ref = `refs/pull/${pull.number}/merge`;
  if (pull.mergeSha) git(home.folder, ['update-ref', ref, pull.mergeSha]);
}

/** A merge of two commits, or null where they conflict. */
export function mergeCommit(
  folder: string,
  base: string,
  head: string,
  { message, nonce }: { readonly message: string; readonly nonce?: string },
): string | null {
  const tree = tryGit(folder, ['merge-tree', '--write-tree', base, head])?.split('\n')[0];
  if (!tree) return null;
  const date = nonce ? { GIT_COMMITTER_DATE: `${1_700_000_000 + Number(nonce)} +0000` } : {};
  return git(folder, ['commit-tree', tree, '-p', base, '-p', head, '-m', message], { env: date });
}
