import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hideUrlSecrets } from '../../platform/lib/hide-secrets.ts';
import { serverOf } from '../logs/server-of.ts';
import type { Spans } from '../logs/spans.ts';
import { traceOfRequest } from '../logs/trace.ts';
import { atOnce } from './at-once.ts';
import { exchangeOf } from './exchanges.ts';

/** As nginx calls its status 499: the client left before the answer. */
const clientGone = 'client_closed_request';
/** By RFC 9110 and RFC 5789. */
const known: ReadonlySet<string> = new Set(
  'CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'.split(' '),
);

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

/** By https://opentelemetry.io/docs/specs/semconv/http/http-spans/, but for the query, which may hold what is nobody else's business. */
function add(request: FastifyRequest, reply: FastifyReply, spans: Spans): void {
  const { raw, routeOptions } = request;
  const { url: route } = routeOptions;
  const method = known.has(request.method) ? request.method : '_OTHER';
  const isAnswered = reply.raw.writableFinished;
  const { statusCode: code } = reply;
  const name = method === '_OTHER' ? 'HTTP' : method;
  spans.add({
    name: route === undefined ? name : `${name} ${route}`,
    trace: traceOfRequest(raw),
    traceparent: raw.headers.traceparent,
    tracestate: raw.headers.tracestate,
    seconds: reply.elapsedTime / 1000,
    attributes: {
      'http.request.method': method,
      'http.request.method_original': method === '_OTHER' ? request.method : undefined,
      'http.route': route,
      'http.response.status_code': isAnswered ? code : undefined,
      'url.scheme': request.protocol,
      'url.path': hideUrlSecrets(raw.url?.split('?', 1)[0] ?? ''),
      ...serverOf(request.host),
    },
    error: !isAnswered ? clientGone : code >= 500 ? String(code) : null,
  });
}
