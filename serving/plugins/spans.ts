import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Spans } from '../logs/spans.ts';
import { traceOfRequest } from '../logs/trace.ts';
import { atOnce } from './at-once.ts';
import { exchangeOf } from './exchanges.ts';

/** As nginx counts a client that left before the answer. */
const clientGone = 499;

/** Makes a span of every request but those of probes. Call it after `addExchanges`. */
export function addSpans(
  app: FastifyInstance,
  spans: Spans,
  isProbe: (request: { readonly url: string }) => boolean,
): void {
  const begin = (request: FastifyRequest, reply: FastifyReply) => {
    if (!isProbe(request)) exchangeOf(request).onEnd(() => add(request, reply, spans));
  };
  app.addHook('onRequest', atOnce(begin));
}

function add(request: FastifyRequest, reply: FastifyReply, spans: Spans): void {
  const { method, raw, routeOptions } = request;
  const { url: route } = routeOptions;
  spans.add({
    name: route === undefined ? method : `${method} ${route}`,
    trace: traceOfRequest(raw),
    traceparent: raw.headers.traceparent,
    seconds: reply.elapsedTime / 1000,
    code: reply.raw.writableFinished ? reply.statusCode : clientGone,
    attributes: { 'http.request.method': method, ...(route ? { 'http.route': route } : {}) },
  });
}
