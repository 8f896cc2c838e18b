import { parseValue } from '../../platform/lib/json.ts';
import type { TrainOutput } from '../../platform/schemas/index.ts';
// Types only: the engine's own code decides nothing about the trees.
import type { StageWork } from '../engine/index.ts';
import { createTrainingLog } from './log.ts';
import type { TrainInputs } from './messages.ts';
import { runWorker } from './run-worker.ts';
import { TrainTreesParameters } from './trees-parameters.ts';

/** Path of the program that the training process runs. */
const workerPath = `${import.meta.dirname}/trees-worker.ts`;

/**
 * Boosts trees on a prepared table, in a separate process, and stores those up to the round with the lowest
 * validation loss. The same inputs give the same bits, on every machine.
 *
 * @throws MainstemError TRAINING_*, STORE_MISSING, STORE_CORRUPT
 */
export const trainTreesStage: StageWork<TrainInputs, TrainOutput> = {
  entry: import.meta.filename,
  code: () => [workerPath],
  parameters: Object.keys(TrainTreesParameters.properties),
  resources: { cpus: 2, memoryMb: 1024 },
  async run({ workspace, store, project, scratch }, inputs, parameters) {
    const { reporter, signal } = workspace;
    const checked = parseValue(parameters, TrainTreesParameters, 'params.json');
    const log = createTrainingLog(reporter, {
      epochs: checked.model.trees,
      unit: 'rows',
      metric: inputs.task === 'tabular-regression' ? 'error' : 'accuracy',
      ...{ step: 'round', kept: 'trees' },
    });
    const { folder, definition } = project;
    const job = { project: definition.name, folder, scratch, inputs, parameters: checked };
    try {
      const options = { program: workerPath, store, signal, onMessage: log.onMessage };
      const output = await runWorker(job, options);
      log.end(output);
      return output;
    } catch (error) {
      log.end(null);
      throw error;
    }
  },
};
