import { join } from 'node:path';
import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { parsePublicKey } from '../../platform/registry/index.ts';
import { openRemote } from '../../platform/storage/remotes/index.ts';
import { openStore } from '../../platform/storage/store/index.ts';
import type { Config } from '../config.ts';
import { type FollowReporter, followBranch } from './follow-branch.ts';
import { openGitOrigin } from './git-origin.ts';
import { createPackages } from './packages.ts';
import { openRemoteOrigin } from './remote-origin.ts';
import type { Source } from './source.ts';
import { openViews } from './views.ts';

/**
 * Opens the branch that the settings name. It returns when the branch was looked at once.
 *
 * @throws MainstemError FOLLOW_GIT_UNUSABLE, FOLLOW_KEY_INVALID, REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function openBranch(config: Config, reporter: FollowReporter): Promise<Source> {
  const { root, follow } = config;
  const { origin, folder } =
    follow === 'remote' ? await openAtRemote(config) : await openAtGit(config);
  return followBranch({
    ...{ from: follow === 'remote' ? 'remote' : 'git', origin, root, reporter },
    views: await openViews(folder),
    packages: createPackages({
      ...{ root, store: openStore(root) },
      openRemote: () => openRemote(root, { environment: process.env }),
    }),
    everySeconds: config.followSeconds > 0 ? config.followFetchSeconds : 0,
  });
}

/** Another branch, or another place, has other views. */
function folderFor(
  { follow, followBranch: branch, followFolder }: Config,
  address: string,
): string {
  const place = digestBytes(JSON.stringify([follow, address, branch]));
  return join(followFolder, hexOf(place).slice(0, 16));
}

async function openAtGit(config: Config) {
  const { root, followGit: address, followBranch: branch, followTimeoutSeconds: seconds } = config;
  const folder = folderFor(config, address);
  const { signal } = new AbortController();
  return {
    folder,
    origin: await openGitOrigin({ root, address, branch, folder, seconds }, signal),
  };
}

async function openAtRemote(config: Config) {
  const { followBranch: branch, followTimeoutSeconds: seconds } = config;
  const publicKey = parsePublicKey(config.followKey);
  const sources = { option: config.followRemote, environment: process.env };
  const remote = await openRemote(config.root, sources);
  const folder = folderFor(config, remote.address);
  return { folder, origin: await openRemoteOrigin({ remote, branch, publicKey, folder, seconds }) };
}
