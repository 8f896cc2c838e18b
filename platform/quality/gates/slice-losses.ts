import type { SliceComparison } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { mae } from '../metrics/mae.ts';
import { fewestForMeans } from '../statistics/fewest-for-means.ts';
import { holm } from '../statistics/holm.ts';
import { studentTail } from '../statistics/student-t.ts';
import type { GateFacts } from './gate.ts';
import type { JudgedSlice } from './slice-limit.ts';

/** A compared slice, and whether it is shown to have become worse. */
export interface SliceLoss extends SliceComparison {
  /** Two-sided and corrected for all slices that are judged (Holm); null where it has too few examples to be judged. */
  readonly pValue: number | null;
}

/**
 * How likely chance alone makes each slice differ as it does: by the paired t-test, over all slices together (Holm).
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
      const { value, pValue } = lossOf(slice, 0);
      if (value === 0) return 1;
      return Math.min(1, 2 * (value > 0 ? pValue : 1 - pValue));
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
  const { slice, value: name, examples, metric, champion, difference, low, high, error } = found;
  const unit = metric === accuracy.name ? -1 : champion;
  const scaled = (value: number) => (value === 0 ? 0 : value / unit);
  const [value, ...interval] = [difference, low, high].map(scaled);
  return {
    ...{ name: `${slice} ${name}`, count: examples, value: value ?? 0 },
    low: Math.min(...interval),
    high: Math.max(...interval),
    pValue: pValueOf((value ?? 0) - margin, scaled(error), examples),
  };
}

/** How likely a loss so far above the margin is where the true one is the margin. */
function pValueOf(above: number, error: number, examples: number): number {
  if (error === 0) return above > 0 ? 0 : 1;
  return studentTail(above / Math.abs(error), examples - 1);
}
