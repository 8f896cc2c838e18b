import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { gitEnvironment } from '../../platform/lib/git-environment.js';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { temporaryIn } from '../../platform/lib/temporary.ts';
import {
  findPointers,
  modelsListing,
  namedRecords,
  parseTree,
  refuseCommit,
  type ServedFiles,
  type TreeEntry,
} from '../../platform/registry/index.ts';
import { hidePassword } from '../../platform/storage/remotes/index.ts';
import { type GitCall, type GitEnd, isMissing, runBoundedGit } from './bounded-git.ts';
import { explainFetch } from './explain-fetch.ts';
import { environmentFor, remoteName } from './git-settings.ts';
import type { Origin } from './origin.ts';

/** A branch of a git remote. */
export interface GitOriginOptions {
  /** Where relative addresses begin, and whose remotes have names. */
  readonly root: string;
  /** The name of a remote of that repository, or an address. */
  readonly address: string;
  readonly branch: string;
  /** Where what is fetched lies for a moment. */
  readonly folder: string;
  /** Seconds that one call of git may take. */
  readonly seconds: number;
}

/** Before it, git takes no settings from its environment. */
const oldest = [2, 31] as const;
/** Longer than any pointer or record. */
const mostFileBytes = 8 * 1024 * 1024;

interface Place extends GitOriginOptions {
  readonly shown: string;
}

/**
 * Opens a branch of a git remote. Each look asks for the branch's commit, and only a new one is fetched: by itself, without
 * history, with the files that are asked for, into a repository that is removed at once. No other repository is written to.
 *
 * @throws MainstemError FOLLOW_GIT_UNUSABLE
 */
export async function openGitOrigin(
  options: GitOriginOptions,
  signal: AbortSignal,
): Promise<Origin> {
  await assertGit(options.root, signal);
  const address = await resolveAddress(options, signal);
  const place: Place = { ...options, address, shown: hidePassword(address) };
  const { branch } = options;
  return {
    address: place.shown,
    branch,
    async look(known, stop) {
      const commit = await findCommit(place, stop);
      return commit === known ? null : fetchSnapshot(place, commit, stop);
    },
  };
}

/** A container may have no git at all: then nothing will ever be followed, which is better known at once. */
async function assertGit(root: string, signal: AbortSignal): Promise<void> {
  const answer = await askHere(root, ['--version'], signal);
  if (isMissing(answer))
    throw new MainstemError('FOLLOW_GIT_UNUSABLE', { reason: 'there is no git here' });
  const version = /(\d+)\.(\d+)[^\s]*/.exec(answer.stdout.toString());
  if (!version) {
    const reason = `"git --version" says ${JSON.stringify(answer.stderr.trim())}`;
    throw new MainstemError('FOLLOW_GIT_UNUSABLE', { reason });
  }
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  const reason = `git ${version[0]} is older than ${oldest.join('.')}`;
  throw new MainstemError('FOLLOW_GIT_UNUSABLE', { reason });
}

