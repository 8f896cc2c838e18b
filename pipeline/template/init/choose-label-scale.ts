import type { LabelScale } from '../../../platform/schemas/index.ts';
import type { ColumnSurvey } from './survey-table.ts';

/** A label whose largest value is not so many times its smallest is as well learnt as it is. */
const leastRatio = 10;
/** The skewness of an exponential distribution is 2, of a symmetric one 0. */
const leastSkewness = 1;

/**
 * Proposes how the label of a regression is learnt: `log` where all values are above 0, lie far to one side, and their
 * logarithms do not.
 */
export function chooseLabelScale({
  numbers,
}: Pick<ColumnSurvey, 'numbers'>): LabelScale | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of numbers) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low > 0) || high < leastRatio * low) return undefined;
  const skewness = skewnessOf(numbers);
  if (skewness < leastSkewness) return undefined;
  return Math.abs(skewnessOf(numbers.map(Math.log))) < skewness / 2 ? 'log' : undefined;
}

/** The third moment in units of the deviation. */
function skewnessOf(values: Float64Array): number {
  const moment = (power: number, middle: number) =>
    values.reduce((sum, value) => sum + (value - middle) ** power, 0) / values.length;
  const mean = moment(1, 0);
  const deviation = Math.sqrt(moment(2, mean));
  return deviation === 0 ? 0 : moment(3, mean) / deviation ** 3;
}
