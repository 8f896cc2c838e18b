/*
 * The process that trains networks on a backbone and the backbone's last part with them. The new layers learn alone first, from
 * the features of the backbone as it is: with random weights on top, the first steps would spoil what the backbone knows
 * (Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", ICLR 2022). Then all
 * learn together. Writes nothing but checkpoints in the job's scratch folder. Started by tuned-stage.ts, never by hand.
 */
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../platform/lib/errors.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import type { BlobStore, TrainOutput } from '../../platform/schemas/index.ts';
import { tunedPart } from '../backbones/index.ts';
import { saveModel, startBackend } from '../backends/index.ts';
import { type PreparedData, readPrepared } from '../prepare/index.ts';
import { createBatches, prefetchOf } from './batches.ts';
import { bestLossOf } from './early-stopping.ts';
import { type FitResult, fitNetwork } from './fit-network.ts';
import { loadBuilder } from './load-builder.ts';
import type { TrainJob, TunedTrainInputs } from './messages.ts';
import { buildNetwork, copyWeights, restoreWeights } from './network.ts';
import { objectiveOf } from './objective.ts';
import { readOutlierExposure } from './outlier-exposure.ts';
import type { TrainParameters, TunedParameters } from './parameters.ts';
import { seedMathRandom } from './seed.ts';
import { serveJob, type TrainingProcess } from './serve-job.ts';
import { stackNetwork } from './stack-network.ts';

serveJob<TunedParameters, TunedTrainInputs>(train);

type Job = TrainJob<TunedParameters, TunedTrainInputs>;

async function train(job: Job, { store, send }: TrainingProcess): Promise<TrainOutput> {
  const { inputs, parameters, scratch } = job;
  await startBackend(inputs.backend);
  const features = await readPrepared(store, inputs.features);
  const { preprocessing } = features.index;
  const part = await tunedPart(store, inputs.backbone, { from: inputs.from, preprocessing });
  const objective = objectiveOf(inputs, features.index, parameters.classWeights);
  seedMathRandom(`${parameters.seed}/weights`);
  const head = buildNetwork({
    project: job.project,
    builder: await loadBuilder(job),
    inputShape: features.index.shape,
    outputs: objective.outputs,
    model: parameters.model,
  });
  const network = stack(part, head, job.project);
  const trainOn = fitter(objective, store, send);
  const alone = await trainOn(head, features, {
    ...{ parameters, scratch, outliers: inputs.featuresOutOfDistribution, before: 0 },
  });
  const data = await readPrepared(store, inputs.prepared);
  const start = await copyWeights(network);
  const together = await trainOn(network, data, {
    parameters: { ...parameters, ...parameters.fineTune },
    scratch: await makeFolder(join(scratch, 'tuned')).then(() => join(scratch, 'tuned')),
    outliers: inputs.outOfDistribution,
    before: alone.epochs.length,
  });
  const gained = bestLossOf(together.epochs) < bestLossOf(alone.epochs);
  if (!gained) restoreWeights(network, start);
  const saved = await saveModel(store, network);
  return {
    ...saved,
    epochs: [...alone.epochs, ...together.epochs],
    ...{ bestEpoch: (gained ? together : alone).bestEpoch, stopped: together.stopped },
    tuned: {
      ...{ start: part.start, layers: part.layers, headEpochs: alone.epochs.length },
      shape: [...data.index.shape],
    },
    ...(objective.classWeights && { classWeights: [...objective.classWeights] }),
    backend: inputs.backend,
    trainedRows: createBatches(data, parameters).train.length,
  };
}

/** @throws MainstemError TRAINING_MODEL_INVALID */
function stack(
  part: Parameters<typeof stackNetwork>[0],
  head: LayersModel,
  project: string,
): LayersModel {
  try {
    return stackNetwork(part, head);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MainstemError('TRAINING_MODEL_INVALID', { project, reason }, { cause });
  }
}

interface Phase {
  readonly parameters: TrainParameters;
  readonly scratch: string;
  readonly outliers: TunedTrainInputs['outOfDistribution'];
  /** Epochs of the phase before, from which these are numbered on. */
  readonly before: number;
}

function fitter(
  objective: ReturnType<typeof objectiveOf>,
  store: BlobStore,
  send: TrainingProcess['send'],
) {
  return async (network: LayersModel, data: PreparedData, phase: Phase): Promise<FitResult> => {
    const { parameters, scratch, outliers, before } = phase;
    const batches = createBatches(data, parameters, prefetchOf(parameters));
    const rows = batches.train.length;
    const numbered = <T extends { epoch: number }>(one: T): T => ({
      ...one,
      epoch: before + one.epoch,
    });
    const result = await fitNetwork({
      ...{ network, objective, batches, parameters, scratch },
      outlierExposure: await readOutlierExposure(store, outliers, parameters),
      onStart: (after) =>
        send({ type: 'begin', rows, resumedAfter: after === 0 ? 0 : before + after }),
      onRows: (done) => send({ type: 'rows', rows: done }),
      onEpoch: (epoch, seconds) => send({ type: 'epoch', epoch: numbered(epoch), seconds }),
    });
    return {
      ...{ ...result, epochs: result.epochs.map(numbered) },
      bestEpoch: before + result.bestEpoch,
    };
  };
}
