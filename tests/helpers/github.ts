import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startGitHub as startStandIn } from '../simulate/github/start-github.ts';
import type { Comment, Forge, Pull, Status } from '../simulate/github/state.ts';

/** The stand-in of tests/simulate for one action: whatever its token is, it may do everything. */
export interface FakeGitHub {
  readonly url: string;
  readonly forge: Forge;
  readonly pulls: Pull[];
  readonly comments: Comment[];
  readonly statuses: Status[];
  /** Every request as `METHOD /path`. */
  readonly requests: string[];
  /** @throws Error if a request or an answer was not as GitHub describes it */
  close(): Promise<void>;
}

/**
 * Starts the stand-in on a free port of the loopback.
 *
 * @param root a git repository, bare or with its working tree, whose branches the `git` endpoints read and write.
 * @param author login that comments are written as.
 */
export async function startGitHub(
  root: string,
  author = 'github-actions[bot]',
): Promise<FakeGitHub> {
  const repository = existsSync(join(root, '.git')) ? join(root, '.git') : root;
  const folder = join(repository, 'stand-in');
  const { forge, url, close } = await startStandIn({ repository, folder, anyToken: author });
  const { pulls, comments, statuses, requests } = forge;
  return {
    url,
    forge,
    pulls,
    comments,
    statuses,
    requests,
    close: async () => {
      await close();
      if (forge.violations.length > 0) throw new Error(forge.violations.join('\n'));
    },
  };
}
