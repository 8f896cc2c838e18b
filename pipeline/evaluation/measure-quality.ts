import {
  classQuality,
  confusionOf,
  type MetricFacts,
  metricsFor,
} from '../../platform/quality/index.ts';
import type { EvaluateOutput, OutOfDistribution, Task } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';

/** What quality depends on besides the decided examples. */
export interface QualityInputs {
  readonly task: Task;
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly outOfDistribution: OutOfDistribution | null;
}

/**
 * Metrics, quality per class and confusion of the test split. Refused examples count like any other: how well
 * inputs are refused has metrics of its own, which gates may name too.
 */
export function measureQuality(
  test: readonly Decided[],
  { task, classes, outOfDistribution }: QualityInputs,
): Pick<EvaluateOutput, 'metrics' | 'perClass' | 'confusion'> {
  const examples = test.map((one) => ({ ...one, label: one.row.label }));
  const confusion = confusionOf(examples, classes);
  return {
    metrics: measureMetrics(task, { examples, classes, outOfDistribution }),
    perClass: classQuality(confusion, classes),
    confusion,
  };
}

function measureMetrics(task: Task, facts: MetricFacts): EvaluateOutput['metrics'] {
  return metricsFor(task, facts.outOfDistribution !== null).flatMap((metric) => {
    const value = metric.measure(facts);
    if (value === null) return [];
    const { name, better, chance } = metric;
    return [{ name, value, better, ...(chance && { chance: chance(facts) }) }];
  });
}
