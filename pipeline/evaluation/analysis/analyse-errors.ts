import type { Analysis, Prediction, Task } from '../../../platform/schemas/index.ts';
import { reliabilityOf } from './reliability.ts';
import { errorsOf, worstErrors } from './worst-errors.ts';

/** What an analysis is made from. */
export interface AnalysisInputs {
  readonly task: Task;
  /** Of any split; the test split of the project's own dataset counts. */
  readonly predictions: readonly Prediction[];
  /** Name of the project's dataset, as in data.lock.json. */
  readonly dataset: string;
}

/** Looks for what the candidate's errors on the test split have in common. */
export function analyseErrors({ task, predictions, dataset }: AnalysisInputs): Analysis {
  const tested = predictions.filter((one) => one.split === 'test' && one.dataset === dataset);
  const regression = task === 'tabular-regression';
  const errors = errorsOf(tested, regression);
  return {
    reliability: regression ? [] : reliabilityOf(tested),
    errors: errors.length,
    worst: worstErrors(errors),
  };
}
