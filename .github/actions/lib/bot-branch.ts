import { MainstemError } from '../../../platform/lib/errors.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

/** The open pull request of a branch of this repository. */
export async function openPullOf(github: GitHub, branch: string) {
  const head = `${context.repo.owner}:${branch}`;
  const { data } = await github.rest.pulls.list({ ...context.repo, head, state: 'open' });
  return data[0];
}

/** The commit at the end of a branch; null if there is no such branch. */
export async function headOf(github: GitHub, branch: string): Promise<string | null> {
  const ref = { ...context.repo, ref: `heads/${branch}` };
  return github.rest.git.getRef(ref).then(({ data }) => data.object.sha, noneIfMissing);
}

/** What is not there is no error. */
function noneIfMissing(error: unknown): null {
  if (error instanceof Error && 'status' in error && error.status === 404) return null;
  throw error;
}

/** A branch that only the bot commits to. */
export interface OwnBranch {
  readonly base: string;
  readonly branch: string;
  /** Slug of the app whose token it is; '' for the job token. */
  readonly app: string;
}

/**
 * Checks that nobody else has committed to a branch: GitHub, not the commit's text, says whose account a commit belongs to.
 *
 * @throws MainstemError RETRAIN_BRANCH_TAKEN
 */
export async function assertOwn(github: GitHub, { base, branch, app }: OwnBranch): Promise<void> {
  const basehead = `${base}...${branch}`;
  const { data } = await github.rest.repos.compareCommitsWithBasehead({
    ...context.repo,
    basehead,
  });
  const bots = ['github-actions[bot]', ...(app ? [`${app}[bot]`] : [])];
  const foreign = data.commits.find(({ author }) => !bots.includes(author?.login ?? ''));
  const unseen = data.total_commits > data.commits.length;
  if (!foreign && !unseen) return;
  const author = foreign?.author?.login ?? foreign?.commit.author?.name ?? 'somebody';
  throw new MainstemError('RETRAIN_BRANCH_TAKEN', { branch, author });
}

/** The text of a file on a branch; null if there is none. */
export async function textAt(github: GitHub, path: string, ref: string): Promise<string | null> {
  const place = { ...context.repo, path, ref };
  const found = await github.rest.repos.getContent(place).catch(noneIfMissing);
  if (!found || !('content' in found.data)) return null;
  return Buffer.from(found.data.content, 'base64').toString('utf8');
}
