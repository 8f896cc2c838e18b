import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** A web site that hands out the files of a folder, below a path, as any host of static files does. */
export interface StaticSite {
  readonly origin: string;
  /** Ends with `/`. */
  readonly url: string;
  /** The files that were asked for, in order. */
  readonly asked: string[];
  /** Answers other bytes for a file, as a host does whose copy is damaged. */
  readonly damaged: Map<string, Uint8Array>;
  /** Takes no more requests, and answers none. */
  cut(): Promise<void>;
}

/** Serves a folder. @param below the path, `/` at both ends */
export async function serveFolder(folder: string, below: string): Promise<StaticSite> {
  const asked: string[] = [];
  const damaged = new Map<string, Uint8Array>();
  const server = createServer(async ({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = pathname.startsWith(below) ? pathname.slice(below.length) || 'index.html' : '';
    asked.push(path);
    const content = damaged.get(path) ?? (await readFile(join(folder, path)).catch(() => null));
    if (!content) return void response.writeHead(404).end();
    const type = types[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin, url: `${origin}${below}`, asked, damaged, cut };
}
