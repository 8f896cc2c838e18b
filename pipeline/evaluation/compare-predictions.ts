import type { Comparison, Prediction } from '../../platform/schemas/index.ts';
import { compareClasses } from './compare-classes.ts';
import { compareValues } from './compare-values.ts';
import { pairPredictions } from './pair-predictions.ts';

/**
 * Compares two models on the test examples that both answered; whether an answer was refused does not count.
 * Classification: exact McNemar test. Regression: sign-flip permutation test of the absolute errors.
 * Verdict `better` or `worse` where p < 0.05; otherwise `no detectable change` if a difference that matters
 * (5 points of accuracy, or 20 % of the error) would have been seen, else `cannot tell`.
 *
 * @param classes in the order of the network's outputs; empty for regression
 */
export function comparePredictions(
  candidate: readonly Prediction[],
  champion: readonly Prediction[],
  classes: readonly string[],
): Comparison {
  const pairs = pairPredictions(candidate, champion, classes);
  return classes.length > 0 ? compareClasses(pairs, classes) : compareValues(pairs);
}
