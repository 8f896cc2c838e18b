import { createRandom } from '../../platform/lib/random.ts';
import { accuracy, type MetricFacts, metricsFor } from '../../platform/quality/index.ts';
import type {
  MetricCertainty,
  MetricInterval,
  Prediction,
  Task,
} from '../../platform/schemas/index.ts';
import { factsOf } from './compare-metrics.ts';
import { pairPredictions } from './pair-predictions.ts';
import { meanDifference } from './statistics/mean-difference.ts';
import { wilson } from './statistics/wilson.ts';

/** What the answers are measured as. */
export interface IntervalOptions {
  readonly task: Task;
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
}

/**
 * The 95 % interval of every metric of one model on the test split: Wilson's for accuracy, otherwise by the parts of the
 * examples in the metric, as differences have it, cut to what the metric can be.
 *
 * @returns of those that have one: answers without any spread (all right) say nothing of how far off the value may be
 */
export function metricIntervals(
  predictions: readonly Prediction[],
  { task, classes }: IntervalOptions,
): MetricCertainty {
  const { pairs } = pairPredictions(predictions, predictions, classes);
  const facts = factsOf(pairs, classes, ({ candidate }) => candidate);
  const intervals = metricsFor(task, false).flatMap(({ name, parts, range }) => {
    if (name === accuracy.name) return { name, ...accuracyInterval(facts) };
    const { low, high, error } = meanDifference(
      parts?.(facts) ?? [],
      createRandom(`interval/${name}`),
    );
    if (!Number.isFinite(error) || error === 0) return [];
    const [least, greatest] = range;
    return { name, low: Math.max(least, low), high: Math.min(greatest, high) };
  });
  return { examples: pairs.length, intervals };
}

function accuracyInterval({ examples }: MetricFacts): Pick<MetricInterval, 'low' | 'high'> {
  const right = examples.filter(({ label, predicted }) => label === predicted).length;
  const { low, high } = wilson(right, examples.length);
  return { low, high };
}
