import type { Random } from '../../../platform/lib/random.ts';
import {
  hallRange,
  hallTransform,
  momentsOf,
  normal975,
  normalQuantile,
  normalTail,
} from '../../../platform/quality/index.ts';
import { createIndexDraws } from './index-draws.ts';
import { type Difference, significance } from './paired-difference.ts';

const fewestResamples = 1000;
/** Differences that are equal but for the rounding of their numbers differ by less than this share of them. */
const rounding = 1e-9;
/** A quantile needs some resamples beyond it. */
const beyondQuantile = 5;
/** From here on the corrected normal intervals say the same as resampling, in a fraction of the time. */
export const enoughForNormal = 2000;

/** A mean of paired differences, with its standard error. */
export interface MeanDifference extends Difference {
  readonly error: number;
}

/**
 * The mean of paired differences with an interval that also holds where they are skewed: it spans the normal interval,
 * Hall's transformed one, which corrects it for skewness, and, up to 2,000 differences, the bootstrap-t (P. Hall, On the
 * Removal of Skewness by Transformation, JRSS B 54, 1992; Efron and Tibshirani, An Introduction to the Bootstrap,
 * §12.5). Each alone raises too many false alarms for some distribution (the tests beside it have them).
 *
 * @param differences candidate − champion, one per example
 * @param random decides the resampling
 * @param level the significance; the interval is of 1 − this @default 0.05
 * @returns without differences the interval (−∞, ∞)
 */
export function meanDifference(
  differences: ArrayLike<number>,
  random: Random,
  level = significance,
): MeanDifference {
  const count = differences.length;
  const unbounded = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  if (count === 0) return { value: 0, ...unbounded, pValue: 1, error: Number.POSITIVE_INFINITY };
  const { mean, deviation, skewness } = momentsOf(differences);
  const error = deviation / Math.sqrt(count);
  if (!(deviation > rounding * Math.abs(mean))) {
    const pValue = mean === 0 ? 1 : 0;
    return { value: mean, low: mean, high: mean, pValue, error: 0 };
  }
  const quantile = normalQuantile(1 - level / 2);
  const statistic = mean / error;
  const judged = [
    judgeNormal(statistic, quantile),
    judgeHall(statistic, quantile, { skewness, count }),
  ];
  if (count <= enoughForNormal) {
    judged.push(judgeBootstrap(differences, statistic, level, random));
  }
  const furthest = (at: number, end: number) => (Number.isFinite(at) ? mean - error * at : end);
  return {
    value: mean,
    // Where nearly all differences are equal, resamples without any other leave the interval open: then it is their range.
    low: furthest(Math.max(...judged.map(({ high }) => high)), Math.min(0, least(differences))),
    high: furthest(Math.min(...judged.map(({ low }) => low)), Math.max(0, -least(differences, -1))),
    pValue: Math.max(...judged.map(({ pValue }) => pValue)),
    error,
  };
}

/**
 * The 95 % interval of the mean of losses, which are never below 0 and skewed in one way: Hall's transformed one alone. The span of three
 * intervals that a difference needs, since it may be skewed in either way, would be too wide for them (bench/statistics).
 *
 * @returns null as the ends where all losses are the same
 */
export function lossesMean(losses: ArrayLike<number>): {
  readonly low: number | null;
  readonly high: number | null;
} {
  const count = losses.length;
  const { mean, deviation, skewness } = momentsOf(losses);
  if (!(deviation > rounding * Math.abs(mean))) return { low: null, high: null };
  const error = deviation / Math.sqrt(count);
  const { low, high } = hallRange(normal975, { skewness, count });
  return { low: mean - error * high, high: mean - error * low };
}

/** The least of the values times a sign. */
function least(values: ArrayLike<number>, sign = 1): number {
  let found = Number.POSITIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    found = Math.min(found, sign * (values[index] ?? 0));
  }
  return found;
}

/** What one method says: the statistic's range where there is no difference, and the p-value of the one found. */
interface Judged {
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

function judgeNormal(statistic: number, quantile: number): Judged {
  return { low: -quantile, high: quantile, pValue: normalTail(statistic) };
}

function judgeHall(
  statistic: number,
  quantile: number,
  shape: { readonly skewness: number; readonly count: number },
): Judged {
  return { ...hallRange(quantile, shape), pValue: normalTail(hallTransform(statistic, shape)) };
}

function judgeBootstrap(
  differences: ArrayLike<number>,
  statistic: number,
  level: number,
  random: Random,
): Judged {
  const resamples = Math.max(fewestResamples, Math.ceil((2 * beyondQuantile) / level));
  const values = Float64Array.from(differences);
  const center = momentsOf(values).mean;
  const draw = createIndexDraws(values.length, random.int(2 ** 31 - 1) + 1);
  const drawn = new Float64Array(values.length);
  const statistics = Float64Array.from({ length: resamples }, () => {
    for (let index = 0; index < drawn.length; index++) drawn[index] = values[draw()] ?? 0;
    const { mean, deviation } = momentsOf(drawn);
    if (mean === center) return 0;
    // Equal differences deviate by their rounding: that says no more of the mean than 0 does, which leaves the interval open.
    const spread = deviation > rounding * Math.abs(mean) ? deviation : 0;
    return ((mean - center) * Math.sqrt(drawn.length)) / spread;
  }).sort();
  // One further out than the quantiles, so that the interval leaves out 0 exactly where p is below the level.
  const edge = Math.floor((resamples * level) / 2);
  const above = statistics.filter((other) => other >= statistic).length;
  const below = statistics.filter((other) => other <= statistic).length;
  return {
    low: statistics[edge - 1] ?? Number.NEGATIVE_INFINITY,
    high: statistics[resamples - edge] ?? Number.POSITIVE_INFINITY,
    pValue: Math.min(1, (2 * (1 + Math.min(above, below))) / (1 + resamples)),
  };
}
