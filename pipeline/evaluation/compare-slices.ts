import { ownValue } from '../../platform/lib/own-value.ts';
import {
  accuracy,
  hallRange,
  mae,
  momentsOf,
  studentQuantile,
} from '../../platform/quality/index.ts';
import type { SliceComparison } from '../../platform/schemas/index.ts';
import { factsOfBoth } from './compare-metrics.ts';
import type { Pair } from './pair-predictions.ts';
import { pairedDifference, pairedError } from './statistics/paired-difference.ts';

/** By which columns pairs are sliced, and what each example has there. */
export interface SlicedColumns {
  readonly columns: readonly string[];
  /** The metadata of the candidate's examples, by their ids. */
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/**
 * Compares two models on the shared examples of each value of the metadata columns: by accuracy, or for regression by the
 * mean absolute error. Sorted by value; an example without one is in the slice `missing`.
 *
 * @param classes in the order of the outputs; empty for regression
 */
export function compareSlices(
  pairs: readonly Pair[],
  { columns, metadata }: SlicedColumns,
  classes: readonly string[],
): SliceComparison[] {
  const compare = classes.length > 0 ? compareRight : compareErrors;
  return columns.flatMap((slice) => {
    const nameOf = ({ candidate }: Pair) => ownValue(metadata.get(candidate.id) ?? {}, slice);
    const groups = Map.groupBy(pairs, (pair) => nameOf(pair) || 'missing');
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([value, members]) => ({ slice, value, examples: members.length, ...compare(members) }));
  });
}

type Compared = Omit<SliceComparison, 'slice' | 'value' | 'examples'>;

function compareRight(pairs: readonly Pair[]): Compared {
  const isRight = (pair: Pair, model: 'candidate' | 'champion') =>
    pair[model].predicted === pair.label;
  const count = (model: 'candidate' | 'champion') =>
    pairs.filter((pair) => isRight(pair, model)).length;
  const both = pairs.filter((pair) => isRight(pair, 'candidate') && isRight(pair, 'champion'));
  const [ours, theirs] = [count('candidate'), count('champion')];
  const [fixed, broken] = [ours - both.length, theirs - both.length];
  const { value, low, high } = pairedDifference(fixed, broken, pairs.length);
  return {
    metric: accuracy.name,
    candidate: ours / pairs.length,
    champion: theirs / pairs.length,
    ...{ difference: value, low, high },
    error: pairedError(fixed, broken, pairs.length),
  };
}

/** The interval spans Student's and, since few large errors may decide, Hall's for skewed differences: {@link testSlices} asks both. */
function compareErrors(pairs: readonly Pair[]): Compared {
  const [candidate, champion] = factsOfBoth(pairs, []);
  const [ours, theirs] = [mae.parts(candidate), mae.parts(champion)];
  const { mean, deviation, skewness } = momentsOf(
    ours.map((error, index) => error - (theirs[index] ?? 0)),
  );
  const count = pairs.length;
  const error = deviation / Math.sqrt(count);
  const quantile = studentQuantile(0.025, Math.max(1, count - 1));
  const skewed = hallRange(quantile, { skewness, count });
  return {
    metric: mae.name,
    candidate: meanOf(ours),
    champion: meanOf(theirs),
    difference: mean,
    low: mean - error * Math.max(quantile, skewed.high),
    high: mean - error * Math.min(-quantile, skewed.low),
    ...{ error, skewness },
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
