/** What GitHub answered, as far as it decides what follows; null where no answer came. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Why to try once more, and after how many milliseconds. */
export interface Wait {
  readonly reason: 'network' | 'limit' | 'server';
  readonly milliseconds: number;
}

const second = 1000;
const shortest = second;
const longest = 5 * 60 * second;
/** What GitHub asks for where it names no time. */
const minute = 60 * second;
const longestLimit = 2 * 60 * minute;

/**
 * How long to wait before the same request is sent again; null where that would only be refused again. Other waits than
 * GitHub's own have full jitter, so that bridges that lost GitHub together do not come back together.
 *
 * @param attempt how often it was tried, from 1
 * @param now milliseconds
 * @param random in [0, 1)
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function waitAfter(
  answer: Answered | null,
  attempt: number,
  now: number,
  random: number,
): Wait | null {
  const backOff = Math.min(longest, shortest * 2 ** (attempt - 1));
  const jittered = Math.max(shortest / 2, backOff * random);
  if (answer === null) return { reason: 'network', milliseconds: jittered };
  const { status, headers } = answer;
  if (isLimited(answer)) {
    const asked = askedFor(headers, now) ?? Math.max(minute, backOff);
    const milliseconds = Math.min(longestLimit, asked) + random * second;
    return { reason: 'limit', milliseconds };
  }
  if (status < 500 && status !== 408) return null;
  const asked = retryAfter(headers, now) ?? 0;
  return { reason: 'server', milliseconds: Math.max(jittered, Math.min(longestLimit, asked)) };
}

/** GitHub answers 403 for a limit as well as for a missing right. */
function isLimited({ status, headers, text }: Answered): boolean {
  if (status === 429) return true;
  const named = headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0';
  return status === 403 && (named || /rate limit/i.test(text));
}

function askedFor(headers: Headers, now: number): number | null {
  const after = retryAfter(headers, now);
  if (after !== null) return after;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  const spent = headers.get('x-ratelimit-remaining') === '0';
  return spent && Number.isFinite(reset) ? Math.max(second, reset * second - now) : null;
}

/** Seconds, or a date. */
function retryAfter(headers: Headers, now: number): number | null {
  const said = headers.get('retry-after');
  if (said === null) return null;
  const milliseconds = /^\d+$/.test(said) ? Number(said) * second : Date.parse(said) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : null;
}
