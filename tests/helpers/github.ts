import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type FastifyInstance, fastify } from 'fastify';

/** A pull request as the stand-in keeps it. */
export interface FakePull {
  number: number;
  head: { ref: string; sha: string; label: string };
  base: { ref: string };
  state: 'open' | 'closed';
  title: string;
  body: string;
}

export interface FakeComment {
  id: number;
  issue: number;
  body: string;
  user: { login: string };
  html_url: string;
}

export interface FakeStatus {
  sha: string;
  state: string;
  context: string;
  description: string;
}

/** A local stand-in for GitHub's API over a real git repository: what actions reach through GITHUB_API_URL. */
export interface FakeGitHub {
  readonly url: string;
  readonly pulls: FakePull[];
  readonly comments: FakeComment[];
  /** Newest last. */
  readonly statuses: FakeStatus[];
  /** Every request as `METHOD /path`. */
  readonly requests: string[];
  close(): Promise<void>;
}

const home = '/repos/jen/farm';

/**
 * Starts the stand-in on a free port of the loopback.
 *
 * @param root a git repository whose branches the `git` endpoints read and write.
 * @param author login that comments are written as.
 */
export async function startGitHub(
  root: string,
  author = 'github-actions[bot]',
): Promise<FakeGitHub> {
  const app = fastify({ bodyLimit: 32 * 1024 * 1024 });
  const pulls: FakePull[] = [];
  const comments: FakeComment[] = [];
  const statuses: FakeStatus[] = [];
  const requests: string[] = [];
  app.addHook('onRequest', async ({ method, url }) => void requests.push(`${method} ${url}`));
  app.get(home, async () => ({ default_branch: 'main' }));
  addPulls(app, pulls);
  addComments(app, comments, author);
  addStatuses(app, statuses);
  addGit(app, root);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, pulls, comments, statuses, requests, close: () => app.close() };
}

type App = FastifyInstance;

/** Splits a list into pages and links them as GitHub does, so that a client that reads one page fails. */
function page<T>(
  app: { url: string },
  all: readonly T[],
  query: { page?: string; per_page?: string },
) {
  const size = Number(query.per_page ?? 30);
  const number = Number(query.page ?? 1);
  const more = number * size < all.length;
  const next = new URL(app.url, 'http://x');
  next.searchParams.set('page', String(number + 1));
  return {
    items: all.slice((number - 1) * size, number * size),
    next: more ? next.pathname + next.search : null,
  };
}

function addPulls(app: App, pulls: FakePull[]): void {
  type Query = { head?: string; state?: string; base?: string };
  app.get<{ Querystring: Query }>(`${home}/pulls`, async ({ query }) =>
    pulls.filter(
      (pull) =>
        (query.base === undefined || pull.base.ref === query.base) &&
        (query.head === undefined || pull.head.label === query.head) &&
        (query.state === undefined || pull.state === query.state),
    ),
  );
  app.post<{ Body: { title: string; head: string; base: string; body: string } }>(
    `${home}/pulls`,
    async ({ body }, reply) => {
      const head = { ref: body.head, sha: '', label: `jen:${body.head}` };
      const pull: FakePull = {
        ...body,
        number: pulls.length + 1,
        head,
        base: { ref: body.base },
        state: 'open',
      };
      pulls.push(pull);
      return reply.code(201).send(pull);
    },
  );
  app.patch<{ Params: { number: string }; Body: Partial<FakePull> }>(
    `${home}/pulls/:number`,
    async ({ params, body }) =>
      Object.assign(pulls.find((pull) => pull.number === Number(params.number)) ?? {}, body),
  );
}

function addComments(app: App, comments: FakeComment[], author: string): void {
  app.get<{ Params: { issue: string }; Querystring: { page?: string; per_page?: string } }>(
    `${home}/issues/:issue/comments`,
    async (request, reply) => {
      const all = comments.filter(({ issue }) => issue === Number(request.params.issue));
      const { items, next } = page({ url: request.url }, all, request.query);
      if (next) reply.header('link', `<${request.protocol}://${request.host}${next}>; rel="next"`);
      return items;
    },
  );
  app.post<{ Params: { issue: string }; Body: { body: string } }>(
    `${home}/issues/:issue/comments`,
    async ({ params, body }, reply) => {
      if (body.body.length > 65_536) return reply.code(422).send({ message: 'body is too long' });
      const id = comments.length + 1;
      const issue = Number(params.issue);
      const comment = {
        id,
        issue,
        body: body.body,
        user: { login: author },
        html_url: `https://x/c${id}`,
      };
      comments.push(comment);
      return reply.code(201).send(comment);
    },
  );
  app.patch<{ Params: { id: string }; Body: { body: string } }>(
    `${home}/issues/comments/:id`,
    async ({ params, body }) =>
      Object.assign(comments.find(({ id }) => id === Number(params.id)) ?? {}, body),
  );
}