/** What a remote's name stands for, with what git's settings say of it; an address stays one. */
async function resolveAddress(
  { root, address }: GitOriginOptions,
  signal: AbortSignal,
): Promise<string> {
  // Nothing to look up, and it may hold a password, which should not stand in a list of processes.
  if (/^[a-z+]+:\/\//i.test(address)) return address;
  const found = await askHere(root, ['ls-remote', '--get-url', '--', address], signal);
  return found.stdout.toString().trim() || address;
}

/** What git says without asking anybody, for which it has time enough. */
function askHere(root: string, args: readonly string[], signal: AbortSignal): Promise<GitEnd> {
  return runBoundedGit({ args, cwd: root, env: gitEnvironment(root), seconds: 60, signal });
}

async function findCommit(place: Place, signal: AbortSignal): Promise<string> {
  const { branch, root, address, shown } = place;
  const ref = `refs/heads/${branch}`;
  const env = environmentFor(root, join(place.folder, 'none'), address);
  const listed = await call(place, {
    args: ['ls-remote', '--end-of-options', remoteName, ref],
    env,
    signal,
  });
  const lines = listed.toString().split('\n');
  const commit = lines.map((line) => line.split('\t')).find(([, name]) => name === ref)?.[0];
  if (commit !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return commit;
  throw new MainstemError('FOLLOW_BRANCH_MISSING', { address: shown, branch });
}

type Call = Pick<GitCall, 'args' | 'env' | 'signal'> & { readonly input?: string };

/** What git answers. @throws MainstemError FOLLOW_* */
async function call(place: Place, { args, env, signal, input }: Call): Promise<Buffer> {
  const { root: cwd, seconds } = place;
  const end = await runBoundedGit({
    ...{ args, cwd, env, seconds, signal },
    ...(input !== undefined && { input }),
  });
  if (end.code === 0 && end.limit === null) return end.stdout;
  throw explained(place, end);
}

const explained = ({ address, shown, branch, seconds }: Place, end: GitEnd): MainstemError =>
  explainFetch(end, { address, shown, branch, seconds });

async function fetchSnapshot(
  place: Place,
  expected: string,
  signal: AbortSignal,
): Promise<ServedFiles> {
  await makeFolder(place.folder);
  const bare = temporaryIn(place.folder);
  try {
    const fetched = await fetchCommit(place, { bare, expected, signal });
    const entries = await listModels(fetched);
    const pointers = findPointers(entries, fetched.commit);
    const files = await readFiles(fetched, pointers);
    const records = namedRecords(files, entries, fetched.commit);
    return {
      commit: fetched.commit,
      files: new Map([...files, ...(await readFiles(fetched, records))]),
    };
  } finally {
    await rm(bare, { recursive: true, force: true });
  }
}

/** A commit in a bare repository, with its folders and without its files. */
interface Fetched {
  readonly commit: string;
  /** Runs git there. */
  git(args: readonly string[], input?: string): Promise<Buffer>;
  /** The same, where what is missing is not fetched by the way. */
  local(args: readonly string[], input?: string): Promise<Buffer>;
}

async function fetchCommit(
  place: Place,
  { bare, expected, signal }: { bare: string; expected: string; signal: AbortSignal },
): Promise<Fetched> {
  const run =
    (more: Record<string, string>) =>
    (args: readonly string[], input = '') =>
      call(place, {
        args,
        input,
        env: environmentFor(place.root, bare, place.address, more),
        signal,
      });
  const git = run({});
  const format = expected.length === 64 ? 'sha256' : 'sha1';
  await git(['init', '--bare', '--quiet', '--template=', `--object-format=${format}`]);
  const ref = 'refs/followed';
  const narrow = ['--depth=1', '--filter=blob:none', '--no-tags', '--no-write-fetch-head'];
  await git([
    'fetch',
    '--quiet',
    ...narrow,
    '--end-of-options',
    remoteName,
    `+refs/heads/${place.branch}:${ref}`,
  ]);
  const local = run({ [`remote.${remoteName}.promisor`]: 'false' });
  const commit = (await local(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`]))
    .toString()
    .trim();
  return { commit, git, local };
}

/** Everything below `models/`, by path. */
async function listModels({ commit, local }: Fetched): Promise<Map<string, TreeEntry>> {
  const listed = await local(modelsListing(commit));
  return parseTree(listed.toString().split('\0').slice(0, -1));
}

/** The contents of some files. @throws MainstemError FOLLOW_REFUSED for one that is too large */
async function readFiles(
  fetched: Fetched,
  files: ReadonlyMap<string, TreeEntry>,
): Promise<Map<string, Uint8Array>> {
  const ids = [...new Set([...files.values()].map(({ id }) => id))];
  if (ids.length === 0) return new Map();
  const missing = [...(await sizesOf(fetched, ids))].flatMap(([id, size]) =>
    size === null ? id : [],
  );
  if (missing.length > 0) await fetchBlobs(fetched, missing);
  const sizes = await sizesOf(fetched, ids);
  for (const [path, { id }] of files)
    if ((sizes.get(id) ?? 0) > mostFileBytes)
      throw refuseCommit(
        fetched.commit,
        `${path} has ${sizes.get(id)} bytes, more than ${mostFileBytes}`,
      );
  const contents = parseBatch(await fetched.local(['cat-file', '--batch'], lines(ids)), ids);
  return new Map([...files].map(([path, { id }]) => [path, contents.get(id) ?? Buffer.alloc(0)]));
}

const lines = (ids: readonly string[]) => ids.map((id) => `${id}\n`).join('');

/** Bytes by object; null for one that is not here. */
async function sizesOf({ local }: Fetched, ids: readonly string[]) {
  const answer = (await local(['cat-file', '--batch-check'], lines(ids))).toString();
  return new Map(
    answer
      .split('\n')
      .slice(0, -1)
      .map((line): [string, number | null] => {
        const [id = '', kind, size] = line.split(' ');
        return [id, kind === 'blob' ? Number(size) : null];
      }),
  );
}

/** All at once, as git fetches what it lacks one after another. */
async function fetchBlobs({ git }: Fetched, ids: readonly string[]): Promise<void> {
  const options = ['--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin'];
  const noop = ['-c', 'fetch.negotiationAlgorithm=noop'];
  await git([...noop, 'fetch', '--quiet', ...options, '--end-of-options', remoteName], lines(ids));
}

/** `<id> blob <size>`, a line end, the content, a line end; for each. */
function parseBatch(answer: Buffer, ids: readonly string[]): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  for (const id of ids) {
    const begin = answer.indexOf('\n', at) + 1;
    const size = Number(answer.subarray(at, begin).toString().trim().split(' ')[2]);
    contents.set(id, answer.subarray(begin, begin + size));
    at = begin + size + 1;
  }
  return contents;
}
