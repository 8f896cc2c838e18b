import type { Digest } from '../../platform/lib/hash.ts';
import type { Comparison, Prediction } from '../../platform/schemas/index.ts';
import { compareClasses } from './compare-classes.ts';
import { compareSlices, type SlicedColumns } from './compare-slices.ts';
import { compareValues } from './compare-values.ts';
import { pairPredictions, type RecognisedExamples } from './pair-predictions.ts';
import { sharedFigures } from './shared-figures.ts';

/** What a comparison depends on besides the answers. */
export interface ComparisonOptions {
  /** Digests of the examples that the champion was trained or validated on. */
  readonly learnt?: ReadonlySet<Digest> | undefined;
  /** How some of them were recognised, for the words. */
  readonly recognised?: RecognisedExamples | undefined;
  /** How many candidates were measured on this test data, this one among them. @default 1 */
  readonly candidates?: number;
  /** Whether both are one and the same model; then no number of examples is too small. @default false */
  readonly sameModel?: boolean;
  /** By what the examples are sliced; left out, they are not. */
  readonly slices?: SlicedColumns | undefined;
}

/**
 * Compares two models on the test examples that both answered and the champion has not learnt from; whether an answer was
 * refused does not count. The verdict is of the primary metric (accuracy, or mean absolute error): `better` or `worse`
 * where the paired 95 % interval leaves out 0, `no detectable change` where it lies within the differences that do not
 * matter (5 points of accuracy, 20 % of the error), otherwise `cannot tell`. Where it is one of several candidates that were
 * measured on this test data, `better` asks for more.
 *
 * @param classes in the order of the network's outputs; empty for regression
 */
export function comparePredictions(
  candidate: readonly Prediction[],
  champion: readonly Prediction[],
  classes: readonly string[],
  { learnt, recognised, candidates = 1, sameModel = false, slices }: ComparisonOptions = {},
): Comparison {
  const pairs = pairPredictions(candidate, champion, classes, { learnt, recognised });
  const comparison =
    classes.length > 0
      ? compareClasses(pairs, classes, { candidates, sameModel })
      : compareValues(pairs, { candidates, sameModel });
  const one = sameModel && { sameModel };
  return {
    ...comparison,
    ...one,
    ...(pairs.pairs.length > 0 && { shared: sharedFigures(pairs.pairs, classes) }),
    ...(slices && { slices: compareSlices(pairs.pairs, slices, classes) }),
  };
}
