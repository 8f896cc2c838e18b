import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';

/** What a proxy saw of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** What happens to a request instead of being passed on, or on the way. */
export interface Trouble {
  /** Answers with this status at once. */
  readonly status?: number;
  /** Headers of that answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Its body. */
  readonly body?: string;
  /** Closes the connection after so many bytes of the request's body. */
  readonly cutRequestAt?: number;
  /** Closes the connection after so many bytes of the answer's body. */
  readonly cutAnswerAt?: number;
  /** Sends no more after so many bytes of the answer's body. */
  readonly stallAnswerAt?: number;
  /** Never answers. */
  readonly silent?: boolean;
  /** Waits so long after every piece of the request's body. */
  readonly slowMs?: number;
}

/** What captive portals, login pages and proxies answer to whatever is asked, each with its name. */
export const foreignAnswers: readonly (readonly [name: string, Trouble])[] = [
  [
    'a login page',
    {
      status: 200,
      headers: { 'content-type': 'text/html', 'content-length': '33' },
      body: '<html><body>Log in</body></html>\n',
    },
  ],
  ['nothing', { status: 200, headers: { 'content-length': '0' } }],
  ['words of JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }],
];

/** A proxy on this machine that counts what passes, and makes trouble when asked. */
export interface LoopbackProxy {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Bytes of bodies since the start. */
  readonly bytes: { sent: number; received: number };
  /** Asked for every request. */
  trouble: (seen: SeenRequest) => Trouble | undefined;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server of this machine. Requests keep their headers, so that signatures stay valid. */
export async function startLoopbackProxy(target: string): Promise<LoopbackProxy> {
  const { port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((incoming, answer) => {
    const seen = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
    };
    proxy.seen.push(seen);
    const { bytes } = proxy;
    pass({ incoming, answer, bytes, port: Number(targetPort) }, proxy.trouble(seen) ?? {});
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const proxy: LoopbackProxy = {
    url: '',
    seen: [],
    bytes: { sent: 0, received: 0 },
    trouble: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve(Object.assign(proxy, { url: `http://127.0.0.1:${port}` }));
    });
  });
}

/** One request and its answer, and what is counted of both. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  /** Where the server listens. */
  readonly port: number;
  readonly bytes: LoopbackProxy['bytes'];
}

function pass(exchange: Exchange, trouble: Trouble): void {
  const { incoming, answer, port } = exchange;
  const { method, url: path, headers } = incoming;
  if (trouble.silent) return;
  if (trouble.status) {
    incoming.resume();
    answer.writeHead(trouble.status, trouble.headers ?? {}).end(trouble.body);
    return;
  }
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (reply) =>
    passAnswer(exchange, reply, trouble),
  );
  outgoing.on('error', () => answer.destroy());
  passRequest(exchange, outgoing, trouble);
}

function passAnswer({ answer, bytes }: Exchange, reply: IncomingMessage, trouble: Trouble): void {
  answer.writeHead(reply.statusCode ?? 502, reply.headers);
  let received = 0;
  let isCut = false;
  reply.on('data', (piece: Buffer) => {
    const end = trouble.cutAnswerAt ?? trouble.stallAnswerAt ?? Number.POSITIVE_INFINITY;
    const room = Math.max(end - received, 0);
    received += piece.length;
    bytes.received += Math.min(piece.length, room);
    if (room > 0) answer.write(piece.subarray(0, Math.min(piece.length, room)));
    if (piece.length <= room) return;
    isCut = true;
    // What was written must leave before the connection is closed.
    if (trouble.stallAnswerAt === undefined) setImmediate(() => answer.destroy());
  });
  reply.on('end', () => {
    // An answer that was ended would let go of its connection, and nothing would close that any more.
    if (!isCut) answer.end();
  });
  reply.on('error', () => answer.destroy());
}

function passRequest(
  { incoming, bytes }: Exchange,
  outgoing: ClientRequest,
  trouble: Trouble,
): void {
  let sent = 0;
  incoming.on('data', (piece: Buffer) => {
    sent += piece.length;
    bytes.sent += piece.length;
    if (sent > (trouble.cutRequestAt ?? Number.POSITIVE_INFINITY)) {
      outgoing.destroy();
      incoming.destroy();
      return;
    }
    outgoing.write(piece);
    if (!trouble.slowMs) return;
    incoming.pause();
    setTimeout(() => incoming.resume(), trouble.slowMs);
  });
  incoming.on('end', () => outgoing.end());
  incoming.on('error', () => outgoing.destroy());
  incoming.on('close', () => {
    if (!incoming.complete) outgoing.destroy();
  });
}
