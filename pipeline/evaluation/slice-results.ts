import { ownValue } from '../../platform/lib/own-value.ts';
import { mae } from '../../platform/quality/index.ts';
import type { SliceResult } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';
import { wilson } from './statistics/wilson.ts';

/**
 * Measures the quality of each value of the metadata columns: accuracy with its Wilson interval, or for
 * regression the mean absolute error. Sorted by value; a row without a value is in the slice `missing`.
 *
 * @param examples of the test split
 */
export function sliceResults(
  examples: readonly Decided[],
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
  members: readonly Decided[],
  regression: boolean,
): SliceResult {
  const count = members.length;
  if (regression) return { slice, value, accuracy: null, error: errorOf(members), count };
  const right = members.filter(({ row, predicted }) => row.label === predicted).length;
  return { slice, value, accuracy: wilson(right, count), error: null, count };
}

function errorOf(members: readonly Decided[]): number {
  const examples = members.map((member) => ({ ...member, label: member.row.label }));
  return mae.measure({ examples, classes: [], outOfDistribution: null });
}
