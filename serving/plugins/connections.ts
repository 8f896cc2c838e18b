import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { shorten } from '../../platform/lib/text.ts';
import { invalidRequest } from '../invalid-request.ts';
import { createServer } from './node-http.ts';
import { buildErrorResponse, renderErrorResponse } from './problems.ts';

/** Time in which the headers, and the whole request, must have arrived. */
const headersMs = 15_000;
const requestMs = 60_000;
/** Longer than load balancers keep connections open, so that they, not the server, close them. */
const keepAliveMs = 72_000;

/** The last response that is under way on a connection: nothing else may be written into it, nor before it. */
const responding = new WeakMap<Duplex, ServerResponse>();
/** Connections on which an answer to what could not be read waits for those before it. */
const ending = new WeakSet<Duplex>();

/**
 * Remembers which response is under way while a listener answers, and no longer: what idle connections hold on to grows old, and
 * collecting it cost more than the refusals under overload did.
 */
export function rememberResponses(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { socket } = request;
    responding.set(socket, response);
    response.once('close', () => {
      if (responding.get(socket) === response) responding.delete(socket);
    });
    listener(request, response);
  };
}

/**
 * Creates the HTTP server with its time limits. What Node would answer by itself (malformed messages, slow clients,
 * CONNECT, unknown expectations) gets problem details, too.
 */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 5000,
      // A hook refuses requests without a host, with problem details.
      requireHostHeader: false,
    },
    listener,
  );
  // A client that has said everything may close its sending side and still wait for the answer. Node keeps this to itself by a
  // property that its types do not know.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket: Socket) => socket.once('end', () => askWhetherGone(socket)));
  // The body is asked for once the request is admitted: what is refused is never sent.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.on('checkExpectation', (request, response) => {
    const error = new MainstemError('REQUEST_INVALID', {
      reason: 'Expect can only be 100-continue',
    });
    const { status, headers, body } = buildErrorResponse(error, request.url ?? '');
    response.writeHead(status, { ...headers, connection: 'close' }).end(body);
  });
  server.on('connect', ({ url = '' }, socket) => {
    const shown = { method: 'CONNECT', path: shorten(url), allowed: 'GET, HEAD, POST' };
    end(socket, new MainstemError('REQUEST_METHOD', shown));
  });
  return server;
}

/** Milliseconds between the questions: a system refuses what it is sent, and only what is sent next shows that it has. */
const questions = [5, 50, 500];

/**
 * One that has left has closed its sending side, too. Its system refuses what is sent to it then, and the connection breaks; one
 * that waits passes interim answers over (RFC 9110, 15.2): 100 even where it knows no other, and some clients no more than five. So
 * the work for who has left is still given up.
 */
function askWhetherGone(socket: Socket, [next, ...later]: readonly number[] = questions): void {
  const response = responding.get(socket);
  if (!response || response.headersSent || response.req.httpVersion !== '1.1') return;
  response.writeContinue();
  if (next !== undefined) setTimeout(askWhetherGone, next, socket, later).unref();
}

/**
 * Answers what the parser could not read, or what did not arrive in time, once what came whole before it on the connection has its own
 * answer: clients take answers in the order in which they asked.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  // What follows on such a connection cannot be read either.
  else if (!ending.has(socket)) answerInTurn(translateClientError(error), socket);
}

function answerInTurn(error: MainstemError, socket: Socket): void {
  const begun = responding.get(socket);
  if (begun?.req.complete) {
    ending.add(socket);
    // A connection that was to end with that answer is not writable then.
    begun.once('close', () => end(socket, error));
  } else if (begun && begun.socket === null) {
    // It is the broken one, and others are answered before it.
    ending.add(socket);
    begun.once('socket', () => queueMicrotask(() => answerInTurn(error, socket)));
  } else if (begun?.headersSent && !begun.writableFinished) socket.destroy();
  else end(socket, error);
}

const endOfLine = 'a line of it does not end in CR and LF';

const parserReasons: Readonly<Record<string, string>> = {
  HPE_INVALID_EOF_STATE: 'it ends before its body does',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'its chunk extensions are too long',
  HPE_INVALID_METHOD: 'it does not begin with a method of HTTP, in capitals, and a space',
  HPE_INVALID_CONSTANT: 'its first line is not "<method> <path> HTTP/1.1"',
  HPE_INVALID_URL: 'the path in its first line has characters that must be written as %XX',
  HPE_INVALID_HEADER_TOKEN:
    'a line of its headers is not "name: value", or does not end in CR and LF',
  HPE_CR_EXPECTED: endOfLine,
  HPE_LF_EXPECTED: endOfLine,
  HPE_STRICT: 'a line or a chunk of it does not end in CR and LF where it should',
  HPE_UNEXPECTED_SPACE: 'the first line of its headers begins with a space',
  HPE_PAUSED_H2_UPGRADE: 'it is HTTP/2, and this server speaks HTTP/1.1',
  HPE_CLOSED_CONNECTION: 'it comes after one that said "Connection: close"',
  HPE_INVALID_CONTENT_LENGTH: 'its Content-Length is not a number, or stands behind its body',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'it has a second Content-Length, or one beside Transfer-Encoding',
  HPE_INVALID_TRANSFER_ENCODING:
    'its Transfer-Encoding is not chunked, or it has a Content-Length too',
  HPE_INVALID_CHUNK_SIZE: 'the size of a chunk is not a hexadecimal number',
};

/** What the parser could not read, with the bytes where it stopped. */
interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Uint8Array;
  /** In the parser's words, which tell apart what has one code. */
  readonly reason?: string;
}

/** The first byte of a TLS handshake. */
const handshake = 0x16;

function translateClientError({ code, rawPacket, reason }: ClientError): MainstemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new MainstemError('REQUEST_SLOW');
  if (code === 'HPE_HEADER_OVERFLOW') return new MainstemError('REQUEST_HEADERS');
  const isSecure = code === 'HPE_INVALID_METHOD' && rawPacket?.[0] === handshake;
  if (isSecure) return invalidRequest('it is TLS, and this server speaks plain HTTP: use http://');
  if (code === 'HPE_INVALID_VERSION' && reason === 'Expected CRLF after version')
    return invalidRequest('its first line does not end in "HTTP/1.1", CR and LF');
  return invalidRequest(
    ownValue(parserReasons, code ?? '') ?? 'it is not HTTP/1.1 as RFC 9112 writes it',
  );
}

function end(socket: Duplex, error: MainstemError): void {
  if (socket.writable) socket.end(renderErrorResponse(error), () => socket.destroy());
  else socket.destroy();
}
