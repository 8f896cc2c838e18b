import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { TrainOutput } from '../../platform/schemas/index.ts';
import type { StageContext } from '../engine/index.ts';
import { createTrainingLog } from './log.ts';
import type { TrainInputs } from './messages.ts';
import { runWorker } from './run-worker.ts';

/** How a network is trained. */
export interface Training<Parameters> {
  /** Path of the program that the training process runs. */
  readonly program: string;
  readonly inputs: TrainInputs;
  readonly parameters: Parameters;
  /** Most epochs that may run. */
  readonly epochs: number;
}

/**
 * Trains a network in a separate process and says how it goes.
 *
 * @throws MainstemError TRAINING_*, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export async function trainInProcess<Parameters>(
  { workspace, store, project, scratch, threads }: StageContext,
  { program, inputs, parameters, epochs }: Training<Parameters>,
): Promise<TrainOutput> {
  const { reporter, signal } = workspace;
  reporter.info(`Training on ${inputs.backend.name}: ${inputs.backend.reason}`);
  const log = createTrainingLog(reporter, {
    epochs,
    unit: inputs.task === 'image-classification' ? 'images' : 'rows',
    metric: inputs.task === 'tabular-regression' ? 'error' : 'accuracy',
    ...{ step: 'epoch', kept: 'weights' },
  });
  const { folder, definition } = project;
  const job = { project: definition.name, folder, scratch, inputs, parameters };
  try {
    const output = await runWorker(job, {
      ...{ program, store, signal, threads },
      onMessage: log.onMessage,
    });
    log.end(output);
    return output;
  } catch (error) {
    log.end(null);
    throw error;
  }
}

/** The file that defines a project's network. */
export function modelPath({ folder }: Project): string {
  const own = join(folder, 'model.ts');
  return existsSync(own) ? own : join(folder, 'project.ts');
}
