import { MainstemError } from '../../../platform/lib/errors.ts';
import { explainFetch } from '../../../platform/lib/fetch-failure.ts';
import { printable } from '../../../platform/lib/printable.ts';
import { shorten } from '../../../platform/lib/text.ts';
import { type Answered, waitAfter } from '../../../platform/lib/wait-after.ts';

/**
 * What GitHub said, by an error of its library.
 *
 * @returns null where no answer came; undefined for an error of another kind
 */
export function answerOf(error: unknown): Answered | null | undefined {
  if (!(error instanceof Error) || error.name !== 'HttpError') return undefined;
  const { status, response } = Object(error);
  if (typeof response !== 'object' || response === null) return null;
  const headers = new Headers();
  for (const [name, value] of Object.entries(Object(response.headers)))
    headers.set(name, String(value));
  return { status: Number(status), headers, text: error.message };
}

/**
 * The error for a request that GitHub did not carry out; null for an error of another kind. A missing right, a limit and a
 * GitHub in trouble ask for different things.
 */
export function explainRefusal(error: unknown): MainstemError | null {
  const answer = answerOf(error);
  if (answer === undefined) return null;
  const reason = describeAnswer(answer, error);
  return new MainstemError(codeOf(answer), { reason }, { cause: error });
}

function codeOf(answer: Answered | null): 'FORGE_REFUSED' | 'FORGE_LIMITED' | 'FORGE_FAILED' {
  const wait = waitAfter(answer, 1, Date.now(), 0);
  if (wait === null) return 'FORGE_REFUSED';
  return wait.reason === 'limit' ? 'FORGE_LIMITED' : 'FORGE_FAILED';
}

const mostCharacters = 300;

/**
 * In words, without a full stop. Of a page that a proxy, or GitHub itself in trouble, shows, the text.
 *
 * @param error where no answer came: why
 */
export function describeAnswer(answer: Answered | null, error: unknown): string {
  if (answer === null) return explainFetch(error).reason;
  const text = answer.text
    .replace(/<(style|script)\b.*?<\/\1\s*>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.+$/, '');
  return `${answer.status} ${printable(shorten(text, mostCharacters))}`.trim();
}
