import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import { atOnce } from './at-once.ts';
import type { Instruments } from './instruments.ts';

/** A request and its response, until the last byte is sent or the client is gone. */
export interface Exchange {
  /** Aborted with a MainstemError when nobody needs the answer any more. */
  readonly signal: AbortSignal;
  /** Gives the work up. */
  abort(reason: MainstemError): void;
  /** Calls back once, at the end, however it ends; at once where it has ended, as while somebody was asked who the client is. */
  onEnd(callback: () => void): void;
}

/** The status under which a request is counted whose client left before the answer (as nginx does). */
const clientGone = 499;

/** A client may take this long to read an answer that came before it had sent everything. */
const lingerMs = 5000;

const exchanges = new WeakMap<IncomingMessage, Exchange>();

/** The exchange of a request. @throws TypeError before the first hook of {@link addExchanges} */
export function exchangeOf(request: FastifyRequest): Exchange {
  const exchange = exchanges.get(request.raw);
  if (!exchange) throw new TypeError('the request has no exchange');
  return exchange;
}

/**
 * Follows every request to its end. Counts and times it by route, never by URL: URLs are unbounded. A client that
 * leaves aborts the exchange's signal and is counted as 499. Call it before adding other hooks.
 */
export function addExchanges(app: FastifyInstance, instruments: Instruments): void {
  app.addHook(
    'onRequest',
    atOnce((request, reply) => follow(request, reply, instruments)),
  );
}

/** Follows one request; {@link addExchanges} does it for all that reach a route. */
export function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  instruments: Instruments,
): void {
  const controller = new AbortController();
  const callbacks: (() => void)[] = [];
  let ended = false;
  exchanges.set(request.raw, {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    onEnd: (callback) => void (ended ? callback() : callbacks.push(callback)),
  });
  instruments.requestsInFlight.inc();
  onceEnded(request, reply, (finished) => {
    instruments.requestsInFlight.dec();
    count(request, reply, finished ? reply.statusCode : clientGone, instruments);
    if (!finished) {
      request.log.info('the client closed the connection before it was answered');
      controller.abort(new MainstemError('REQUEST_ABORTED'));
    }
    ended = true;
    for (const callback of callbacks) callback();
    if (finished && request.raw.complete === false) linger(request.raw);
  });
}

function onceEnded(
  { raw: { socket } }: FastifyRequest,
  { raw: response }: FastifyReply,
  callback: (finished: boolean) => void,
): void {
  let ended = false;
  const end = (finished: boolean) => {
    if (ended) return;
    ended = true;
    closing.get(socket)?.delete(close);
    callback(finished);
  };
  const close = () => end(response.writableFinished);
  response.once('finish', () => end(true));
  response.once('close', close);
  // A response that waits for an earlier one on the same connection does not hear of its end.
  onClose(socket, close);
}

const closing = new WeakMap<Socket, Set<() => void>>();

/** One listener per connection, however many requests it carries. */
function onClose(socket: Socket, callback: () => void): void {
  const known = closing.get(socket);
  if (known) return void known.add(callback);
  const callbacks = new Set([callback]);
  closing.set(socket, callbacks);
  socket.once('close', () => {
    for (const end of [...callbacks]) end();
  });
}

function count(
  { method, routeOptions }: FastifyRequest,
  { elapsedTime }: FastifyReply,
  code: number,
  { requests, requestDuration }: Instruments,
): void {
  const route = routeOptions.url ?? 'none';
  requests.inc({ method, route, code: String(code) });
  requestDuration.observe({ method, route }, elapsedTime / 1000);
}

/**
 * Closing at once, with unread bytes, would reset the connection before the client has read the answer; so Node reads
 * on and throws away, but not forever.
 */
function linger(message: IncomingMessage): void {
  const timer = setTimeout(() => message.socket.destroy(), lingerMs).unref();
  const stop = () => clearTimeout(timer);
  message.once('end', stop).once('close', stop).resume();
}