function addStatuses(app: App, statuses: FakeStatus[]): void {
  app.post<{ Params: { sha: string }; Body: Omit<FakeStatus, 'sha'> }>(
    `${home}/statuses/:sha`,
    async ({ params, body }, reply) => {
      if (body.description.length > 140) return reply.code(422).send({ message: 'too long' });
      statuses.push({ ...body, sha: params.sha });
      return reply.code(201).send(body);
    },
  );
  app.get<{ Params: { sha: string } }>(`${home}/commits/:sha/status`, async ({ params }) => {
    const newest = new Map(
      statuses.filter(({ sha }) => sha === params.sha).map((status) => [status.context, status]),
    );
    return { sha: params.sha, statuses: [...newest.values()] };
  });
}

/** The low-level git endpoints, on the real repository. */
function addGit(app: App, root: string): void {
  const git = (args: string[], input = '', env = {}) =>
    execFileSync('git', args, {
      cwd: root,
      input,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    }).trim();
  const index = { GIT_INDEX_FILE: join(git(['rev-parse', '--absolute-git-dir']), 'api-index') };
  app.get<{ Params: { sha: string } }>(`${home}/git/commits/:sha`, async ({ params }) => ({
    sha: params.sha,
    tree: { sha: git(['rev-parse', `${params.sha}^{tree}`]) },
  }));
  app.get<{ Params: { '*': string } }>(`${home}/git/ref/*`, async ({ params }) => ({
    object: { sha: git(['rev-parse', `refs/${params['*']}`]) },
  }));
  app.post<{ Body: { base_tree: string; tree: { path: string; content: string }[] } }>(
    `${home}/git/trees`,
    async ({ body }, reply) => {
      git(['read-tree', body.base_tree], '', index);
      for (const { path, content } of body.tree) {
        const blob = git(['hash-object', '-w', '--stdin'], content);
        git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], '', index);
      }
      return reply.code(201).send({ sha: git(['write-tree'], '', index) });
    },
  );
  app.post<{ Body: { message: string; tree: string; parents: string[] } }>(
    `${home}/git/commits`,
    async ({ body }, reply) => {
      const parents = body.parents.flatMap((parent) => ['-p', parent]);
      const sha = git(['commit-tree', body.tree, ...parents, '-m', body.message]);
      return reply.code(201).send({ sha });
    },
  );
  app.patch<{ Params: { '*': string }; Body: { sha: string; force: boolean } }>(
    `${home}/git/refs/*`,
    async ({ params, body }, reply) => {
      const ref = `refs/${params['*']}`;
      const exists = git(['for-each-ref', '--format=%(objectname)', ref]);
      if (exists === '') return reply.code(422).send({ message: 'Reference does not exist' });
      const forward = body.force || git(['merge-base', exists, body.sha]) === exists;
      if (!forward) return reply.code(422).send({ message: 'Update is not a fast forward' });
      git(['update-ref', ref, body.sha]);
      return { ref, object: { sha: body.sha } };
    },
  );
  app.post<{ Body: { ref: string; sha: string } }>(`${home}/git/refs`, async ({ body }, reply) => {
    git(['update-ref', body.ref, body.sha]);
    return reply.code(201).send({ ref: body.ref, object: { sha: body.sha } });
  });
  app.get<{ Params: { '*': string }; Querystring: { ref: string } }>(
    `${home}/contents/*`,
    async ({ params, query }, reply) => {
      try {
        const content = execFileSync('git', ['show', `${query.ref}:${params['*']}`], {
          cwd: root,
          stdio: 'pipe',
        });
        return { type: 'file', encoding: 'base64', content: content.toString('base64') };
      } catch {
        return reply.code(404).send({ message: 'Not Found' });
      }
    },
  );
}
