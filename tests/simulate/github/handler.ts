import type { IncomingMessage, ServerResponse } from 'node:http';
import { tokenOfApp } from './app-token.ts';
import { serveGit } from './git-http.ts';
import { checkAnswer, checkRequest, completeAnswer } from './openapi/description.ts';
import { artifactZip } from './routes/actions.ts';
import { routes } from './routes/index.ts';
import { type Answer, Refusal, type Route } from './routes/route.ts';
import { type Forge, record, type Token } from './state.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Answers requests to the API and to git; everything else is a 404 that the stand-in remembers. */
export function createHandler(forge: Forge): Handler {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', forge.url);
    try {
      if (/\/(info\/refs|git-(upload|receive)-pack)$/.test(url.pathname)) {
        return await serveGit(forge, request, response, tokenOf(forge, request));
      }
      const archive = /^\/_artifacts\/(\d+)\.zip$/.exec(url.pathname);
      if (archive) {
        response.setHeader('content-type', 'application/zip');
        response.end(artifactZip(forge, Number(archive[1])));
        return;
      }
      await answerApi(forge, request, response, url);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      forge.violations.push(`${request.method} ${url.pathname}: the stand-in broke: ${message}`);
      send(response, 500, { message });
    }
  };
}

async function answerApi(
  forge: Forge,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const said = `${request.method} ${url.pathname}${url.search}`;
  forge.requests.push(said);
  const text = await readText(request);
  const fault = takeFault(forge, said);
  if (fault) return send(response, fault.status, fault.body, fault.headers);
  const match = findRoute(request.method ?? 'GET', url.pathname);
  const token = tokenOf(forge, request);
  if (!match) {
    forge.violations.push(`${said}: the stand-in has no such operation`);
    return send(response, 404, { message: 'Not Found' });
  }
  if (token === null) return send(response, 401, { message: 'Bad credentials' });
  const name = `${match.route.method} ${match.route.path}`;
  const body: unknown = text === '' ? {} : JSON.parse(text);
  forge.violations.push(...checkRequest(name, url.searchParams, body));
  const answer = await answerOf(forge, match, { token, url, body });
  if (answer.status >= 400) recordRefusal(forge, said, token, answer);
  deliver(forge, response, name, { answer, url });
}

async function answerOf(
  forge: Forge,
  { route, params }: Match,
  { token, url, body }: { token: Token; url: URL; body: unknown },
): Promise<Answer> {
  try {
    const repository =
      params.owner === undefined
        ? forge.home
        : forge.repositories.get(`${params.owner}/${params.repo}`);
    if (!repository) throw new Refusal(404, 'Not Found');
    if (!isAllowed(token, route, repository.fullName)) {
      throw new Refusal(403, 'Resource not accessible by integration');
    }
    const fields = typeof body === 'object' && body !== null ? { ...body } : {};
    const { searchParams: query } = url;
    return await route.handle({ forge, repository, token, params, query, body: fields });
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** A token reads and writes only what it was given, and writes only to its own repository. */
function isAllowed(token: Token, route: Route, repository: string): boolean {
  const { permissions } = token;
  if (permissions === 'all' || route.scopes.length === 0) return true;
  if (token.repository !== null && token.repository !== repository && route.access === 'write') {
    return false;
  }
  return route.scopes.some((scope) => {
    const given = permissions[scope];
    return given === 'write' || given === route.access;
  });
}

function recordRefusal(forge: Forge, said: string, token: Token, { status, body }: Answer): void {
  const { message } = body as { message?: string };
  // A question about what may be missing is no refusal.
  if (status === 404 && said.startsWith('GET')) return;
  record(forge, 'refused', `${said} by ${token.login}: ${status} ${message ?? ''}`);
}

function deliver(
  forge: Forge,
  response: ServerResponse,
  name: string,
  { answer, url }: { readonly answer: Answer; readonly url: URL },
): void {
  if (answer.location) {
    response.writeHead(answer.status, { location: answer.location });
    response.end();
    return;
  }
  const paged = answer.paged ? pageOf(answer.body, url) : { body: answer.body, next: null };
  const { status } = answer;
  const body = status < 400 ? completeAnswer(name, status, paged.body) : paged.body;
  forge.violations.push(...checkAnswer(name, status, body));
  if (paged.next) response.setHeader('link', `<${paged.next}>; rel="next"`);
  send(response, status, body);
}

/** One page of a list, or of the only list in an object, linked to the next as GitHub does. */
function pageOf(body: unknown, url: URL): { body: unknown; next: string | null } {
  const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
  const number = Number(url.searchParams.get('page') ?? 1);
  const cut = (all: readonly unknown[]) => all.slice((number - 1) * size, number * size);
  const list = Array.isArray(body) ? body : Object.values(body ?? {}).find(Array.isArray);
  const next = new URL(url);
  next.searchParams.set('page', String(number + 1));
  const more = number * size < (list?.length ?? 0);
  const one = Array.isArray(body)
    ? cut(body)
    : Object.fromEntries(
        Object.entries(body ?? {}).map(([key, value]) => [
          key,
          Array.isArray(value) ? cut(value) : value,
        ]),
      );
  return { body: one, next: more ? next.href : null };
}

function tokenOf(forge: Forge, request: IncomingMessage): Token | null {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
  const basic = () => Buffer.from(given, 'base64').toString().split(':')[1] ?? '';
  const value = scheme.toLowerCase() === 'basic' ? basic() : given;
  const known = forge.tokens.get(value);
  if (known) return known;
  const app = tokenOfApp(forge, value);
  if (app) return app;
  if (forge.anyToken === null) return null;
  const login = forge.anyToken;
  return { value, kind: 'app', login, permissions: 'all', repository: null };
}

function findRoute(method: string, path: string): Match | null {
  for (const [route, pattern] of patterns) {
    const found = route.method === method ? pattern.exec(path) : null;
    if (found) return { route, params: decoded(found.groups ?? {}) };
  }
  return null;
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
}

/** The last placeholder of a reference or a path may hold slashes; longer addresses are tried first. */
const patterns = [...routes]
  .sort((a, b) => specificity(b) - specificity(a))
  .map((route) => {
    const source = route.path.replace(/\{(\w+)\}(\/?)/g, (_, name: string, slash: string) => {
      const wide = slash === '' && (name === 'ref' || name === 'path' || name === 'basehead');
      return `(?<${name}>${wide ? '.*' : '[^/]+'})${slash}`;
    });
    return [route, new RegExp(`^${source}$`)] as const;
  });

function specificity({ path }: Route): number {
  const parts = path.split('/');
  return parts.length * 10 - parts.filter((part) => part.startsWith('{')).length;
}

function takeFault(forge: Forge, said: string): Forge['faults'][number] | null {
  const at = forge.faults.findIndex(({ matches }) => matches.test(said));
  return at < 0 ? null : (forge.faults.splice(at, 1)[0] ?? null);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = status === 204 || body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(text);
}
