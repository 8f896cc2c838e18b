/** What a trial reached, by the names of the objectives. */
export type Reached = Readonly<Record<string, number>>;

/** Something to reach. */
export interface Objective {
  readonly name: string;
  readonly better: 'higher' | 'lower';
}

/** How much there is to lower in what a trial reached; infinite where it was not measured. */
export function lossOf({ name, better }: Objective, reached: Reached): number {
  const value = reached[name];
  if (value === undefined || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  return better === 'lower' ? value : -value;
}

/**
 * Which of some results no other one beats: at least as good in every objective and better in one. Of equal ones all
 * stay.
 *
 * @returns their places
 * @example paretoFront([{ loss: 1, bytes: 5 }, { loss: 2, bytes: 3 }, { loss: 2, bytes: 6 }], objectives) // [0, 1]
 */
export function paretoFront(
  results: readonly Reached[],
  objectives: readonly Objective[],
): number[] {
  const losses = results.map((one) => objectives.map((objective) => lossOf(objective, one)));
  return [...losses.keys()].filter((place) => {
    const own = losses[place] ?? [];
    return own.every(Number.isFinite) && !losses.some((other) => dominates(other, own));
  });
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  const atLeast = a.every((loss, place) => loss <= (b[place] ?? 0));
  return atLeast && a.some((loss, place) => loss < (b[place] ?? 0));
}
