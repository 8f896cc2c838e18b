import type { MetricCertainty, ModelRecord, Prediction } from '../../platform/schemas/index.ts';
import { factsOf } from './compare-metrics.ts';
import { metricIntervals } from './metric-intervals.ts';
import { pairPredictions } from './pair-predictions.ts';

/** Whose metrics are looked at. */
export interface MeasuredMetrics extends Pick<ModelRecord, 'classes'> {
  readonly evaluation: Pick<ModelRecord['evaluation'], 'metrics'>;
}

/** How certain the metrics of a model are, by its answers to the test split. */
export function measureCertainty(
  predictions: readonly Prediction[],
  { classes, evaluation }: MeasuredMetrics,
): MetricCertainty {
  const { pairs } = pairPredictions(predictions, predictions, classes);
  const facts = factsOf(pairs, classes, ({ candidate }) => candidate);
  return { examples: pairs.length, intervals: metricIntervals(evaluation.metrics, facts) };
}
