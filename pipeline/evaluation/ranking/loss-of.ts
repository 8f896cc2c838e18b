import { logLoss, mae, type TestExample } from '../../../platform/quality/index.ts';
import type { Task } from '../../../platform/schemas/index.ts';

/** The loss by which columns are ranked: log loss, because accuracy does not see a confidence that falls; of numbers MAE. */
export function lossMetric(task: Task) {
  return task === 'tabular-regression' ? mae : logLoss;
}

/** The loss of each example. @param classes in the order of the outputs; empty for regression */
export function lossesOf(
  examples: readonly TestExample[],
  { task, classes }: { readonly task: Task; readonly classes: readonly string[] },
): readonly number[] {
  return lossMetric(task).parts({ examples, classes, outOfDistribution: null });
}
