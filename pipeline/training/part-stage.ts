import { existsSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import type { ModelKind } from '../../platform/schemas/define/index.ts';
import type { PartOutput } from '../../platform/schemas/index.ts';
// Types only: the engine's own code decides nothing about the losses.
import type { StageWork } from '../engine/index.ts';
import { readCheckpoint } from './checkpoint.ts';
import { checkpointPath } from './checkpoint-file.ts';
import type { TrainInputs } from './messages.ts';
import { runWorker } from './run-worker.ts';
import { trainStage } from './stage.ts';
import { readTreesCheckpoint } from './trees-checkpoint.ts';
import { trainTreesStage } from './trees-stage.ts';

/** The inputs of a part of a training: those of the whole, and how far to go. */
export interface PartInputs extends TrainInputs {
  /** Epochs, of trees rounds. */
  readonly epochs: number;
}

const kinds = {
  network: {
    whole: trainStage,
    program: `${import.meta.dirname}/worker.ts`,
    lossesBefore: async (scratch: string) =>
      (await readCheckpoint(scratch))?.epochs.map(({ validationLoss }) => validationLoss),
  },
  trees: {
    whole: trainTreesStage,
    program: `${import.meta.dirname}/trees-worker.ts`,
    lossesBefore: async (scratch: string) =>
      (await readTreesCheckpoint(scratch))?.rounds.map(({ validation }) => validation.loss),
  },
} as const satisfies Record<ModelKind, object>;

/** A process that has said how an epoch went has this long to write its checkpoint. */
const graceMs = 300;

/**
 * The first epochs of a training, to see whether the rest is worth its time. It is the training itself, stopped: learning
 * rates and random numbers are those of the whole, so that the losses are the first ones of its curve, bit for bit where
 * the backend is deterministic.
 *
 * @param checkpoint the file that the training is continued from, and leaves
 * @throws MainstemError TRAINING_*, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export function createPartStage(
  kind: ModelKind,
  checkpoint: string,
): StageWork<PartInputs, PartOutput> {
  const { whole, program, lossesBefore } = kinds[kind];
  return {
    entry: import.meta.filename,
    code: (project, backend) => [whole.entry, ...(whole.code?.(project, backend) ?? [])],
    parameters: whole.parameters,
    resources: whole.resources,
    async run({ workspace, store, project, scratch }, { epochs: most, ...inputs }, parameters) {
      if (!existsSync(checkpointPath(scratch)) && existsSync(checkpoint)) {
        await copyFile(checkpoint, checkpointPath(scratch));
      }
      const job = {
        ...{ project: project.definition.name, folder: project.folder, scratch },
        ...{ inputs, parameters },
      };
      const before = (await lossesBefore(scratch)) ?? [];
      const known = await trainUntil(most, before, (enough, onMessage) => {
        const signal = AbortSignal.any([workspace.signal, enough]);
        return runWorker(job, { program, store, onMessage, signal });
      });
      workspace.signal.throwIfAborted();
      await keepCheckpoint(checkpointPath(scratch), checkpoint);
      const losses = known.slice(0, most);
      if (losses.length === 0) {
        throw new MainstemError('TRAINING_FAILED', { reason: 'it ended before the first epoch' });
      }
      return { epochs: losses.length, loss: Math.min(...losses) };
    },
  };
}

type Train = (
  signal: AbortSignal,
  onMessage: Parameters<typeof runWorker>[1]['onMessage'],
) => Promise<unknown>;

/** Trains until the validation losses of so many epochs are known. @param before those that a checkpoint holds */
async function trainUntil(
  most: number,
  before: readonly number[],
  train: Train,
): Promise<number[]> {
  const losses = [...before];
  if (losses.length >= most) return losses;
  const enough = new AbortController();
  try {
    await train(enough.signal, (message) => {
      if (message.type !== 'epoch') return;
      losses.push(message.epoch.validationLoss);
      if (losses.length === most) setTimeout(() => enough.abort(), graceMs);
    });
  } catch (error) {
    // What comes after the last epoch that was asked for decides nothing, not even a failure.
    if (losses.length < most) throw error;
  }
  return losses;
}

async function keepCheckpoint(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  await makeFolder(dirname(to));
  await rename(from, to);
}
