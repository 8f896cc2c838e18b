import { Readable } from 'node:stream';
import { MainstemError } from '../../platform/lib/errors.ts';

/** A byte that says whether the message is compressed, and four with its length. */
const headBytes = 5;

/**
 * The HTTP/2 stream of a call, which is no part of the library's declared interface; a test holds it there.
 *
 * @throws TypeError for a call without a stream
 */
function streamOf(call: object): Readable {
  if ('stream' in call && call.stream instanceof Readable) return call.stream;
  throw new TypeError('the call has no stream');
}

/** Whether nobody receives what is sent now: the library drops it without a word. */
export function isGone(call: object): boolean {
  const { destroyed, closed } = streamOf(call);
  return destroyed || closed;
}

/** What is counted of a call's message while it arrives. */
interface Watch {
  /** Most bytes of the message. */
  readonly limit: number;
  /** Called for each piece. @throws MainstemError where it is one too many */
  receive(bytes: number): void;
  /** Called once, with why the message is not read further. */
  refuse(error: unknown): void;
}

/**
 * Watches the bytes of a call before the library collects them: a message that is too large is refused by the length
 * that it begins with, and those that arrive are counted piece by piece.
 */
export function watchBytes(call: object, { limit, receive, refuse }: Watch): void {
  const stream = streamOf(call);
  let head = Buffer.alloc(0);
  const watch = (chunk: Buffer) => {
    try {
      if (head.length < headBytes) {
        head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)]);
        assertHead(head, limit);
      }
      receive(chunk.length);
    } catch (error) {
      stream.off('data', watch);
      refuse(error);
    }
  };
  // Before the library's own listener, which ignores what comes after a refusal.
  stream.prependListener('data', watch);
}

function assertHead(head: Buffer, limit: number): void {
  if (head.length < headBytes) return;
  // As under REST: a few bytes could become any number of them.
  if (head[0] !== 0)
    throw new MainstemError('REQUEST_ENCODING', { encoding: 'that grpc-encoding names' });
  if (head.readUInt32BE(1) > limit) throw new MainstemError('REQUEST_TOO_LARGE', { limit });
}
