import { binomialTail, normal975 } from '../../../platform/quality/index.ts';
import { binomialMean } from './binomial-mean.ts';
import { significance } from './paired-difference.ts';
import { criticalScore, fewestBeyond } from './paired-score.ts';

/** How often a difference that a report says is to be found. */
export const wanted = 0.8;
/** z(0.8): so many standard errors a difference must lie beyond what is significant. */
export const normal80 = 0.8416212335729143;
/** With more flips the normal distribution says the same as the sum over all of them. */
const mostSummed = 1000;

/**
 * The difference of accuracy that would be found four times out of five with so many examples and so many flips: the power of the
 * very test that decides, summed over how many flips there may be and how many of them are repairs (unconditional exact power; S. W.
 * Duffy, Biometrics 40, 1984). From 1,000 flips on by the normal distribution (R. J. Connor, Biometrics 43, 1987). A difference
 * needs at least as many flips as it is large, all one way.
 *
 * @returns 1 where no difference is found so often
 * @example detectableDifference(8, 153) // 0.0477…
 */
export function detectableDifference(flips: number, count: number): number {
  if (count === 0) return 1;
  if (flips > mostSummed) return byNormal(flips / count, count);
  const powerOf = (difference: number) => power(difference, flips / count, count);
  let [low, high] = [0, Math.min(1, 1 / count)];
  // In steps from the small end: a large difference has many flips to sum over.
  while (powerOf(high) < wanted) {
    if (high === 1) return 1;
    [low, high] = [high, Math.min(1, 1.5 * high)];
  }
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (powerOf(middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}

/** The mean difference that would be found four times out of five. @param error the standard error of the mean */
export function detectableMean(error: number): number {
  return (normal975 + normal80) * error;
}

function byNormal(flips: number, count: number): number {
  const critical = criticalScore(count, significance);
  let difference = 0;
  for (let step = 0; step < 20; step++) {
    const spread = normal80 * Math.sqrt(Math.max(0, flips - difference ** 2));
    difference = (critical * Math.sqrt(flips) + spread) / Math.sqrt(count);
  }
  return Math.min(1, difference);
}

/** How likely a true difference is found, where so large a share of the answers differs. */
function power(difference: number, share: number, count: number): number {
  const differing = Math.max(share, difference);
  if (differing === 0) return 0;
  const repaired = (differing + difference) / (2 * differing);
  const critical = criticalScore(count, significance);
  return binomialMean(count, differing, (flips) => {
    const most = fewestBeyond(flips, critical) - 1;
    return 1 - binomialTail(most, flips, repaired);
  });
}
