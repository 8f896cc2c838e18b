import { normalQuantile, normalTail } from '../../../platform/quality/index.ts';
import { binomialMean } from './binomial-mean.ts';

/** Of more examples the level is kept by the same score: what matters is how many answers differ. */
const mostCounted = 1000;
/** Shares of answers that differ, denser where they are small: the level is kept for each. */
const shares = Array.from({ length: 100 }, (_, index) => ((index + 1) / 100) ** 2);
/** Scores that are equal but for the rounding of their numbers. */
const rounding = 1e-9;
/**
 * A normal quantile times this keeps the level of 5 % of nearly any number of examples. The quantile itself has up to 5.6 %, since
 * four flips all one way have a score of 2.
 */
const caution = 1.021;

/** The score of McNemar's test: by how many standard deviations flips of one kind outnumber those of the other. */
export function pairedScore(fixed: number, broken: number): number {
  return fixed === broken ? 0 : Math.abs(fixed - broken) / Math.sqrt(fixed + broken);
}

/**
 * How likely two equally good models score at least so high, whatever share of their answers differs: the exact unconditional test
 * (S. Suissa and J. J. Shuster, The 2 × 2 matched-pairs trial, Biometrics 47, 1991). Given how many answers differ, McNemar's exact
 * test is half as often wrong as its level allows where they are few; over how many may differ the level is used up.
 *
 * @example unconditionalTail(153, 2) // 0.0519…
 */
export function unconditionalTail(count: number, score: number): number {
  const most = Math.min(count, mostCounted);
  const tails = Float64Array.from({ length: most + 1 }, (_, flips) => tailOf(flips, score));
  return Math.max(0, ...shares.map((share) => binomialMean(most, share, (at) => tails[at] ?? 0)));
}

/** How likely so many tosses of a fair coin score at least so high, on either side. */
function tailOf(flips: number, score: number): number {
  const fewest = fewestBeyond(flips, score - rounding);
  if (flips === 0 || fewest > flips) return 0;
  // Upwards from the fewest: each term is so much smaller than the one before.
  let term = Math.exp(logChoose(flips, fewest) - flips * Math.LN2);
  let tail = 0;
  for (let hits = fewest; hits <= flips && term > tail * 1e-12; hits++) {
    tail += term;
    term *= (flips - hits) / (hits + 1);
  }
  return Math.min(1, 2 * tail);
}

/** The fewest of so many flips that must be of one kind for more than a score; more than there are where none is enough. */
export function fewestBeyond(flips: number, score: number): number {
  return Math.floor((flips + score * Math.sqrt(flips)) / 2) + 1;
}

const logFactorials = new Float64Array(mostCounted + 1);
for (let n = 1; n <= mostCounted; n++) {
  logFactorials[n] = (logFactorials[n - 1] ?? 0) + Math.log(n);
}

function logChoose(of: number, some: number): number {
  const [all, one, other] = [of, some, of - some].map((n) => logFactorials[n] ?? 0);
  return (all ?? 0) - (one ?? 0) - (other ?? 0);
}

const known = new Map<string, number>();

/**
 * The score beyond which two models are said to differ: the least from the cautious normal quantile on that equally good ones exceed
 * no more often than `level`, whatever share of their answers differs.
 *
 * @example criticalScore(153, 0.05) // 2.0211…
 */
export function criticalScore(count: number, level: number): number {
  const key = `${Math.min(count, mostCounted)} ${level}`;
  const found = known.get(key) ?? searchCritical(count, level);
  known.set(key, found);
  return found;
}

function searchCritical(count: number, level: number): number {
  const least = caution * normalQuantile(1 - level / 2);
  if (unconditionalTail(count, least) <= level) return least;
  // So many flips all one way have the highest score that there is.
  let [low, high] = [least, Math.sqrt(count) + 1];
  while (high - low > rounding) {
    const middle = (low + high) / 2;
    if (unconditionalTail(count, middle) <= level) high = middle;
    else low = middle;
  }
  return high;
}

/** How likely two equally good models score at least so high: below a level exactly where this is above its critical score. */
export function pairedPValue(count: number, score: number): number {
  return Math.max(unconditionalTail(count, score), normalTail(score / caution));
}
