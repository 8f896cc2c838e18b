import { ownValue } from '../../platform/lib/own-value.ts';
import { studentQuantile } from '../../platform/quality/index.ts';
import type { PreparedRow, SliceResult } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';
import { wilson } from './statistics/wilson.ts';

/** What a slice is measured by. */
interface SlicedExample extends Pick<Decided, 'predicted' | 'probabilities'> {
  readonly row: Pick<PreparedRow, 'label' | 'metadata'>;
}

/**
 * Measures the quality of each value of the metadata columns: accuracy with its Wilson interval, or for
 * regression the mean absolute error with its t interval. Sorted by value; a row without a value is in the slice `missing`.
 *
 * @param examples of the test split
 */
export function sliceResults(
  examples: readonly SlicedExample[],
  columns: readonly string[],
  regression: boolean,
): SliceResult[] {
  return columns.flatMap((column) => {
    const groups = Map.groupBy(examples, ({ row }) => ownValue(row.metadata, column) || 'missing');
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([value, members]) => sliceResult(column, value, members, regression));
  });
}

function sliceResult(
  slice: string,
  value: string,
  members: readonly SlicedExample[],
  regression: boolean,
): SliceResult {
  const count = members.length;
  if (regression) return { slice, value, accuracy: null, ...errorsOf(members), count };
  const right = members.filter(({ row, predicted }) => row.label === predicted).length;
  return { slice, value, accuracy: wilson(right, count), error: null, count };
}

/** The mean absolute error, with how far it can be trusted. */
function errorsOf(members: readonly SlicedExample[]): Pick<SliceResult, 'error' | 'errorSpread'> {
  const errors = members.map(({ row, probabilities }) =>
    Math.abs(Number(row.label) - (probabilities[0] ?? 0)),
  );
  const count = errors.length;
  const error = errors.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { error };
  const squares = errors.reduce((sum, value) => sum + (value - error) ** 2, 0);
  const deviation = Math.sqrt(squares / (count - 1));
  const half = (studentQuantile(0.025, count - 1) * deviation) / Math.sqrt(count);
  return { error, errorSpread: { deviation, low: Math.max(0, error - half), high: error + half } };
}
