import { createRandom } from '../../../platform/lib/random.ts';
import { normal975 } from '../../../platform/quality/index.ts';
import type { Prediction, Task, WithoutColumns } from '../../../platform/schemas/index.ts';
import { pairPredictions } from '../pair-predictions.ts';
import { meanDifference } from '../statistics/mean-difference.ts';
import { lossesOf, lossMetric } from './loss-of.ts';

/** A model with all columns and one that was trained without some. */
export interface DroppedTrial {
  readonly columns: readonly string[];
  readonly task: Task;
  readonly classes: readonly string[];
  readonly whole: readonly Prediction[];
  readonly without: readonly Prediction[];
  /** Standard deviation of the loss between seeds; 0 where it is not known. */
  readonly seedDeviation: number;
}

/**
 * By how much the validation loss grows if a model is trained without some columns. The interval is of the same examples, and
 * counts what seeds change where that is known: the two models differ by chance, too.
 */
export function compareWithout(trial: DroppedTrial): WithoutColumns {
  const { columns, task, classes, whole, without, seedDeviation } = trial;
  const { pairs } = pairPredictions(without, whole, classes, { split: 'validation' });
  const losses = (model: 'candidate' | 'champion') =>
    lossesOf(
      pairs.map((pair) => ({ ...pair[model], label: pair.label })),
      { task, classes },
    );
  const before = losses('champion');
  const differences = losses('candidate').map((loss, index) => loss - (before[index] ?? 0));
  const found = meanDifference(differences, createRandom(`without/${columns.join('/')}`));
  const bySeeds = normal975 * Math.SQRT2 * seedDeviation;
  return {
    columns: [...columns],
    growth: found.value,
    low: found.value - Math.hypot(found.value - found.low, bySeeds),
    high: found.value + Math.hypot(found.high - found.value, bySeeds),
  };
}

/** How much the loss differs between a model's seeds on validation; 0 where that is not known. */
export function seedDeviationOf(
  validation: readonly { readonly name: string; readonly deviation: number }[],
  task: Task,
): number {
  return validation.find(({ name }) => name === lossMetric(task).name)?.deviation ?? 0;
}
