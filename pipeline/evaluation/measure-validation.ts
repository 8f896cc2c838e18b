import type { Digest } from '../../platform/lib/hash.ts';
import { metricsFor } from '../../platform/quality/index.ts';
import type { Prediction, Task, ValidationMetrics } from '../../platform/schemas/index.ts';
import { factsOfBoth } from './compare-metrics.ts';
import { pairPredictions } from './pair-predictions.ts';

/** The rival on the validation split. */
export interface ValidationRival {
  readonly predictions: readonly Prediction[];
  /** What it was trained on: it is not measured there. */
  readonly trainedOn: ReadonlySet<Digest>;
}

/**
 * Measures a candidate on its validation split, by which one chooses between candidates, and a champion on the examples
 * that both have there.
 *
 * @param classes in the order of the outputs; empty for regression
 * @returns null without validation examples
 */
export function measureValidation(
  candidate: readonly Prediction[],
  champion: ValidationRival | null,
  { task, classes }: { readonly task: Task; readonly classes: readonly string[] },
): ValidationMetrics | null {
  const rows = champion?.predictions ?? candidate;
  const join = { split: 'validation', learnt: champion?.trainedOn } as const;
  const { pairs } = pairPredictions(candidate, rows, classes, join);
  if (pairs.length === 0)
    return champion ? measureValidation(candidate, null, { task, classes }) : null;
  const [ours, theirs] = factsOfBoth(pairs, classes);
  const metrics = metricsFor(task, false).flatMap(({ name, better, measure }) => {
    const value = measure(ours);
    if (value === null) return [];
    return [{ name, better, candidate: value, champion: champion && measure(theirs) }];
  });
  return { examples: pairs.length, metrics };
}
