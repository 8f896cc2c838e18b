import { readFile } from '../../platform/lib/read-text.ts';
import type { App } from '../services.ts';

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/answers.css': ['answers.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/photos.js': ['photos.js', 'text/javascript; charset=utf-8'],
  '/form.js': ['form.js', 'text/javascript; charset=utf-8'],
  '/answer.js': ['answer.js', 'text/javascript; charset=utf-8'],
  '/explain.js': ['explain.js', 'text/javascript; charset=utf-8'],
  '/api.js': ['api.js', 'text/javascript; charset=utf-8'],
  '/session.js': ['session.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** Adds the page for people: a few static files, read once at start. @throws NodeJS.ErrnoException */
export async function pageRoutes(app: App): Promise<void> {
  for (const [path, [name, type]] of Object.entries(files)) {
    const content = await readFile(new URL(`../web/${name}`, import.meta.url));
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.type(type).header('cache-control', 'no-cache').send(content),
    );
  }
}
