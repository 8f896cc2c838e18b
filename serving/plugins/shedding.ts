import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { Admission } from '../inference/admission.ts';
import type { Instruments } from './instruments.ts';
import { buildErrorResponse } from './problems.ts';
import { buildRoutePattern } from './route-pattern.ts';

/** Refuses requests that cannot be admitted before the framework sees them, and counts them by route. */
export interface Shedding {
  /** Wraps the listener of the HTTP server. */
  wrap(listener: RequestListener): RequestListener;
  /** Learns the routes of an application. Call it before adding them. */
  watch(app: FastifyInstance): void;
}

/**
 * Creates the shedding of a server. Under overload most requests are refused: what a refusal costs is taken from the
 * answers that can still be given.
 */
export function createShedding(admission: Admission, instruments: Instruments): Shedding {
  const routes: { readonly pattern: RegExp; readonly url: string }[] = [];
  const error = new MainstemError('SERVING_BUSY', { reason: 'as many requests as it takes wait' });

  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    const began = performance.now();
    const url = request.url ?? '';
    const { status, headers, body } = buildErrorResponse(error, url);
    response.writeHead(status, headers).end(body);
    const path = url.split('?', 1)[0] ?? '';
    const route = routes.find(({ pattern }) => pattern.test(path))?.url ?? 'none';
    instruments.requests.inc({ method: 'POST', route, code: status });
    const seconds = (performance.now() - began) / 1000;
    instruments.requestDuration.observe({ method: 'POST', route }, seconds);
  };

  return {
    wrap: (listener) => (request, response) => {
      if (request.method === 'POST' && admission.isFull()) refuse(request, response);
      else listener(request, response);
    },
    watch(app) {
      app.addHook('onRoute', ({ url, method }) => {
        if ([method].flat().includes('POST')) routes.push({ url, pattern: buildRoutePattern(url) });
      });
    },
  };
}
