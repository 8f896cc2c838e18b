import type { FastifyInstance } from 'fastify';
import type { Instruments } from './instruments.ts';

/** Counts and times every request by route, never by URL: URLs are unbounded. */
export function addRequestMetrics(app: FastifyInstance, instruments: Instruments): void {
  app.addHook('onRequest', async () => {
    instruments.requestsInFlight.inc();
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    instruments.requestsInFlight.dec();
    instruments.requests.inc({ method, route, code: String(reply.statusCode) });
    instruments.requestDuration.observe({ method, route }, reply.elapsedTime / 1000);
  });
}
