import { setTimeout as pause } from 'node:timers/promises';
import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { waitAfter } from '../../../platform/lib/wait-after.ts';
import { getOctokit } from './event.ts';
import { answerOf, describeAnswer } from './explain-refusal.ts';

/** GitHub's API, as an action asks it. */
export type GitHub = ReturnType<typeof getOctokit>;

/** A request is made so often at most, and one whose limit lasts longer is left to a person. */
const [tries, longestWaitMs] = [4, 90_000];

/**
 * Opens GitHub's API. A request that may do better a moment later is made again, since a job that ends in the middle leaves
 * a comment without its statuses, until somebody runs it again. A proxy or a login page that answers in GitHub's place is
 * an error, and not an empty answer.
 *
 * @throws from each request: MainstemError FORGE_REFUSED; HttpError of the library, which `explainRefusal` explains
 */
export function openGitHub(token: string): GitHub {
  const github = getOctokit(token);
  github.hook.after('request', ({ headers, data, url }) => {
    const type = headers['content-type'] ?? '';
    if (isBrokenOff(type, data)) throw new BrokenOff();
    if (isOfGitHub(type, data)) return;
    const reason = `${new URL(url).origin} answers what GitHub does not; does a proxy stand between`;
    throw new MainstemError('FORGE_REFUSED', { reason });
  });
  github.hook.wrap('request', async (request, options) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request(options);
      } catch (error) {
        const answer = answerOf(error);
        if (answer === undefined) throw error;
        const wait = waitAfter(answer, attempt, Date.now(), Math.random());
        const again = wait && (wait.reason === 'limit' || isRepeatable(options));
        if (!again || attempt === tries || wait.milliseconds > longestWaitMs) throw error;
        const seconds = Math.ceil(wait.milliseconds / 1000);
        core.info(
          `GitHub: ${describeAnswer(answer, error)}; asking again in ${plural(seconds, 'second')}.`,
        );
        await pause(wait.milliseconds);
      }
    }
  });
  return github;
}

/** Whether doing it twice is doing it once: what failed may have been done. A status says the same once more. */
function isRepeatable({ method, url }: { readonly method: string; readonly url: string }): boolean {
  return method !== 'POST' || url.includes('/statuses/');
}

/** The library gives JSON that is none as its text. GitHub's is never a text or number alone, and never nothing. */
function isBrokenOff(type: string, data: unknown): boolean {
  return /\bjson\b/.test(type) && (typeof data !== 'object' || data === null);
}

/** As the library throws it where no whole answer came. */
class BrokenOff extends Error {
  readonly status = 500;

  constructor() {
    super('its answer broke off');
    this.name = 'HttpError';
  }
}

/** What fails has another status; what succeeds has a body of JSON, bytes that were asked for, or none. */
function isOfGitHub(type: string, data: unknown): boolean {
  if (type.startsWith('text/html')) return false;
  if (typeof data !== 'object' || data === null) return true;
  const keys = Object.keys(data);
  return keys.length === 0 || !keys.every((key) => failureKeys.has(key));
}

/** What GitHub says of a failure has these, and nothing else. */
const failureKeys: ReadonlySet<string> = new Set(['message', 'documentation_url', 'status']);
