import type { EvaluateOutput, Metric, OutOfDistribution } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';
import { classificationMetrics, classQuality, confusionOf } from './metrics/classification.ts';
import { regressionMetrics } from './metrics/regression.ts';

/**
 * Metrics, quality per class and confusion of the test split. Refused examples count like any other: what is
 * refused is judged by `outOfDistributionAuroc` and `outOfDistributionFpr95`, which gates may name too.
 *
 * @param classes empty for regression
 */
export function measureQuality(
  test: readonly Decided[],
  classes: readonly string[],
  outOfDistribution: OutOfDistribution | null,
): Pick<EvaluateOutput, 'metrics' | 'perClass' | 'confusion'> {
  if (classes.length === 0) {
    const values = test.map(({ row, probabilities }) => ({
      truth: Number(row.label),
      value: probabilities[0] ?? 0,
    }));
    return { metrics: regressionMetrics(values), perClass: [], confusion: [] };
  }
  const examples = test.map((one) => ({ ...one, label: one.row.label }));
  const confusion = confusionOf(examples, classes);
  return {
    metrics: [...classificationMetrics(examples, classes), ...refusalMetrics(outOfDistribution)],
    perClass: classQuality(confusion, classes),
    confusion,
  };
}

function refusalMetrics(found: OutOfDistribution | null): Metric[] {
  if (!found || found.auroc === null || found.fpr95 === null) return [];
  return [
    { name: 'outOfDistributionAuroc', value: found.auroc, better: 'higher' },
    { name: 'outOfDistributionFpr95', value: found.fpr95, better: 'lower' },
  ];
}
