import { context } from '@actions/github';
import type { GitHub } from './pull-request.ts';

/** A comment that is written once and edited from then on. */
export interface StickyComment {
  readonly issue: number;
  /** Identifies the comment, for example `report:pumpkins`. */
  readonly key: string;
  /** Login of the token; markers in comments by anyone else are ignored. */
  readonly author: string;
  readonly body: string;
}

/** Creates the comment, or edits the one with the same key. @returns its address and whether it is new */
export async function upsertComment(
  github: GitHub,
  { issue, key, author, body }: StickyComment,
): Promise<{ url: string; created: boolean }> {
  const marker = `<!-- mainstem:${key} -->`;
  const text = `${marker}\n${body}`;
  const comments = await github.paginate(github.rest.issues.listComments, {
    ...context.repo,
    issue_number: issue,
    per_page: 100,
  });
  const ours = comments.find(
    (comment) => comment.user?.login === author && comment.body?.startsWith(marker),
  );
  if (ours) {
    const edited = { ...context.repo, comment_id: ours.id, body: text };
    const { data } = await github.rest.issues.updateComment(edited);
    return { url: data.html_url, created: false };
  }
  const fresh = { ...context.repo, issue_number: issue, body: text };
  const { data } = await github.rest.issues.createComment(fresh);
  return { url: data.html_url, created: true };
}
