import { parseValue } from '../../platform/lib/json.ts';
import type { TrainOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the engine's own code decides nothing about the weights.
import type { StageWork } from '../engine/index.ts';
import type { TrainInputs } from './messages.ts';
import { TrainParameters } from './parameters.ts';
import { modelPath, trainInProcess } from './train-in-process.ts';

/** Path of the program that the training process runs. */
const program = `${import.meta.dirname}/worker.ts`;

/**
 * Trains the project's network on a prepared dataset, in a separate process, and stores the weights of the
 * epoch with the lowest validation loss. On a deterministic backend the same inputs give the same bits, even after an
 * interruption: it resumes from the checkpoint in the scratch folder.
 *
 * @throws MainstemError TRAINING_*, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export const trainStage: StageWork<TrainInputs, TrainOutput> = {
  entry: import.meta.filename,
  code: (project, backend) => [program, modelPath(project), driverPath(backend)],
  parameters: Object.keys(TrainParameters.properties),
  resources: { cpus: 1, memoryMb: 1024 },
  run(context, inputs, given) {
    const parameters = parseValue(given, TrainParameters, 'params.json');
    return trainInProcess(context, { program, inputs, parameters, epochs: parameters.epochs });
  },
};
