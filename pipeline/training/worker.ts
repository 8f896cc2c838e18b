/*
 * The process that trains networks: receives a job and its data from the stage through the process's message channel, trains, and
 * sends back the curves and the saved model. Writes nothing but the checkpoint in the job's scratch folder.
 * Started by stage.ts, never by hand.
 */
import type { TrainOutput } from '../../platform/schemas/index.ts';
import { saveModel, startBackend } from '../backends/index.ts';
import { readPrepared } from '../prepare/index.ts';
import { createBatches, prefetchOf } from './batches.ts';
import { fitNetwork } from './fit-network.ts';
import { loadBuilder } from './load-builder.ts';
import type { TrainJob } from './messages.ts';
import { buildNetwork, unscaleOutput } from './network.ts';
import { objectiveOf } from './objective.ts';
import { readOutlierExposure } from './outlier-exposure.ts';
import type { TrainParameters } from './parameters.ts';
import { seedMathRandom } from './seed.ts';
import { serveJob, type TrainingProcess } from './serve-job.ts';

serveJob<TrainParameters>(train);

async function train(job: TrainJob, { store, send }: TrainingProcess): Promise<TrainOutput> {
  const { inputs, parameters, scratch } = job;
  await startBackend(inputs.backend);
  const data = await readPrepared(store, inputs.prepared);
  const batches = createBatches(data, parameters, prefetchOf(parameters));
  const objective = objectiveOf(inputs, data.index, parameters.classWeights);
  seedMathRandom(`${parameters.seed}/weights`);
  const network = buildNetwork({
    project: job.project,
    builder: await loadBuilder(job),
    inputShape: data.index.shape,
    outputs: objective.outputs,
    model: parameters.model,
  });
  const result = await fitNetwork({
    network,
    objective,
    batches,
    outlierExposure: await readOutlierExposure(store, inputs.outOfDistribution, parameters),
    parameters,
    scratch,
    onStart: (resumedAfter) => send({ type: 'begin', rows: batches.train.length, resumedAfter }),
    onRows: (rows) => send({ type: 'rows', rows }),
    onEpoch: (epoch, seconds) => send({ type: 'epoch', epoch, seconds }),
  });
  await unscaleOutput(network, objective.target);
  const saved = await saveModel(store, network);
  return {
    ...saved,
    ...result,
    ...(inputs.labelScale && { labelScale: inputs.labelScale }),
    ...(objective.classWeights && { classWeights: [...objective.classWeights] }),
    backend: inputs.backend,
    trainedRows: batches.train.length,
  };
}
