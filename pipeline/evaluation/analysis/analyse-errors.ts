import type { Analysis, Prediction, PreparedRow, Task } from '../../../platform/schemas/index.ts';
import { confusedPairs } from './confused-pairs.ts';
import { fairnessOf } from './fairness.ts';
import { type Judged, missOf } from './judged.ts';
import { labelSuspects } from './label-suspects.ts';
import { reliabilityOf } from './reliability.ts';
import { findWeakSpots } from './weak-spots.ts';
import { errorsOf, worstErrors } from './worst-errors.ts';

/** What an analysis is made from. */
export interface AnalysisInputs {
  readonly task: Task;
  /** In the order of the probabilities; empty for regression. */
  readonly classes: readonly string[];
  /** Of any split; of the project's own dataset the test split counts, and for labels the validation split too. */
  readonly predictions: readonly Prediction[];
  /** The examples with their columns. */
  readonly rows: readonly Pick<PreparedRow, 'id' | 'metadata'>[];
  /** Name of the project's dataset, as in data.lock.json. */
  readonly dataset: string;
  /** Columns that say nothing of an example's nature: the label, the group. */
  readonly without: readonly string[];
  /** Columns with attributes of people. */
  readonly sensitive: readonly string[];
}

/** Looks for what the candidate's errors on the test split have in common. */
export function analyseErrors(inputs: AnalysisInputs): Analysis {
  const { task, classes, predictions, dataset, rows, without, sensitive } = inputs;
  const own = predictions.filter((one) => one.dataset === dataset);
  const tested = own.filter(({ split }) => split === 'test');
  const regression = task === 'tabular-regression';
  const errors = errorsOf(tested, regression);
  const judged = judge(tested, rows, regression);
  return {
    reliability: regression ? [] : reliabilityOf(tested),
    errors: errors.length,
    worst: worstErrors(errors),
    pairs: regression ? [] : confusedPairs(tested),
    weakSpots: findWeakSpots(judged, new Set(without), regression),
    labels: regression ? { examined: 0, suspects: 0, shown: [] } : labelSuspects(own, classes),
    fairness: sensitive.map((attribute) => fairnessOf(judged, attribute, classes)),
  };
}

function judge(
  predictions: readonly Prediction[],
  rows: AnalysisInputs['rows'],
  regression: boolean,
): Judged[] {
  const columns = new Map(rows.map(({ id, metadata }) => [id, metadata]));
  return predictions.map((prediction) => ({
    prediction,
    metadata: columns.get(prediction.id) ?? {},
    miss: missOf(prediction, regression),
  }));
}
