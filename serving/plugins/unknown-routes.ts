import type { FastifyInstance } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import { shorten } from '../../platform/lib/text.ts';
import { atOnce } from './at-once.ts';
import { buildRoutePattern } from './route-pattern.ts';

/**
 * Refuses requests that no route takes, before their body is read: 404, or 405 with the methods that the path has. Call
 * it before adding routes.
 */
export function addUnknownRoutes(app: FastifyInstance): void {
  const known: { readonly pattern: RegExp; readonly method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = buildRoutePattern(url);
    // Preflights of other sites are answered for any path; that says nothing about what there is.
    const methods = [method].flat().filter((name) => name !== 'OPTIONS');
    for (const name of methods) known.push({ pattern, method: name });
  });
  const refuse = (method: string, url: string): MainstemError => {
    const path = url.split('?', 1)[0] ?? '';
    const methods = known.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
    const shown = { method, path: shorten(path) };
    if (methods.length === 0 || methods.includes(method)) {
      return new MainstemError('ROUTE_UNKNOWN', shown);
    }
    const allowed = [...new Set(methods)].sort().join(', ');
    return new MainstemError('REQUEST_METHOD', { ...shown, allowed });
  };
  app.addHook(
    'onRequest',
    atOnce(({ is404, method, url }) => {
      if (is404) throw refuse(method, url);
    }),
  );
  // For routes that find nothing after all: files of the API's documentation.
  app.setNotFoundHandler(({ method, url }) => {
    throw refuse(method, url);
  });
}
