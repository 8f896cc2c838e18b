import { MainstemError } from '../../platform/lib/errors.ts';
import type { GitEnd } from './bounded-git.ts';

/** Whom git asked, and for what. */
export interface Asked {
  readonly address: string;
  /** The same without a password. */
  readonly shown: string;
  readonly branch: string;
  readonly seconds: number;
}

const denied =
  /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied|access denied|not authorized|host key verification failed|repository not found|returned error: 40[13]/i;

/** The error for a git that failed to look at a branch. */
export function explainFetch(
  end: GitEnd,
  { address, shown, branch, seconds }: Asked,
): MainstemError {
  const said = end.stderr.replaceAll(address, shown).trim();
  const details = { address: shown, branch, reason: reasonOf(said, end, seconds) };
  if (end.limit === null && /couldn't find remote ref/i.test(said))
    return new MainstemError('FOLLOW_BRANCH_MISSING', details);
  const isDenied = end.limit === null && denied.test(said);
  return new MainstemError(isDenied ? 'FOLLOW_DENIED' : 'FOLLOW_UNREACHABLE', details);
}

function reasonOf(said: string, { limit, code }: GitEnd, seconds: number): string {
  if (limit === 'time') return `it did not answer within ${seconds} s`;
  if (limit === 'size' || /file too large|file size limit|signal 25/i.test(said))
    return 'it sent more than is read of a branch';
  // Of several lines, the first that says what failed; the others are advice.
  const lines = said.split('\n');
  const line = lines.find((one) => /^(fatal|error|ERROR):/.test(one)) ?? lines[0];
  return line?.replace(/^(fatal|error): /, '') || `git ended with ${code} and said nothing`;
}
