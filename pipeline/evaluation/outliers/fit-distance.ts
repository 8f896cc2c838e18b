import { evenly } from '../../../platform/lib/evenly.ts';
import type { OutOfDistribution } from '../../../platform/schemas/index.ts';
import type { Answer } from '../answer.ts';
import { columnMeans, shrunkCovariance } from './shrunk-covariance.ts';
import { whiteningOf } from './whitening.ts';

type Distance = NonNullable<OutOfDistribution['distance']>;

/** Wider embeddings would put megabytes of numbers into the model record. */
const widest = 256;
/** Enough to know the covariance of the widest embedding. */
export const distanceRows = 10_000;

/**
 * Fits class means and the covariance that the classes share on the training rows (Lee et al., 2018). For
 * regression all rows are one class. Numbers are rounded to six digits, because they are committed.
 *
 * @returns null where the embedding has more than 256 numbers or there are no rows
 */
export function fitDistance(train: readonly Answer[], regression: boolean): Distance | null {
  const rows = evenly(train, distanceRows);
  const size = rows[0]?.embedding.length ?? 0;
  if (size === 0 || size > widest) return null;
  const groups = [...Map.groupBy(rows, ({ row }) => (regression ? '' : row.label))]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, members]) => members.map(({ embedding }) => embedding));
  const means = groups.map(columnMeans);
  const centred = groups.flatMap((members, group) =>
    members.map((row) =>
      Float64Array.from(row, (value, index) => value - (means[group]?.[index] ?? 0)),
    ),
  );
  const whitening = whiteningOf(shrunkCovariance(centred, size));
  return { means: means.map(short), whitening: whitening.map(short) };
}

function short(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(6)));
}
