import { calibrationError, type MetricFacts } from '../../platform/quality/index.ts';
import type { Prediction, SharedFigures } from '../../platform/schemas/index.ts';
import { factsOf } from './compare-metrics.ts';
import type { Pair } from './pair-predictions.ts';
import { wilson } from './statistics/wilson.ts';

/** What both models say of the shared examples besides their answers, so that neither is shown by examples of its own. */
export function sharedFigures(
  pairs: readonly Pair[],
  classes: readonly string[],
): { readonly candidate: SharedFigures; readonly champion: SharedFigures } {
  const figuresOf = (answerOf: (pair: Pair) => Prediction): SharedFigures => ({
    ...certaintyOf(factsOf(pairs, classes, answerOf)),
    accepted: wilson(pairs.filter((pair) => answerOf(pair).accepted).length, pairs.length),
  });
  return {
    candidate: figuresOf(({ candidate }) => candidate),
    champion: figuresOf(({ champion }) => champion),
  };
}

function certaintyOf(facts: MetricFacts): Omit<SharedFigures, 'accepted'> {
  const { examples, classes } = facts;
  if (classes.length === 0) return { expectedAccuracy: null };
  const sum = examples.reduce(
    (total, { predicted, probabilities }) =>
      total + (probabilities[classes.indexOf(predicted)] ?? 0),
    0,
  );
  return { expectedAccuracy: sum / examples.length, chance: calibrationError.chance(facts) };
}
