import { type SliceLoss, testSlices } from '../../quality/index.ts';
import type { SliceComparison, SliceResult } from '../../schemas/index.ts';
import type { SliceRow } from '../report.ts';

/** From how many examples on a slice of the column is judged. */
export interface JudgedColumn {
  readonly column: string;
  readonly minimumCount: number;
}

/**
 * The candidate's slices, each with what the comparison with the champion found there.
 *
 * @param compared both models on the examples that both answered; empty where they were not compared
 */
export function sliceRows(
  candidate: readonly SliceResult[],
  compared: readonly SliceComparison[],
  columns: readonly JudgedColumn[],
): SliceRow[] {
  const tested = testSlices(compared, columns);
  return candidate.map((result) => {
    const { slice, value, count } = result;
    const { minimumCount } = columns.find(({ column }) => column === slice) ?? { minimumCount: 0 };
    const found = tested.find((other) => other.slice === slice && other.value === value);
    return {
      ...{ slice, value, count },
      judged: count >= minimumCount,
      candidate: qualityOf(result),
      ...(found && { paired: pairedOf(found) }),
    };
  });
}

function qualityOf({ accuracy, error, errorSpread }: SliceResult): SliceRow['candidate'] {
  const errorInterval = errorSpread ? { low: errorSpread.low, high: errorSpread.high } : null;
  return { accuracy, error, errorInterval };
}

function pairedOf(found: SliceLoss): NonNullable<SliceRow['paired']> {
  const { examples, metric, candidate, champion, difference, low, high, pValue } = found;
  return { examples, metric, candidate, champion, difference, low, high, pValue };
}
