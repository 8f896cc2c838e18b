import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server of git repositories asks for. */
export interface GitHttpOptions {
  /** The folder of the bare repositories. */
  readonly folder: string;
  /** `name:password`; left out, everybody may read. */
  readonly login?: string;
}

/** Serves repositories by `git http-backend`, as forges do. @returns its address, without a login */
export async function serveGit(options: GitHttpOptions): Promise<string> {
  const server = createServer((request, response) => answer(options, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(
  { folder, login }: GitHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const given = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64');
  if (login !== undefined && given.toString() !== login) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const { pathname, search } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => send(Buffer.concat(chunks), response));
}

/** What a program says by the rules of CGI: headers, an empty line, the content. */
function send(said: Buffer, response: ServerResponse): void {
  const end = said.indexOf('\r\n\r\n');
  for (const line of said.subarray(0, end).toString().split('\r\n')) {
    const [name = '', ...value] = line.split(': ');
    if (name === 'Status') response.statusCode = Number.parseInt(value.join(), 10);
    else response.setHeader(name, value.join(': '));
  }
  response.end(said.subarray(end + 4));
}
