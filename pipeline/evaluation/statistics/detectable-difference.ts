import { binomialTail, normal975 } from '../../../platform/quality/index.ts';
import { pairedDifference } from './paired-difference.ts';

/** How often a difference that a report says is to be found. */
const wanted = 0.8;
/** z(0.8): so many standard errors a difference must lie beyond what is significant. */
const normal80 = 0.8416212335729143;
/** With more flips the normal distribution says the same as the sum over all of them. */
const mostSummed = 1000;
/** What is further from the mean of a binomial number, in standard deviations, happens too seldom to count. */
const reach = 6;

/**
 * The difference of accuracy that would be found four times out of five with so many examples and so many flips: the power of the
 * very test that decides, summed over how many flips there may be and how many of them are repairs (unconditional exact power; S. W.
 * Duffy, Biometrics 40, 1984). From 1,000 flips on by the normal distribution (R. J. Connor, Biometrics 43, 1987). A difference
 * needs at least as many flips as it is large, all one way.
 *
 * @returns 1 where no difference is found so often
 * @example detectableDifference(8, 153) // 0.0517…
 */
export function detectableDifference(flips: number, count: number): number {
  if (count === 0) return 1;
  if (flips > mostSummed) return byNormal(flips / count, count);
  const needed = createNeeded(count);
  const powerOf = (difference: number) => power(difference, flips / count, count, needed);
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
  let difference = 0;
  for (let step = 0; step < 20; step++) {
    const spread = normal80 * Math.sqrt(Math.max(0, flips - difference ** 2));
    difference = (normal975 * Math.sqrt(flips) + spread) / Math.sqrt(count);
  }
  return Math.min(1, difference);
}

/** How likely a true difference is found, where so large a share of the answers differs. */
function power(
  difference: number,
  share: number,
  count: number,
  needed: (flips: number) => number,
): number {
  const differing = Math.max(share, difference);
  if (differing === 0) return 0;
  const repaired = (differing + difference) / (2 * differing);
  const mode = Math.min(count, Math.floor((count + 1) * differing));
  const far = Math.ceil(reach * Math.sqrt(count * differing * (1 - differing)) + reach);
  const ratio = differing / (1 - differing);
  let [found, all] = [0, 0];
  const visit = (flips: number, weight: number) => {
    all += weight;
    found += weight * (1 - binomialTail(needed(flips) - 1, flips, repaired));
  };
  // Weights are relative to that of the mode, which is safe from underflow.
  let weight = 1;
  for (let flips = mode; flips <= Math.min(count, mode + far); flips++) {
    visit(flips, weight);
    weight *= ((count - flips) / (flips + 1)) * ratio;
  }
  weight = 1;
  for (let flips = mode; flips > Math.max(0, mode - far); ) {
    weight *= flips / (count - flips + 1) / ratio;
    flips--;
    visit(flips, weight);
  }
  return found / all;
}

/** The fewest repairs among so many flips that a comparison calls better; more than there are where none is. */
function createNeeded(count: number): (flips: number) => number {
  const known = new Map<number, number>();
  return (flips) => {
    const found = known.get(flips) ?? fewestRepairs(flips, count, known.get(flips - 1));
    known.set(flips, found);
    return found;
  };
}

/** @param before that of one flip less: one more flip needs no more than one more repair */
function fewestRepairs(flips: number, count: number, before = 0): number {
  let [low, high] = [before > 0 ? before - 1 : Math.ceil(flips / 2) - 1, flips + 1];
  if (before > 0) high = Math.min(high, before + 1);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (pairedDifference(middle, flips - middle, count).low > 0) high = middle;
    else low = middle;
  }
  return high;
}
