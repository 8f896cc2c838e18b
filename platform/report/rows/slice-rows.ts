import type { SliceResult } from '../../schemas/index.ts';
import type { SliceRow } from '../report.ts';

/** The candidate's slices, each beside the champion's of the same name and value. */
export function sliceRows(
  candidate: readonly SliceResult[],
  champion: readonly SliceResult[],
): SliceRow[] {
  return candidate.map(({ slice, value, count, accuracy, error }) => {
    const before = champion.find((other) => other.slice === slice && other.value === value);
    return {
      ...{ slice, value, count },
      champion: before ? { accuracy: before.accuracy, error: before.error } : null,
      candidate: { accuracy, error },
    };
  });
}
