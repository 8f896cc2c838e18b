import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { noCommit } from '../github/events.ts';
import { git, shaOf, tryGit } from '../github/git.ts';
import { openPull } from '../github/merging.ts';
import { emitPull, followChange, refreshMerge } from '../github/references.ts';
import { repositoryOf, userToken } from '../github/start-github.ts';
import type { Forge, Pull, Repository, Token } from '../github/state.ts';
import { lock } from './template-repository.ts';

const root = join(import.meta.dirname, '../../..');

/** Files of a change: content, or null to delete, or a function of the text that is there. */
export type Changes = Readonly<Record<string, string | Buffer | null | ((text: string) => string)>>;

export interface PullRequestOptions {
  readonly title?: string;
  /** Opens it from this person's fork. */
  readonly fork?: string;
  /** Locks the data after the change and pushes it to the remote. @default false */
  readonly lock?: boolean;
  /** Commit that the branch starts from. @default main */
  readonly from?: string;
}

/** Who works on which forge, and where clones of it lie. */
export interface Hands {
  readonly folder: string;
  readonly forge: Forge;
  readonly jen: Token;
}

type OpenRequest = PullRequestOptions & { readonly branch: string; readonly changes: Changes };

/** A person opens a pull request with a change, from a fork if they say so. */
export async function open(hands: Hands, request: OpenRequest): Promise<Pull> {
  const { forge, jen } = hands;
  const { branch, changes, fork } = request;
  const repository = fork === undefined ? forge.home : forkOf(hands, fork);
  const author = fork === undefined ? jen : userToken(forge, fork);
  const start = request.from ?? git(forge.home.folder, ['rev-parse', 'refs/heads/main']);
  const sha = await commit(hands, repository, { parent: start, changes, lock: request.lock });
  const ref = `refs/heads/${branch}`;
  git(repository.folder, ['update-ref', ref, sha]);
  followChange(forge, repository, { ref, before: noCommit, after: sha }, author);
  const pull = openPull(
    forge,
    {
      title: request.title ?? branch,
      body: '',
      head: branch,
      base: forge.home.defaultBranch,
      repo: repository.fullName,
    },
    author,
  );
  refreshMerge(forge, pull);
  emitPull(forge, pull, 'opened', author.login);
  return pull;
}

/** A person commits a change on a branch. @param locks whether they lock the data after it @returns the commit */
export async function push(
  hands: Hands,
  where: Pull | string,
  changes: Changes,
  locks: boolean,
): Promise<string> {
  const { forge, jen } = hands;
  const branch = typeof where === 'string' ? where : where.head.ref;
  const fork = typeof where === 'string' ? undefined : where.head.repo;
  const repository = forge.repositories.get(fork ?? forge.home.fullName) ?? forge.home;
  const ref = `refs/heads/${branch}`;
  const before = git(repository.folder, ['rev-parse', ref]);
  const after = await commit(hands, repository, { parent: before, changes, lock: locks });
  git(repository.folder, ['update-ref', ref, after]);
  followChange(forge, repository, { ref, before, after }, jen);
  return after;
}

/** A person merges main into a pull request's branch and takes main's version of some files. @returns the commit */
export async function mergeMain(
  hands: Hands,
  pull: Pull,
  theirs: readonly string[],
): Promise<string> {
  const { forge, jen } = hands;
  const { folder } = forge.home;
  const ref = `refs/heads/${pull.head.ref}`;
  const before = git(folder, ['rev-parse', ref]);
  const tree = clone(hands, before);
  git(tree, ['fetch', '--quiet', folder, `+refs/heads/${pull.base.ref}:refs/remotes/origin/main`]);
  tryGit(tree, ['merge', '--no-edit', 'origin/main']);
  git(tree, ['checkout', 'origin/main', '--', ...theirs]);
  git(tree, ['commit', '--quiet', '--no-edit']);
  const after = git(tree, ['rev-parse', 'HEAD']);
  git(tree, ['push', '--quiet', folder, `+HEAD:refs/scratch/${after}`]);
  rmSync(tree, { recursive: true });
  git(folder, ['update-ref', ref, after]);
  followChange(forge, forge.home, { ref, before, after }, jen);
  return after;
}

interface Commit {
  readonly parent: string;
  readonly changes: Changes;
  readonly lock: boolean | undefined;
}

/** A commit with changed files, made in a clone so that commands can run on it. */
async function commit(hands: Hands, repository: Repository, what: Commit): Promise<string> {
  const folder = clone(hands, what.parent, repository);
  for (const [path, change] of Object.entries(what.changes)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (change === null) rmSync(file);
    else
      writeFileSync(
        file,
        typeof change === 'function' ? change(readFileSync(file, 'utf8')) : change,
      );
  }
  if (what.lock) await lock(folder, join(hands.folder, 'remote'));
  git(folder, ['add', '--all']);
  const message = `Change ${Object.keys(what.changes).join(', ') || 'nothing'}`;
  git(folder, ['commit', '--quiet', '--allow-empty', '-m', message]);
  const sha = git(folder, ['rev-parse', 'HEAD']);
  git(folder, ['push', '--quiet', repository.folder, `+HEAD:refs/scratch/${sha}`]);
  rmSync(folder, { recursive: true });
  return sha;
}

/** A clone at a revision, with packages linked, for commands. */
export function clone({ folder, forge }: Hands, revision: string, repository = forge.home): string {
  const target = mkdtempSync(join(folder, 'clone-'));
  git(target, ['init', '--quiet', '--initial-branch=main']);
  const sha = shaOf(repository.folder, revision) ?? revision;
  git(target, [
    'fetch',
    '--quiet',
    '--no-tags',
    repository.folder,
    `+${sha}:refs/remotes/origin/x`,
  ]);
  git(target, ['reset', '--quiet', '--hard', sha]);
  writeFileSync(join(target, '.git/info/exclude'), 'node_modules\n');
  const link = join(target, 'node_modules');
  if (!existsSync(link)) symlinkSync(join(root, 'node_modules'), link);
  return target;
}

function forkOf({ forge, folder }: Hands, owner: string): Repository {
  const fullName = `${owner}/${forge.home.name}`;
  const known = forge.repositories.get(fullName);
  if (known) return known;
  const bare = join(folder, `${owner}.git`);
  git(folder, ['clone', '--quiet', '--bare', forge.home.folder, bare]);
  for (const one of [bare, forge.home.folder])
    git(one, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  const fork = repositoryOf(fullName, bare, true);
  forge.repositories.set(fullName, fork);
  return fork;
}

/** A person opens a pull request that reverts a commit of main. */
export async function revert(hands: Hands, sha: string): Promise<Pull> {
  const { forge } = hands;
  const folder = clone(hands, 'refs/heads/main');
  git(folder, ['fetch', '--quiet', forge.home.folder, sha]);
  const parents = git(folder, ['rev-list', '--parents', '-1', sha]).split(' ').length - 1;
  const mainline = parents > 1 ? ['-m', '1'] : [];
  git(folder, ['revert', '--no-edit', ...mainline, sha]);
  const reverted = git(folder, ['rev-parse', 'HEAD']);
  git(folder, ['push', '--quiet', forge.home.folder, `+HEAD:refs/scratch/${reverted}`]);
  return open(hands, {
    branch: `revert-${sha.slice(0, 7)}`,
    title: `Revert ${sha.slice(0, 7)}`,
    changes: {},
    from: reverted,
  });
}
