import { getOctokit } from '@actions/github';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** GitHub's API, as an action asks it. */
export type GitHub = ReturnType<typeof getOctokit>;

/**
 * Opens GitHub's API. A proxy or a login page that answers in GitHub's place is an error, and not an empty answer.
 */
export function openGitHub(token: string): GitHub {
  const github = getOctokit(token);
  github.hook.after('request', ({ headers, data, url }) => {
    if (isOfGitHub(headers['content-type'], data)) return;
    const reason = `${new URL(url).origin} answers what GitHub does not; does a proxy stand between`;
    throw new MainstemError('FORGE_REFUSED', { reason });
  });
  return github;
}

/** What fails has another status; what succeeds has a body of JSON, bytes that were asked for, or none. */
function isOfGitHub(type: string | undefined, data: unknown): boolean {
  if (type?.startsWith('text/html')) return false;
  if (typeof data !== 'object' || data === null) return true;
  const keys = Object.keys(data);
  return keys.length === 0 || !keys.every((key) => failureKeys.has(key));
}

/** What GitHub says of a failure has these, and nothing else. */
const failureKeys: ReadonlySet<string> = new Set(['message', 'documentation_url', 'status']);
