import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseValue } from '../../platform/lib/json.ts';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { TrainOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
// Types only: the engine's own code decides nothing about the weights.
import type { StageWork } from '../engine/index.ts';
import { createTrainingLog } from './log.ts';
import type { TrainInputs } from './messages.ts';
import { TrainParameters } from './parameters.ts';
import { runWorker } from './run-worker.ts';

/** Path of the program that the training process runs. */
const workerPath = `${import.meta.dirname}/worker.ts`;

/**
 * Trains the project's network on a prepared dataset, in a separate process, and stores the weights of the
 * epoch with the lowest validation loss. On a deterministic backend the same inputs give the same bits, even after an
 * interruption: it resumes from the checkpoint in the scratch folder.
 *
 * @throws MainstemError TRAINING_*, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export const trainStage: StageWork<TrainInputs, TrainOutput> = {
  entry: import.meta.filename,
  code: (project, backend) => [workerPath, modelPath(project), driverPath(backend)],
  parameters: Object.keys(TrainParameters.properties),
  resources: { cpus: 1, memoryMb: 1024 },
  async run({ workspace, store, project, scratch, threads }, inputs, parameters) {
    const { reporter, signal } = workspace;
    const checked = parseValue(parameters, TrainParameters, 'params.json');
    reporter.info(`Training on ${inputs.backend.name}: ${inputs.backend.reason}`);
    const log = createTrainingLog(reporter, {
      epochs: checked.epochs,
      unit: inputs.task === 'image-classification' ? 'images' : 'rows',
      metric: inputs.task === 'tabular-regression' ? 'error' : 'accuracy',
      ...{ step: 'epoch', kept: 'weights' },
    });
    const job = {
      project: project.definition.name,
      folder: project.folder,
      scratch,
      inputs,
      parameters: checked,
    };
    try {
      const output = await runWorker(job, {
        ...{ program: workerPath, store, signal, threads },
        onMessage: log.onMessage,
      });
      log.end(output);
      return output;
    } catch (error) {
      log.end(null);
      throw error;
    }
  },
};

/** The file that defines the network. */
function modelPath({ folder }: Project): string {
  const own = join(folder, 'model.ts');
  return existsSync(own) ? own : join(folder, 'project.ts');
}
