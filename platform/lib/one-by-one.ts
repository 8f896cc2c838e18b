/** Runs work when all that was asked for before has ended, whether well or not. */
export type OneByOne = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Runs work of this process one after another, in the order in which it was asked for. (Several processes take turns by
 * `turn.ts`.)
 *
 * @example
 * const oneByOne = createOneByOne();
 * oneByOne(readFile); // now
 * await oneByOne(writeFile); // when that is done
 */
export function createOneByOne(): OneByOne {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
