/*
 * The process that boosts trees: receives a job and its data from the stage through the process's message channel, trains,
 * and sends back the curves and the saved trees. Writes nothing but the checkpoint in the job's scratch folder.
 * Started by trees-stage.ts, never by hand.
 */
import { evenly } from '../../platform/lib/evenly.ts';
import type { Epoch, SplitName, TrainOutput } from '../../platform/schemas/index.ts';
import { readPrepared } from '../prepare/index.ts';
import {
  type Boosted,
  type BoostProgress,
  boost,
  columnsOf,
  importanceOf,
  type Round,
  readTreeRows,
  saveTrees,
} from '../trees/index.ts';
import type { TrainJob } from './messages.ts';
import { serveJob, type TrainingProcess } from './serve-job.ts';
import { splitRows } from './split-rows.ts';
import { readTreesCheckpoint, writeTreesCheckpoint } from './trees-checkpoint.ts';
import type { TrainTreesParameters } from './trees-parameters.ts';

serveJob<TrainTreesParameters>(train);

/** The record keeps at most so many points of the curves. */
const mostPoints = 200;

async function train(
  { inputs, parameters, scratch }: TrainJob<TrainTreesParameters>,
  { store, send }: TrainingProcess,
): Promise<TrainOutput> {
  const data = await readPrepared(store, inputs.prepared);
  const columns = columnsOf(data.index.preprocessing);
  const classes = inputs.task === 'tabular-regression' ? [] : inputs.classes;
  const rows = (split: SplitName) => readTreeRows(data, splitRows(data, split), classes);
  const training = rows('train');
  const resume = (await readTreesCheckpoint(scratch)) ?? undefined;
  send({
    ...{ type: 'begin', rows: training.targets.length },
    resumedAfter: resume?.rounds.length ?? 0,
  });
  const keep = createKeeper(scratch);
  const { model, ...others } = parameters;
  let began = performance.now();
  const boosted = await boost({
    ...{ columns, training, validation: rows('validation'), classes: classes.length },
    ...(inputs.labelScale && { labelScale: inputs.labelScale }),
    loss: classes.length > 0 ? 'log' : (model.loss ?? 'squared'),
    ...{ parameters: { ...others, ...model }, resume },
    async onRound(round, progress) {
      const seconds = (performance.now() - began) / 1000;
      send({ type: 'epoch', epoch: epochOf(round, parameters), seconds });
      // Messages leave this process only between two turns of its event loop.
      await new Promise((resolve) => setImmediate(resolve));
      await keep(progress);
      began = performance.now();
    },
  });
  const { forest, bestRound, stopped } = boosted;
  const saved = await saveTrees(store, { forest, columns, classes: classes.length });
  return {
    ...(inputs.labelScale && { labelScale: inputs.labelScale }),
    ...{ ...saved, kind: 'trees', backend: inputs.backend, bestEpoch: bestRound, stopped },
    epochs: curvesOf(boosted).map((round) => epochOf(round, parameters)),
    trainedRows: training.targets.length,
    importance: importanceOf(forest, columns),
  };
}

/** A checkpoint is written at most once a second, and takes at most a twentieth of the time. */
function createKeeper(scratch: string): (progress: BoostProgress) => Promise<void> {
  let next = 0;
  return async (progress) => {
    const began = performance.now();
    if (began < next) return;
    await writeTreesCheckpoint(scratch, progress);
    const ended = performance.now();
    next = ended + Math.max(1000, 20 * (ended - began));
  };
}

function curvesOf({ rounds, bestRound }: Boosted): Round[] {
  const last = rounds.length - 1;
  const kept = new Set([...evenly([...rounds.keys()], mostPoints - 2), bestRound - 1, last]);
  return rounds.filter((_, index) => kept.has(index));
}

function epochOf(
  { round, training, validation }: Round,
  { learningRate }: TrainTreesParameters,
): Epoch {
  return {
    ...{ epoch: round, learningRate },
    ...{ trainLoss: training.loss, trainMetric: training.metric },
    ...{ validationLoss: validation.loss, validationMetric: validation.metric },
  };
}
