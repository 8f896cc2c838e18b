/**
 * How long no byte may move to or from another side before it is given up: long enough for a registry that puts a large upload
 * together. It is the one rule for all requests, however large they are: a slow line moves bytes, a dead one does not.
 */
export const longestSilenceMs = 60_000;

/** A person hears of a silence after this time, … */
const quietMs = 5_000;
/** … and of several connections that wait for the same place only once. */
const againMs = 4_000;

/** Whom somebody waits for. */
export interface Awaited {
  /** Its address, for people. */
  readonly place: string;
  /** @default {@link longestSilenceMs} */
  readonly limitMs?: number | undefined;
  /** Hears that it has been silent for some seconds. */
  readonly say?: ((text: string) => void) | undefined;
}

/** No byte has moved for too long. */
export class Silence extends Error {
  readonly place: string;
  readonly seconds: number;

  constructor(place: string, limitMs: number) {
    const seconds = Math.round(limitMs / 100) / 10;
    super(`no byte moved for ${seconds} s`);
    this.name = 'Silence';
    this.place = place;
    this.seconds = seconds;
  }
}

/** The silence that an error is about, itself or by its causes; undefined if it is about something else. */
export function silenceIn(error: unknown): Silence | undefined {
  const seen = new Set<unknown>();
  for (let next = error; next instanceof Error && !seen.has(next); next = next.cause) {
    if (next instanceof Silence) return next;
    seen.add(next);
  }
  return undefined;
}

/** What {@link untilSilent} gives to its work. */
export interface Hearing {
  /** Aborted with the {@link Silence}. */
  readonly signal: AbortSignal;
  /** To be called for whatever is sent or arrives. */
  moved(): void;
}

/**
 * Does work that hears of another side, and gives it up when nothing has moved for too long.
 *
 * @throws Silence; whatever the work throws
 */
export async function untilSilent<Result>(
  { place, limitMs = longestSilenceMs, say }: Awaited,
  work: (hearing: Hearing) => Promise<Result>,
): Promise<Result> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const giveUp = new AbortController();
  const end = setTimeout(() => {
    const error = new Silence(place, limitMs);
    giveUp.abort(error);
    reject(error);
  }, limitMs);
  const tell = () => say?.(waitingText(place, limitMs));
  const notice = limitMs > quietMs ? setTimeout(tell, quietMs) : undefined;
  const moved = () => {
    if (giveUp.signal.aborted) return;
    end.refresh();
    notice?.refresh();
  };
  try {
    return await Promise.race([work({ signal: giveUp.signal, moved }), silence]);
  } finally {
    clearTimeout(end);
    clearTimeout(notice);
  }
}

function waitingText(place: string, limitMs: number): string {
  const [seconds, limit] = [quietMs / 1000, Math.round(limitMs / 1000)];
  return `Waiting for ${place}: no byte has moved for ${seconds} s; it is given up after ${limit} s.`;
}

/**
 * The same bytes as they arrive. Only the time in which they are asked for counts: who reads slowly makes nobody silent.
 *
 * @throws Silence
 */
export async function* whileMoving<Part>(
  body: AsyncIterable<Part>,
  awaited: Awaited,
): AsyncGenerator<Part> {
  const reader = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilSilent(awaited, () => reader.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a reader that hangs would hang here, too.
    void reader.return?.().catch(() => undefined);
  }
}

/** Tells a person whom a command waits for; the same words at most once in some seconds. */
export function tellWaiting(reporter: {
  readonly info: (text: string) => unknown;
}): (text: string) => void {
  const told = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (told.get(text) ?? Number.NEGATIVE_INFINITY) < againMs) return;
    told.set(text, now);
    reporter.info(text);
  };
}
