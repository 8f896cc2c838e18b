import { Type } from 'typebox';
import { parseJson } from '../../../platform/lib/json.ts';
import type { CommentState } from './comment-body.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

const Push = { head: Type.String(), verdict: Type.String() };
const State = Type.Object({ ...Push, earlier: Type.Array(Type.Object(Push)) });

/** The one comment of a pull request: found by its author and its first line, edited from then on. */
export interface StickyComment {
  /** Null where there is none yet. */
  readonly id: number | null;
  /** What the comment last said; null for the first, and while the first run goes on. */
  readonly state: CommentState | null;
}

const marker = '<!-- mainstem:report -->';
const stateOf = /^<!-- mainstem:state:([A-Za-z0-9+/=]*) -->$/m;

/** Finds the comment. @param author login of the token; markers in comments by anyone else are ignored */
export async function findComment(
  github: GitHub,
  issue: number,
  author: string,
): Promise<StickyComment> {
  const comments = await github.paginate(github.rest.issues.listComments, {
    ...context.repo,
    issue_number: issue,
    per_page: 100,
  });
  const ours = comments.find(
    (comment) => comment.user?.login === author && comment.body?.startsWith(marker),
  );
  if (!ours) return { id: null, state: null };
  return { id: ours.id, state: readState(ours.body ?? '') };
}

/** What a comment says of itself; a person who may edit it may have damaged that, which costs its history alone. */
function readState(body: string): CommentState | null {
  const encoded = stateOf.exec(body)?.[1];
  if (!encoded) return null;
  try {
    return parseJson(Buffer.from(encoded, 'base64').toString('utf8'), State, 'the comment');
  } catch {
    return null;
  }
}

/** What the comment shows, and what it keeps for the next push. */
export interface CommentContent {
  readonly body: string;
  readonly state: CommentState | null;
}

/** The comment as GitHub gets it: its markers, which nobody sees, and what it shows. */
export function commentText({ body, state }: CommentContent): string {
  // In base64, because a hidden comment would end at the first dashes of a name.
  const hidden = state && Buffer.from(JSON.stringify(state)).toString('base64');
  return [marker, ...(hidden ? [`<!-- mainstem:state:${hidden} -->`] : []), body].join('\n');
}

/** Creates the comment or edits it. @returns its address */
export async function writeComment(
  github: GitHub,
  issue: number,
  { id }: StickyComment,
  content: CommentContent,
): Promise<string> {
  const text = commentText(content);
  if (id !== null) {
    const edited = { ...context.repo, comment_id: id, body: text };
    return (await github.rest.issues.updateComment(edited)).data.html_url;
  }
  const fresh = { ...context.repo, issue_number: issue, body: text };
  return (await github.rest.issues.createComment(fresh)).data.html_url;
}
