/** Runs work when its turn comes: first come, first served. */
export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/**
 * Creates turns for at most `limit` works at a time. A work whose signal is aborted before its turn never starts.
 *
 * @example
 * const turns = createTurns(2);
 * await turns(signal, () => decodeImage(photo, 64)); // waits while two others run
 */
export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  const begin = () => {
    if (running >= limit) return new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    return undefined;
  };
  const end = () => {
    const next = waiting.shift();
    // The turn is handed over, so that nobody who comes now takes it.
    if (next) next();
    else running -= 1;
  };
  return async (signal, work) => {
    await begin();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      end();
    }
  };
}

/**
 * Runs work for each item in turns. At the first failure the items that have not begun are given up.
 *
 * @returns the results in the order of the items, once nothing runs any more.
 * @throws the first failure, or the signal's reason.
 */
export async function runAll<I, T>(
  turns: Turns,
  signal: AbortSignal,
  items: readonly I[],
  work: (item: I, index: number) => Promise<T>,
): Promise<T[]> {
  const [only, ...others] = items;
  // Nothing else is to be given up.
  if (only !== undefined && others.length === 0) return [await turns(signal, () => work(only, 0))];
  const rest = new AbortController();
  const giveUp = () => rest.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const results = items.map((item, index) =>
    turns(rest.signal, async () => {
      try {
        return await work(item, index);
      } catch (error) {
        rest.abort(error);
        throw error;
      }
    }),
  );
  if (signal.aborted) giveUp();
  await Promise.allSettled(results);
  signal.removeEventListener('abort', giveUp);
  rest.signal.throwIfAborted();
  return Promise.all(results);
}
