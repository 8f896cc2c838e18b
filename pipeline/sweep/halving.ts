/** Some trials that begin together, and of which ever fewer go on. */
export interface Bracket {
  /** How many begin. */
  readonly trials: number;
  /** After how many epochs (of trees rounds) it is decided who goes on; the last is the whole training. */
  readonly rungs: readonly number[];
}

/** What brackets are planned from. */
export interface HalvingPlan {
  /** Epochs of a whole training, and those of the shortest trial. */
  readonly most: number;
  readonly least: number;
  /** One of so many goes on, for so many times longer. */
  readonly factor: number;
  /** How many begin in all brackets. */
  readonly trials: number;
}

/**
 * Plans one bracket of successive halving (K. Jamieson, A. Talwalkar, AISTATS 2016): the first rung is as short as is
 * allowed and as leaves a trial for the whole training.
 *
 * @example planHalving({ most: 27, least: 1, factor: 3, trials: 9 }) // [{ trials: 9, rungs: [3, 9, 27] }]
 */
export function planHalving({ most, least, factor, trials }: HalvingPlan): Bracket[] {
  const rounds = Math.min(roundsWithin(most, least, factor), roundsWithin(trials, 1, factor));
  return [{ trials, rungs: rungsOf(most, factor, rounds) }];
}

/**
 * Plans the brackets of Hyperband (L. Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization",
 * JMLR 18, 2018, algorithm 1): from many short trials to few whole ones, since nobody knows how early the good ones show;
 * from the beginning again until enough have begun, the last bracket cut short.
 *
 * @example planHyperband({ most: 9, least: 1, factor: 3, trials: 17 })
 * // [{ trials: 9, rungs: [1, 3, 9] }, { trials: 5, rungs: [3, 9] }, { trials: 3, rungs: [9] }]
 */
export function planHyperband({ most, least, factor, trials }: HalvingPlan): Bracket[] {
  const longest = roundsWithin(most, least, factor);
  const brackets: Bracket[] = [];
  for (let left = trials, rounds = longest; left > 0; rounds = rounds > 0 ? rounds - 1 : longest) {
    const wanted = Math.ceil(((longest + 1) / (rounds + 1)) * factor ** rounds);
    const begun = Math.min(wanted, left);
    const needed = Math.min(rounds, roundsWithin(begun, 1, factor));
    brackets.push({ trials: begun, rungs: rungsOf(most, factor, needed) });
    left -= begun;
  }
  return brackets;
}

/** How often something can be divided by the factor and is still at least so much. */
function roundsWithin(most: number, least: number, factor: number): number {
  let rounds = 0;
  for (let rest = most / factor; rest >= least; rest /= factor) rounds++;
  return rounds;
}

function rungsOf(most: number, factor: number, rounds: number): number[] {
  const lengths = Array.from({ length: rounds + 1 }, (_, rung) =>
    Math.max(1, Math.round(most / factor ** (rounds - rung))),
  );
  return [...new Set(lengths)];
}

/** A trial at a rung. */
export interface RungResult {
  readonly trial: number;
  /** The lowest validation loss so far; infinite for one that failed. */
  readonly loss: number;
}

/**
 * The trials that go on from a rung: one of `factor`, at least one, those with the lowest loss; of equals the ones that
 * began first. None that failed.
 */
export function promoteTrials(results: readonly RungResult[], factor: number): number[] {
  const alive = results.filter(({ loss }) => Number.isFinite(loss));
  const places = Math.max(1, Math.floor(results.length / factor));
  return alive
    .toSorted((a, b) => a.loss - b.loss || a.trial - b.trial)
    .slice(0, places)
    .map(({ trial }) => trial);
}
