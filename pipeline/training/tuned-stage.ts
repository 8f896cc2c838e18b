import { parseValue } from '../../platform/lib/json.ts';
import type { TrainOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the engine's own code decides nothing about the weights.
import type { StageWork } from '../engine/index.ts';
import type { TunedTrainInputs } from './messages.ts';
import { TunedParameters } from './parameters.ts';
import { modelPath, trainInProcess } from './train-in-process.ts';

/** Path of the program that the training process runs. */
const program = `${import.meta.dirname}/tuned-worker.ts`;

/**
 * Trains the project's network on a backbone's features, then the network and the last part of the backbone together, and
 * stores both as one network: of the epoch with the lowest validation loss, whichever of the two it belongs to. As
 * deterministic as training without.
 *
 * @throws MainstemError TRAINING_*, FINE_TUNE_UNSUPPORTED, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export const trainTunedStage: StageWork<TunedTrainInputs, TrainOutput> = {
  entry: import.meta.filename,
  code: (project, backend) => [program, modelPath(project), driverPath(backend)],
  parameters: Object.keys(TunedParameters.properties),
  resources: { cpus: 1, memoryMb: 2048 },
  run(context, inputs, given) {
    const parameters = parseValue(given, TunedParameters, 'params.json');
    const epochs = parameters.epochs + parameters.fineTune.epochs;
    return trainInProcess(context, { program, inputs, parameters, epochs });
  },
};
