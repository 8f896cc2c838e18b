import type { SliceComparison } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { mae } from '../metrics/mae.ts';
import { fewestForMeans } from '../statistics/fewest-for-means.ts';
import { holm } from '../statistics/holm.ts';
import { hallTransform } from '../statistics/skewed-mean.ts';
import { studentTail } from '../statistics/student-t.ts';
import type { GateFacts } from './gate.ts';
import type { JudgedSlice } from './slice-limit.ts';

/** A compared slice, and whether it is shown to have become worse. */
export interface SliceLoss extends SliceComparison {
  /** Two-sided and corrected for all slices that are judged (Holm); null where it has too few examples to be judged. */
  readonly pValue: number | null;
}

/**
 * How likely chance alone makes each slice differ as it does: by the paired t-test, of errors also by Hall's for skewed
 * differences, over all slices together (Holm).
 *
 * @param columns from how many examples on a slice is judged
 */
export function testSlices(
  compared: readonly SliceComparison[],
  columns: GateFacts['slices'],
): SliceLoss[] {
  const enough = compared.filter((slice) => hasEnough(slice, columns));
  const corrected = holm(
    enough.map((slice) => {
      if (slice.difference === 0) return 1;
      const { worse, better } = tailsOf(slice, 0);
      return Math.min(1, 2 * (lossIn(slice) > 0 ? worse : better));
    }),
  );
  return compared.map((slice) => ({ ...slice, pValue: corrected[enough.indexOf(slice)] ?? null }));
}

/** Whether a slice has as many shared examples as the project asks, and of errors at least 60. */
export function hasEnough(
  { slice, examples, metric }: SliceComparison,
  columns: GateFacts['slices'],
): boolean {
  const minimum = columns.find(({ column }) => column === slice)?.minimumCount ?? 0;
  return examples >= Math.max(minimum, metric === mae.name ? fewestForMeans : 0);
}

/**
 * The loss of a slice: in points of the accuracy, or as a share of the champion's error.
 *
 * @param margin the p-value is one-sided, of a loss that is no larger
 */
export function lossOf(found: SliceComparison, margin: number): JudgedSlice {
  const { slice, value: name, examples, difference, low, high } = found;
  const scaled = (value: number) => (value === 0 ? 0 : value / unitOf(found));
  const [value, ...interval] = [difference, low, high].map(scaled);
  return {
    ...{ name: `${slice} ${name}`, count: examples, value: value ?? 0 },
    low: Math.min(...interval),
    high: Math.max(...interval),
    pValue: tailsOf(found, margin).worse,
  };
}

/** What a loss is measured in: accuracy falls, and errors are shares of the champion's. */
function unitOf({ metric, champion }: SliceComparison): number {
  return metric === accuracy.name ? -1 : champion;
}

/** A loss as it was measured, in points of the accuracy or in what errors are measured in. */
function lossIn({ metric, difference }: SliceComparison): number {
  return metric === accuracy.name ? -difference : difference;
}

/**
 * How likely a loss so far above a true one of the margin is, and one so far below it. Both are taken as they were measured: no loss is a
 * share of a champion's error of 0. Where differences are skewed, the t-test alone finds 10 % of equal slices of 100 worse instead of
 * 2.5 (bench/statistics): Hall's transformed statistic has to say so, too.
 */
function tailsOf(found: SliceComparison, margin: number): { worse: number; better: number } {
  const { error, examples: count, skewness = 0 } = found;
  const above = lossIn(found) - margin * Math.abs(unitOf(found));
  if (error === 0) return above > 0 ? { worse: 0, better: 1 } : { worse: 1, better: 0 };
  const statistic = above / error;
  const tails = [statistic, hallTransform(statistic, { skewness, count })].map((one) =>
    studentTail(one, count - 1),
  );
  return { worse: Math.max(...tails), better: 1 - Math.min(...tails) };
}
