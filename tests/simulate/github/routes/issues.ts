import { type Comment, type Forge, nextId, record } from '../state.ts';
import { type Answer, type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const one = '/repos/{owner}/{repo}/issues/comments/{comment_id}';
const many = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
/** Either scope is enough on a pull request. */
const scopes = ['issues', 'pull-requests'];
const longest = 65_536;

/** Comments: list, write, edit, delete. */
export const issueRoutes: readonly Route[] = [
  { method: 'GET', path: many, scopes, access: 'read', handle: list },
  { method: 'POST', path: many, scopes, access: 'write', handle: create },
  { method: 'GET', path: one, scopes, access: 'read', handle: read },
  { method: 'PATCH', path: one, scopes, access: 'write', handle: edit },
  { method: 'DELETE', path: one, scopes, access: 'write', handle: remove },
];

function list({ forge, params }: ApiRequest): Answer {
  const issue = issueOf(forge, params);
  const comments = forge.comments.filter((comment) => comment.issue === issue);
  return { status: 200, paged: true, body: comments.map((comment) => render(forge, comment)) };
}

function create({ forge, params, body, token }: ApiRequest): Answer {
  const issue = issueOf(forge, params);
  const written = checked(text(body, 'body'));
  const id = nextId(forge);
  const html_url = `${forge.url}/${forge.home.fullName}/pull/${issue}#issuecomment-${id}`;
  const comment = { id, issue, body: written, user: { login: token.login }, html_url, edits: [] };
  forge.comments.push(comment);
  record(forge, 'comment', `${token.login} comments on #${issue}`, {
    detail: written,
    pull: issue,
  });
  return { status: 201, body: render(forge, comment) };
}

function read({ forge, params }: ApiRequest): Answer {
  return { status: 200, body: render(forge, commentOf(forge, params)) };
}

function edit({ forge, params, body, token }: ApiRequest): Answer {
  const comment = commentOf(forge, params);
  if (token.kind !== 'user' && token.login !== comment.user.login) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
  const written = checked(text(body, 'body'));
  comment.edits = [...(comment.edits ?? []), comment.body];
  comment.body = written;
  record(forge, 'comment', `${token.login} edits its comment on #${comment.issue}`, {
    detail: written,
    pull: comment.issue,
  });
  return { status: 200, body: render(forge, comment) };
}

function remove({ forge, params }: ApiRequest): Answer {
  forge.comments.splice(forge.comments.indexOf(commentOf(forge, params)), 1);
  return { status: 204 };
}

/** @throws Refusal 422 where GitHub finds a text too long */
function checked(written: string): string {
  if (written.length <= longest) return written;
  const message = 'body is too long (maximum is 65536 characters)';
  throw new Refusal(422, 'Validation Failed', [{ resource: 'IssueComment', message }]);
}

function issueOf(forge: Forge, params: Readonly<Record<string, string>>): number {
  return found(forge.pulls.find(({ number }) => number === Number(params.issue_number))).number;
}

function commentOf(forge: Forge, params: Readonly<Record<string, string>>): Comment {
  return found(forge.comments.find(({ id }) => id === Number(params.comment_id)));
}

function render(forge: Forge, comment: Comment): Record<string, unknown> {
  return {
    id: comment.id,
    body: comment.body,
    user: {
      login: comment.user.login,
      type: comment.user.login.endsWith('[bot]') ? 'Bot' : 'User',
    },
    html_url: comment.html_url || `${forge.url}/comment/${comment.id}`,
    issue_url: `${forge.url}/repos/${forge.home.fullName}/issues/${comment.issue}`,
  };
}
