import type { Random } from '../../../platform/lib/random.ts';
import type { Ends } from '../../../platform/quality/index.ts';
import { createIndexDraws } from './index-draws.ts';

/** So many draws take about a second; the ends of an interval need no more resamples than the most. */
const draws = 20_000_000;
const [fewest, most] = [200, 1000];

/** Values of two models with each example counted so many times. */
export interface Reweighed {
  readonly ours: (counts: ArrayLike<number>) => number;
  readonly theirs: (counts: ArrayLike<number>) => number;
}

/**
 * The 95 % interval of the difference of two models' values on the same examples, for values that are no mean: the percentiles of
 * the difference over resamples of the examples (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, §13).
 *
 * @param count of the examples @param random decides the resampling
 * @returns null as the ends where the value exists in too few resamples
 */
export function resampledDifference(
  { ours, theirs }: Reweighed,
  count: number,
  random: Random,
): Ends | { readonly low: null; readonly high: null } {
  const resamples = Math.max(fewest, Math.min(most, Math.floor(draws / Math.max(1, count))));
  const draw = createIndexDraws(count, random.int(2 ** 31 - 1) + 1);
  const counts = new Uint16Array(count).fill(1);
  const value = ours(counts) - theirs(counts);
  const differences: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    counts.fill(0);
    for (let index = 0; index < count; index++) {
      const drawn = draw();
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    const difference = ours(counts) - theirs(counts);
    if (!Number.isNaN(difference)) differences.push(difference);
  }
  if (differences.length < fewest / 2) return { low: null, high: null };
  differences.sort((a, b) => a - b);
  const beyond = Math.floor(0.025 * differences.length);
  const [low = value, high = value] = [differences[beyond], differences.at(-1 - beyond)];
  // Such values lie on one side of most resamples where few examples decide.
  return { low: Math.min(low, value), high: Math.max(high, value) };
}
