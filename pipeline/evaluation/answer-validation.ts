import { MainstemError } from '../../platform/lib/errors.ts';
import type {
  BackendInfo,
  PrepareOutput,
  Task,
  TrainOutput,
  ValidationOutput,
} from '../../platform/schemas/index.ts';
import { decide, shiftOf } from '../../platform/transforms/index.ts';
import type { StageContext } from '../engine/index.ts';
import { readPrepared } from '../prepare/index.ts';
import type { AnswerRows } from './answer.ts';
import { measureValidation } from './measure-validation.ts';
import { temperatureOf } from './temperature-of.ts';
import { predictionOf, writePredictions } from './write-predictions.ts';

/** The inputs of measuring on validation. */
export interface ValidationInputs {
  readonly prepared: PrepareOutput;
  readonly trained: TrainOutput;
  readonly task: Task;
  /** In the order of the outputs; ignored for regression. */
  readonly classes: readonly string[];
  readonly backend: BackendInfo;
  /** Name in data.lock.json, written into each prediction. */
  readonly dataset: string;
}

/**
 * Measures a model by its answers to the validation split, calibrated there as evaluation does; the likeliest class is
 * named, whatever `thresholds` says.
 *
 * @throws MainstemError SWEEP_NO_VALIDATION
 */
export async function answerValidation(
  { store, project }: StageContext,
  inputs: ValidationInputs,
  answerRows: AnswerRows,
): Promise<ValidationOutput> {
  const { task, dataset, trained } = inputs;
  const classes = task === 'tabular-regression' ? [] : inputs.classes;
  const data = await readPrepared(store, inputs.prepared);
  const rows = [...data.index.rows.keys()].filter(
    (row) => data.index.rows[row]?.split === 'validation',
  );
  const answers = await answerRows(data, rows);
  const priorShift = classes.length === 0 ? undefined : shiftOf(trained.classWeights);
  const temperature = classes.length === 0 ? 1 : temperatureOf(answers, classes, priorShift);
  const rules = { classes, priorShift, temperature, outOfDistribution: null };
  const predictions = answers.map((answer) =>
    predictionOf({ ...answer, ...decide(answer, rules) }, dataset),
  );
  const measured = measureValidation(predictions, null, { task, classes });
  if (!measured) {
    throw new MainstemError('SWEEP_NO_VALIDATION', { project: project.definition.name });
  }
  return {
    examples: measured.examples,
    metrics: Object.fromEntries(measured.metrics.map(({ name, candidate }) => [name, candidate])),
    predictions: await writePredictions(store, predictions),
  };
}
