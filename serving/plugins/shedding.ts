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

/** A refusal as it is written: names and values of its headers in turns. */
interface Refusal {
  readonly route: string;
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
}

/** Of so many addresses refusals are kept; a flood of other ones only has them built again. */
const mostKept = 100;
/** So long after a refusal the metrics know of it, and of all others since. */
const countAfterMs = 50;

/**
 * Creates the shedding of a server. Under overload most requests are refused: what a refusal costs is taken from the
 * answers that can still be given. So a refusal is built once for each address, many are counted at a time, and none has
 * a duration, for nothing was done.
 */
export function createShedding(admission: Admission, { requests }: Instruments): Shedding {
  const routes: { readonly pattern: RegExp; readonly url: string }[] = [];
  const refusals = new Map<string, Refusal>();
  const uncounted = new Map<Refusal, number>();

  const routeOf = (url: string): string => {
    const path = url.split('?', 1)[0] ?? '';
    return routes.find(({ pattern }) => pattern.test(path))?.url ?? 'none';
  };
  const refusalOf = (url: string): Refusal => {
    const known = refusals.get(url);
    if (known) return known;
    const refusal = buildRefusal(url, routeOf(url));
    if (refusals.size >= mostKept) refusals.clear();
    refusals.set(url, refusal);
    return refusal;
  };
  const count = () => {
    for (const [{ route, status }, times] of uncounted) {
      requests.inc({ method: 'POST', route, code: status }, times);
    }
    uncounted.clear();
  };
  const refuse = ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(url);
    response.writeHead(refusal.status, refusal.headers).end(refusal.body);
    if (uncounted.size === 0) setTimeout(count, countAfterMs).unref();
    uncounted.set(refusal, (uncounted.get(refusal) ?? 0) + 1);
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

function buildRefusal(url: string, route: string): Refusal {
  const error = new MainstemError('SERVING_BUSY', { reason: 'as many requests as it takes wait' });
  const { status, headers, body } = buildErrorResponse(error, url);
  return { route, status, headers: Object.entries(headers).flat(), body };
}
