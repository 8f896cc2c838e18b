import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Silence, silenceIn, untilSilent, whileMoving } from '../../../lib/silence.ts';
import { countSilences, type Patience } from '../http/fetch-again.ts';

/** So much of a body is asked for at once. */
const pieceBytes = 64 * 1024;

/** A request as it goes to the server, after it was signed. */
interface Sent {
  readonly hostname: string;
  readonly port?: number;
  readonly protocol: string;
  readonly body?: unknown;
}

/** As the server answers, before it is read. */
interface Answer {
  readonly body?: unknown;
}

/**
 * Watches each try of a client's requests: says whom it waits for, gives up what is silent, and lets no request be made again of
 * which two tries ended in silence. The client's own timeout of sockets closes the connection.
 */
export function boundSilence(client: S3Client, { timeoutMs: limitMs, say }: Patience): void {
  const counts = new WeakMap<object, ReturnType<typeof countSilences>>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const isHopeless = counts.get(context) ?? countSilences();
      counts.set(context, isHopeless);
      try {
        return await next(args);
      } catch (error) {
        if (!isTimeout(error)) throw error;
        const silence = silenceIn(error) ?? new Silence(placeOf(args.request as Sent), limitMs);
        // The client makes a request again after an error of this name, and after none that it does not know.
        silence.name = isHopeless(silence) ? 'Silence' : 'TimeoutError';
        throw silence;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'countSilences' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as Sent;
      const awaited = { place: placeOf(request), limitMs, say };
      const answered = await untilSilent(awaited, ({ moved }) =>
        next({ ...args, request: inPieces(request, moved) }),
      );
      const { body } = answered.response as Answer;
      if (!(body instanceof Readable)) return answered;
      const moving = Readable.from(whileMoving<Uint8Array>(body, awaited), { objectMode: false });
      return { ...answered, response: withBody(answered.response as Answer, moving) };
    },
    { step: 'deserialize', priority: 'low', name: 'boundSilence' },
  );
}

function placeOf({ protocol, hostname, port }: Sent): string {
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
}

function isTimeout(error: unknown): boolean {
  return (
    silenceIn(error) !== undefined || (error instanceof Error && error.name === 'TimeoutError')
  );
}

/** A body that says when its next piece is on its way; the length that the server expects is in the headers. */
function inPieces(request: Sent, moved: () => void): Sent {
  const { body } = request;
  if (!(body instanceof Uint8Array) || body.length <= pieceBytes) return request;
  const pieces = function* () {
    for (let at = 0; at < body.length; at += pieceBytes) {
      moved();
      yield body.subarray(at, at + pieceBytes);
    }
    moved();
  };
  return withBody(request, Readable.from(pieces(), { objectMode: false }));
}

/** Requests and answers have a class of their own, which the client asks for. */
function withBody<Message extends Answer>(message: Message, body: Readable): Message {
  const copy: Message = Object.assign(Object.create(Object.getPrototypeOf(message)), message);
  return Object.assign(copy, { body });
}
