import { MainstemError } from '../../platform/lib/errors.ts';
import type { SplitName } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';

/** The numbers of the rows of a split, rising. @throws MainstemError TRAINING_SPLIT_EMPTY */
export function splitRows({ index }: PreparedData, split: SplitName): number[] {
  const rows = index.rows.flatMap((row, number) => (row.split === split ? [number] : []));
  if (rows.length === 0) throw new MainstemError('TRAINING_SPLIT_EMPTY', { split });
  return rows;
}
