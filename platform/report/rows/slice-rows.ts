import type { SliceResult } from '../../schemas/index.ts';
import type { SliceRow } from '../report.ts';

/** From how many examples on a slice of the column is judged. */
export interface JudgedColumn {
  readonly column: string;
  readonly minimumCount: number;
}

/** The candidate's slices, each beside the champion's of the same name and value. */
export function sliceRows(
  candidate: readonly SliceResult[],
  champion: readonly SliceResult[],
  columns: readonly JudgedColumn[],
): SliceRow[] {
  return candidate.map((result) => {
    const { slice, value, count } = result;
    const { minimumCount } = columns.find(({ column }) => column === slice) ?? { minimumCount: 0 };
    const before = champion.find((other) => other.slice === slice && other.value === value);
    return {
      ...{ slice, value, count },
      judged: count >= minimumCount,
      champion: before ? qualityOf(before) : null,
      candidate: qualityOf(result),
    };
  });
}

function qualityOf({ accuracy, error, errorSpread }: SliceResult): SliceRow['candidate'] {
  const errorInterval = errorSpread ? { low: errorSpread.low, high: errorSpread.high } : null;
  return { accuracy, error, errorInterval };
}
