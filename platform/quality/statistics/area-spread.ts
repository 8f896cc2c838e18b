import { areaError } from './area-interval.ts';
import { normal975 } from './normal-quantile.ts';
import { studentQuantile } from './student-t.ts';

/**
 * So many misplaced scores weigh as much as what counts alone say of how an area spreads: few, since counts suppose that scores of an
 * area near 1 spread more than normal ones do. Two of them held 97 to 99 % of tests there (bench/statistics).
 */
const known = 0.5;

/**
 * How many times wider than by its counts alone the interval of an area is, by how the scores lie: where one side spreads more than the
 * other, the counts alone held the true area in 85 to 92 % of tests (bench/statistics). Scores that spread more are believed, and
 * fewer misplaced ones less that they spread less; the quantile is Student's with the degrees of freedom of the smaller side.
 *
 * @param above scores that should be the higher ones @param below the others
 * @returns 1 where a side is empty or nothing is misplaced
 */
export function areaWidening(
  area: number,
  above: readonly number[],
  below: readonly number[],
): number {
  const fewer = Math.min(above.length, below.length);
  const expected = areaError(area, above.length, below.length) ** 2;
  if (fewer === 0 || !(expected > 0)) return 1;
  const ratio = areaVariance(above, below) / expected;
  const told = 2 * fewer * Math.min(area, 1 - area);
  const kept = ratio > 1 ? ratio : (ratio * told + known) / (told + known);
  return (Math.sqrt(kept) * studentQuantile(0.025, Math.max(2, fewer - 1))) / normal975;
}

/**
 * The variance of an area by the spread of each side's placements among the other (E. DeLong, D. DeLong and D. Clarke-Pearson,
 * Biometrics 44, 1988).
 */
function areaVariance(above: readonly number[], below: readonly number[]): number {
  const [high, low] = [Float64Array.from(above).sort(), Float64Array.from(below).sort()];
  return meanVariance(placements(high, low)) + meanVariance(placements(low, high));
}

/** The share of the others that each number is above, ties counting half; both rising. */
function placements(numbers: Float64Array, others: Float64Array): Float64Array {
  let [under, upTo] = [0, 0];
  return numbers.map((number) => {
    while (under < others.length && (others[under] ?? 0) < number) under++;
    while (upTo < others.length && (others[upTo] ?? 0) <= number) upTo++;
    return (under + upTo) / 2 / others.length;
  });
}

/** The variance of the mean. */
function meanVariance(values: Float64Array): number {
  const count = values.length;
  if (count < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) / count;
}
