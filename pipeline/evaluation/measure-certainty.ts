import type { RefusalScores } from '../../platform/quality/index.ts';
import type { MetricCertainty, ModelRecord, Prediction } from '../../platform/schemas/index.ts';
import { factsOf } from './compare-metrics.ts';
import { metricIntervals } from './metric-intervals.ts';
import { pairPredictions } from './pair-predictions.ts';

/** Whose metrics are looked at. */
export interface MeasuredMetrics extends Pick<ModelRecord, 'classes'> {
  readonly evaluation: Pick<ModelRecord['evaluation'], 'metrics'> &
    Partial<Pick<ModelRecord['evaluation'], 'outOfDistribution'>>;
}

/** How certain the metrics of a model are, by its answers to the test split. */
export function measureCertainty(
  predictions: readonly Prediction[],
  { classes, evaluation }: MeasuredMetrics,
): MetricCertainty {
  const { pairs } = pairPredictions(predictions, predictions, classes);
  const facts = {
    ...factsOf(pairs, classes, ({ candidate }) => candidate),
    outOfDistribution: evaluation.outOfDistribution ?? null,
    refusalScores: refusalScoresOf(predictions, classes),
  };
  return { examples: pairs.length, intervals: metricIntervals(evaluation.metrics, facts) };
}

/** Inputs to refuse are those of a split whose label is none of the classes. */
function refusalScoresOf(
  predictions: readonly Prediction[],
  classes: readonly string[],
): RefusalScores {
  const known = new Set(classes);
  const tested = predictions.filter(({ split }) => split === 'test');
  const scoresOf = (genuine: boolean) =>
    tested.filter(({ label }) => known.has(label) === genuine).map(({ score }) => score);
  return { inliers: scoresOf(true), outliers: scoresOf(false) };
}
