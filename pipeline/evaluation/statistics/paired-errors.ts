import type { Random } from '../../../platform/lib/random.ts';
import type { Difference } from './paired-difference.ts';

/** How two models' errors on the same examples differ. */
export interface ErrorDifference extends Difference {
  /** The two-sided p-value of the sign-flip test. */
  readonly pValue: number;
}

const resamples = 2000;

/**
 * The mean of paired differences of absolute errors: its 95 % percentile bootstrap interval (Efron, 1979),
 * and the p-value of the sign-flip permutation test, (1 + as extreme) / (1 + resamples) (Phipson and Smyth,
 * 2010).
 *
 * @param differences candidate − champion, one per example; at least one
 * @param random decides the draws
 */
export function pairedErrors(differences: readonly number[], random: Random): ErrorDifference {
  const value = mean(differences);
  const means = Array.from({ length: resamples }, () =>
    mean(differences.map(() => differences[random.int(differences.length)] ?? 0)),
  ).sort((a, b) => a - b);
  const edge = Math.floor(resamples * 0.025);
  return {
    value,
    low: means[edge] ?? value,
    high: means[resamples - 1 - edge] ?? value,
    pValue: signFlipTest(differences, random),
  };
}

function signFlipTest(differences: readonly number[], random: Random): number {
  const observed = Math.abs(mean(differences));
  let asExtreme = 0;
  for (let round = 0; round < resamples; round++) {
    const flipped = differences.map((value) => (random.next() < 0.5 ? value : -value));
    // The slack counts equal sums as equal, whatever the order of rounding.
    if (Math.abs(mean(flipped)) >= observed * (1 - 1e-12)) asExtreme++;
  }
  return (1 + asExtreme) / (1 + resamples);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
