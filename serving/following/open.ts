import { join } from 'node:path';
import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { openRemote } from '../../platform/storage/remotes/index.ts';
import { openStore } from '../../platform/storage/store/index.ts';
import type { Config } from '../config.ts';
import { type FollowReporter, followBranch } from './follow-branch.ts';
import { openGitOrigin } from './git-origin.ts';
import { createPackages } from './packages.ts';
import type { Source } from './source.ts';
import { openViews } from './views.ts';

/**
 * Opens the branch that the settings name. It returns when the branch was looked at once.
 *
 * @throws MainstemError FOLLOW_GIT_UNUSABLE
 */
export async function openBranch(config: Config, reporter: FollowReporter): Promise<Source> {
  const { root, followGit: address, followBranch: branch } = config;
  // Another branch, or another repository, has other views.
  const place = hexOf(digestBytes(JSON.stringify([config.follow, address, branch]))).slice(0, 16);
  const folder = join(config.followFolder, place);
  const seconds = config.followTimeoutSeconds;
  const { signal } = new AbortController();
  const origin = await openGitOrigin({ root, address, branch, folder, seconds }, signal);
  return followBranch({
    ...{ from: 'git', origin, root, reporter },
    views: await openViews(folder),
    packages: createPackages({
      ...{ root, store: openStore(root) },
      openRemote: () => openRemote(root, { environment: process.env }),
    }),
    everySeconds: config.followSeconds > 0 ? config.followFetchSeconds : 0,
  });
}
