import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What became of a request: a status, or how it ended without one. */
export type Outcome = number | 'closed' | 'hanging' | 'refused';

/** One request and what came back. */
export interface Answer {
  readonly outcome: Outcome;
  /** Unix milliseconds at which the first byte was sent. */
  readonly sentAt: number;
  /** Milliseconds until the whole answer was there, or until the end without one. */
  readonly ms: number;
  /** Whether a 503 says when to come back. */
  readonly retryAfter: boolean;
}

/** How patiently an answer is awaited. */
export interface Patience {
  /** Milliseconds after which a request counts as hanging. */
  readonly totalMs: number;
  /** Milliseconds without an answer after which no more bytes are promised, which ends an unfinished request. */
  readonly endMs?: number;
}

/** Opens a connection to a port of this machine; undefined if it is refused or takes too long. */
export async function openConnection(port: number, totalMs: number): Promise<Socket | undefined> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  const late = setTimeout(() => socket.destroy(), totalMs);
  const opened = await Promise.race([
    once(socket, 'connect').then(
      () => true,
      () => false,
    ),
    once(socket, 'close').then(() => false),
  ]);
  clearTimeout(late);
  return opened ? socket : undefined;
}

/** Sends the bytes of a request over a connection of its own. */
export async function exchangeOnce(
  port: number,
  bytes: Uint8Array,
  patience: Patience,
): Promise<Answer> {
  const sentAt = now();
  const socket = await openConnection(port, patience.totalMs);
  if (!socket) return { outcome: 'refused', sentAt, ms: now() - sentAt, retryAfter: false };
  const answer = await exchange(socket, bytes, patience);
  socket.destroy();
  return answer;
}

/**
 * Sends the bytes of a request and reads the answer. The connection can be used again unless it was destroyed; on one
 * that the server ends, the answer is what came before.
 */
export function exchange(
  socket: Socket,
  bytes: Uint8Array,
  { totalMs, endMs }: Patience,
): Promise<Answer> {
  const sentAt = now();
  const reader = createReader();
  return new Promise((resolve) => {
    const finish = (outcome: Outcome) => {
      clearTimeout(hanging);
      clearTimeout(ending);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      if (reader.last || typeof outcome === 'string') socket.destroy();
      resolve({ outcome, sentAt, ms: now() - sentAt, retryAfter: reader.retryAfter });
    };
    const onData = (chunk: Buffer) => {
      if (reader.take(chunk)) finish(reader.status);
    };
    const onEnd = () => {
      socket.destroy();
      finish(reader.status || 'closed');
    };
    const hanging = setTimeout(() => finish('hanging'), totalMs);
    const ending = endMs === undefined ? undefined : setTimeout(() => socket.end(), endMs);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd);
    if (socket.destroyed) onEnd();
    else socket.write(bytes);
  });
}

/** Unix milliseconds with a fraction, alike in every process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Reader {
  /** 0 until it was read. */
  readonly status: number;
  readonly retryAfter: boolean;
  /** Whether the server will use the connection no further. */
  readonly last: boolean;
  /** @returns whether the answer is complete. */
  take(chunk: Buffer): boolean;
}

/** Reads one answer, as far as a load generator needs it: status, a few headers, where it ends. */
function createReader(): Reader {
  let received: Buffer = Buffer.alloc(0);
  let head = '';
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim();
  return {
    get status() {
      return Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
    },
    get retryAfter() {
      return header('retry-after') !== undefined;
    },
    get last() {
      return header('connection')?.toLowerCase() === 'close';
    },
    take(chunk) {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (head === '') {
        const end = received.indexOf('\r\n\r\n');
        if (end < 0) return false;
        head = received.subarray(0, end).toString('latin1');
        received = received.subarray(end + 4);
        if (/^HTTP\/1\.\d 1\d\d/.test(head)) {
          head = '';
          return this.take(Buffer.alloc(0));
        }
      }
      if (/chunked/i.test(header('transfer-encoding') ?? '')) return received.includes('0\r\n\r\n');
      const length = header('content-length');
      return length !== undefined && received.length >= Number(length);
    },
  };
}
