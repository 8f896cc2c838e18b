import { setTimeout as pause } from 'node:timers/promises';
import { explainFetch } from '../../../lib/fetch-failure.ts';
import { fetchMoving } from '../../../lib/fetch-moving.ts';
import { longestSilenceMs, silenceIn } from '../../../lib/silence.ts';

/** How often and how patiently a request is made again. */
export interface Patience {
  /** How many requests are made at most. @default 6 */
  readonly tries: number;
  /** Longest wait before the second request; it doubles with every further one. @default 400 */
  readonly pauseMs: number;
  /** How long a server may take to answer, or to send or take the next bytes. @default 60,000 */
  readonly timeoutMs: number;
  /** Hears whom a request waits for. */
  readonly say?: ((text: string) => void) | undefined;
}

/** For remotes over the internet: gives up after about half a minute, and after two minutes of silence. */
export const patience: Patience = { tries: 6, pauseMs: 400, timeoutMs: longestSilenceMs };

/** A connection may die unnoticed; of a server that is silent on another one, too, nothing is to be hoped. */
const mostSilences = 2;

const longestPauseMs = 20_000;
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same request may be answered differently a moment later. */
export function isPassing(status: number): boolean {
  return passing.has(status);
}

/** What a request sends; its body can be read as often as needed. */
export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | Uint8Array<ArrayBuffer> | string | undefined;
  /** Sent at most once: the server is somewhere else afterwards, and the caller asks where. */
  readonly once?: boolean;
}

/**
 * Fetches, and again with growing random pauses while the server is busy (408, 425, 429, 5xx), resets or does not
 * answer in time (twice at most). `Retry-After` is respected up to 20 s. A request that is made again may have been carried out before.
 *
 * @returns the last answer, whatever its status
 * @throws Error of the last try if there was no answer
 */
export async function fetchAgain(
  url: URL,
  request: Request,
  limits: Patience = patience,
): Promise<Response> {
  const isHopeless = countSilences();
  for (let attempt = 1; ; attempt++) {
    const last = request.once === true || attempt >= limits.tries;
    try {
      const answer = await fetchOnce(url, request, limits);
      if (last || !passing.has(answer.status)) return answer;
      await answer.body?.cancel();
      await pause(pauseOf(attempt, limits, Number(answer.headers.get('retry-after'))));
    } catch (error) {
      if (last || isHopeless(error) || !explainFetch(error).passes) throw error;
      await pause(pauseOf(attempt, limits));
    }
  }
}

/** The wait before the next try: random, so that many clients do not come back at the same moment. */
export function pauseOf(attempt: number, { pauseMs }: Patience, retryAfter = 0): number {
  const backoff = Math.random() * Math.min(pauseMs * 2 ** (attempt - 1), longestPauseMs);
  const asked = Number.isFinite(retryAfter) ? Math.min(retryAfter * 1000, longestPauseMs) : 0;
  return Math.max(backoff, asked);
}

/**
 * Counts the tries of one work that ended in silence.
 *
 * @returns a function that says of each failure whether another try is in vain
 */
export function countSilences(): (failure: unknown) => boolean {
  let silences = 0;
  return (failure) => silenceIn(failure) !== undefined && ++silences >= mostSilences;
}

function fetchOnce(
  url: URL,
  { method = 'GET', headers, body }: Request,
  { timeoutMs: limitMs, say }: Patience,
): Promise<Response> {
  const request = { method, ...(headers ? { headers } : {}), body };
  return fetchMoving(url, request, { place: url.origin, limitMs, say });
}
