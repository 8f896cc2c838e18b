import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { git } from '../../platform/lib/git.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../platform/storage/index.ts';
import {
  createModelRepository,
  type ModelRepository,
  type RecordPart,
} from './model-repository.ts';

/** A repository of somebody who promotes, the git remote that it pushes to, and the remote of its store. */
export interface FollowedBranch {
  /** Where models are promoted; its commits are pushed by {@link publish}. */
  readonly author: ModelRepository;
  /** The bare repository. */
  readonly origin: string;
  /** The folder that is the remote of the store. */
  readonly remote: string;
  /** An empty folder for a server. */
  readonly server: string;
  /** Commits what is there, and pushes packages, then the branch. @returns the commit */
  publish(options?: { readonly packages?: boolean; readonly force?: boolean }): Promise<string>;
  pushPackages(): Promise<void>;
}

/** Creates the three, with models promoted and published; all is removed after the test. */
export async function createFollowedBranch(
  ...parts: readonly RecordPart[]
): Promise<FollowedBranch> {
  const author = await createModelRepository(...parts);
  onTestFinished(() => author.remove());
  const { root } = author;
  const [origin, remote, server] = await Promise.all([
    makeTemporaryFolder('origin'),
    makeTemporaryFolder('remote'),
    makeTemporaryFolder('server'),
  ]);
  await rm(remote, { recursive: true });
  await git(origin, 'init', '--bare', '--quiet', '--initial-branch=main');
  await git(root, 'init', '--quiet', '--initial-branch=main');
  for (const [key, value] of Object.entries(identity)) await git(root, 'config', key, value);
  await git(root, 'remote', 'add', 'origin', origin);
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const pushPackages = async () => {
    const blobs = new Map((await networksOf(root)).map((digest) => [digest, 'a test'] as const));
    const ends = { workspace, store: openStore(root), remote: createFolderRemote(remote) };
    await push(ends, { blobs, records: new Map() });
  };
  const branch: FollowedBranch = {
    ...{ author, origin, remote, server, pushPackages },
    async publish({ packages = true, force = false } = {}) {
      if (packages) await pushPackages();
      await git(root, 'add', '--all', '--', 'models');
      await git(root, 'commit', '--quiet', '--allow-empty', '-m', 'Promote');
      await git(root, 'push', '--quiet', ...(force ? ['--force'] : []), 'origin', 'HEAD:main');
      return git(root, 'rev-parse', 'HEAD');
    },
  };
  await branch.publish();
  return branch;
}

async function makeTemporaryFolder(name: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `mainstem-${name}-`)));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const identity = {
  'user.name': 'Test',
  'user.email': 'test@example.org',
  'commit.gpgsign': 'false',
};

/** The networks of all records. */
async function networksOf(root: string) {
  const paths = (await git(root, 'ls-files', '-z', '-co', '--', 'models')).split('\0');
  const records = paths.filter((path) => /\/records\/[0-9a-f]{12}\.json$/.test(path));
  return Promise.all(
    records.map(async (path) => {
      const record: ModelRecord = JSON.parse(await readFile(join(root, path), 'utf8'));
      return record.package.onnx.digest;
    }),
  );
}
