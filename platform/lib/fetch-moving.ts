import { type Awaited, untilSilent, whileMoving } from './silence.ts';

/** What a request sends. A body of bytes is sent in pieces, so that it is known whether they move. */
export interface MovingRequest extends Omit<RequestInit, 'body'> {
  readonly body?: Blob | Uint8Array<ArrayBuffer> | string | undefined;
}

/** So much of a body is asked for at once. */
const pieceBytes = 64 * 1024;

/**
 * `fetch` that is given up when no byte has moved for too long, to or from the other side, the body of the answer included. How
 * long all of it takes does not matter.
 *
 * @throws Silence; what `fetch` throws
 */
export async function fetchMoving(
  url: URL | string,
  { body, signal, ...request }: MovingRequest,
  awaited: Awaited,
): Promise<Response> {
  const drop = new AbortController();
  const answer = await untilSilent(awaited, async ({ signal: silent, moved }) => {
    silent.addEventListener('abort', () => drop.abort(silent.reason));
    const content = body === undefined ? {} : { body: inPieces(body, moved) };
    const until = signal ? AbortSignal.any([signal, drop.signal]) : drop.signal;
    return fetch(url, { ...request, ...content, signal: until });
  });
  if (!answer.body) return answer;
  const { status, statusText, headers } = answer;
  const moving = streamOf(movingBody(answer.body, awaited, drop));
  return new Response(moving, { status, statusText, headers });
}

type Parts = AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;

/** `ReadableStream.from` does the same, and is not in the types of the web. Nothing is asked for in advance. */
function streamOf(parts: Parts): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) {
      const next = await parts.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await parts.return()),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** Nothing would close the connection of a body that is only no longer read. */
async function* movingBody(
  body: AsyncIterable<Uint8Array<ArrayBuffer>>,
  awaited: Awaited,
  drop: AbortController,
): Parts {
  try {
    yield* whileMoving(body, awaited);
  } catch (error) {
    drop.abort(error);
    throw error;
  }
}

function inPieces(body: Blob | Uint8Array<ArrayBuffer> | string, moved: () => void): Blob | string {
  if (typeof body === 'string') return body;
  return new BlobInPieces(body instanceof Blob ? body : new Blob([body]), moved);
}

/**
 * A Blob, and no stream, because `fetch` sends it with its length, and again where the other side redirects to. `fetch` asks for
 * the next piece when the one before is on its way.
 */
class BlobInPieces extends Blob {
  readonly #moved: () => void;

  constructor(content: Blob, moved: () => void) {
    super([content]);
    this.#moved = moved;
  }

  override stream(): ReturnType<Blob['stream']> {
    return streamOf(this.#pieces());
  }

  async *#pieces(): Parts {
    for (let at = 0; at < this.size; at += pieceBytes) {
      this.#moved();
      yield new Uint8Array(await this.slice(at, at + pieceBytes).arrayBuffer());
    }
    this.#moved();
  }
}
