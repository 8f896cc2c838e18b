import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { buildErrorResponse, renderErrorResponse } from './problems.ts';

/** Time in which the headers, and the whole request, must have arrived. */
const headersMs = 15_000;
const requestMs = 60_000;
/** Longer than load balancers keep connections open, so that they, not the server, close them. */
const keepAliveMs = 72_000;

/** Responses that have begun on a connection: nothing else may be written into them. */
const responding = new WeakMap<Duplex, ServerResponse>();

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
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    responding.set(request.socket, response);
  });
  // The body is asked for once the request is admitted: what is refused is never sent.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.on('checkExpectation', (request, response) => {
    const error = new MainstemError('REQUEST_INVALID', {
      reason: 'Expect can only be 100-continue',
    });
    const { status, headers, body } = buildErrorResponse(error, request.url ?? '');
    response.writeHead(status, { ...headers, connection: 'close' }).end(body);
  });
  server.on('connect', (_request, socket) => {
    const shown = { method: 'CONNECT', path: '', allowed: 'GET, HEAD, POST' };
    end(socket, new MainstemError('REQUEST_METHOD', shown));
  });
  return server;
}

/** Answers what the parser could not read, or what did not arrive in time. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const begun = responding.get(socket);
  if (error.code === 'ECONNRESET' || (begun?.headersSent && !begun.writableFinished)) {
    socket.destroy();
    return;
  }
  end(socket, translateClientError(error));
}

const parserReasons: Readonly<Record<string, string>> = {
  HPE_INVALID_EOF_STATE: 'it ends before its body does',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'its chunk extensions are too long',
};

function translateClientError({ code }: NodeJS.ErrnoException): MainstemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new MainstemError('REQUEST_SLOW');
  if (code === 'HPE_HEADER_OVERFLOW') return new MainstemError('REQUEST_HEADERS');
  const reason = ownValue(parserReasons, code ?? '') ?? 'it is not HTTP/1.1';
  return new MainstemError('REQUEST_INVALID', { reason });
}

function end(socket: Duplex, error: MainstemError): void {
  if (socket.writable) socket.end(renderErrorResponse(error), () => socket.destroy());
  else socket.destroy();
}
