import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { noCommit } from './events.ts';
import { git, shaOf } from './git.ts';
import { checkChange, followChange, type RefChange } from './references.ts';
import { type Forge, type Repository, record, type Token } from './state.ts';

/**
 * Serves `/<owner>/<repository>.git` by git's own `http-backend`. Reading needs contents: read, pushing contents:
 * write; a push that moves references has the same consequences as on GitHub.
 */
export async function serveGit(
  forge: Forge,
  request: IncomingMessage,
  response: ServerResponse,
  token: Token | null,
): Promise<void> {
  const url = new URL(request.url ?? '/', forge.url);
  const [, fullName = ''] = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(?:info|git-)/.exec(url.pathname) ?? [];
  const repository = forge.repositories.get(fullName);
  if (!repository) return end(response, 404, 'Repository not found');
  if (token === null) {
    response.setHeader('www-authenticate', 'Basic realm="GitHub"');
    return end(response, 401, 'Authentication required');
  }
  const pushes = `${url.pathname}${url.search}`.includes('git-receive-pack');
  if (!mayUse(token, repository, pushes)) {
    record(forge, 'refused', `git ${pushes ? 'push' : 'fetch'} by ${token.login}: 403`);
    return end(response, 403, 'Resource not accessible by integration');
  }
  const sent: Buffer[] = [];
  if (pushes && request.method === 'POST') request.on('data', (chunk: Buffer) => sent.push(chunk));
  await runBackend(repository, url, request, response);
  if (sent.length > 0) followPush(forge, repository, Buffer.concat(sent), token);
}

function mayUse(token: Token, repository: Repository, pushes: boolean): boolean {
  if (token.permissions === 'all') return true;
  const access = token.permissions.contents;
  if (access === undefined) return false;
  if (!pushes) return true;
  return access === 'write' && token.repository === repository.fullName;
}

async function runBackend(
  repository: Repository,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = url.pathname.replace(/^\/[^/]+\/[^/]+?(?:\.git)?(?=\/(?:info|git-))/, '');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: repository.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'uploadpack.allowAnySHA1InWant',
      GIT_CONFIG_VALUE_1: 'true',
      PATH_INFO: path,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'somebody',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(backend, 'close');
  answerAs(Buffer.concat(chunks), response);
}

/** What a CGI program prints: headers, an empty line, the body. */
function answerAs(printed: Buffer, response: ServerResponse): void {
  const gap = printed.indexOf('\r\n\r\n');
  const headers = printed.subarray(0, gap).toString().split('\r\n');
  for (const line of headers) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? [];
    if (name === 'Status') response.statusCode = Number(value.slice(0, 3));
    else if (name) response.setHeader(name, value);
  }
  response.end(printed.subarray(gap + 4));
}

/** Follows each reference that a push asked for and got; changes that a rule forbids are taken back. */
function followPush(forge: Forge, repository: Repository, request: Buffer, token: Token): void {
  for (const change of parseCommands(request)) {
    const now = shaOf(repository.folder, change.ref) ?? noCommit;
    if (now !== change.after) continue;
    const refused = checkChange(forge, repository, change, token);
    if (refused === null) followChange(forge, repository, change, token);
    else takeBack(forge, repository, change, refused);
  }
}

/** The commands of git-receive-pack: lines of `<length><old> <new> <ref>`, the first with capabilities behind a zero. */
function parseCommands(request: Buffer): RefChange[] {
  const changes: RefChange[] = [];
  for (let at = 0; ; ) {
    const length = Number.parseInt(request.toString('latin1', at, at + 4), 16);
    if (!(length > 4)) return changes;
    const [line = ''] = request.toString('utf8', at + 4, at + length).split('\0');
    const [before = '', after = '', ref = ''] = line.trim().split(' ');
    changes.push({ before, after, ref });
    at += length;
  }
}

function takeBack(forge: Forge, { folder }: Repository, change: RefChange, why: string): void {
  const { ref, before } = change;
  git(folder, before === noCommit ? ['update-ref', '-d', ref] : ['update-ref', ref, before]);
  record(forge, 'refused', `push of ${ref}: ${why}`);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}
