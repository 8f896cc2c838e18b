import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { exists } from '../lib/files.ts';
import type { Waiter } from '../lib/turn.ts';
import type { ModelPointer, ModelRecord } from '../schemas/index.ts';
import { pointersDiffer, readPointers, uncommittedPointer } from './committed.ts';
import { describeTraffic } from './describe-traffic.ts';
import { pointerPath, type TrialChannel, trialChannels } from './paths.ts';
import { readPointer } from './read.ts';
import { applyTreeChange, withRepositoryTurn } from './write.ts';

/** A version that is tried beside production. */
export interface Trial {
  readonly channel: TrialChannel;
  readonly pointer: ModelPointer;
}

/**
 * The versions of a model that the working tree tries beside production.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE
 * @example (await readTrials(root, 'pumpkins'))[0]?.pointer.traffic // { share: 0.1 }
 */
export async function readTrials(root: string, model: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const channel of trialChannels) {
    const pointer = await readPointer(root, model, channel);
    if (pointer) trials.push({ channel, pointer });
  }
  return trials;
}

/** One line for each version that is tried: who gets it. */
export async function describeTrials(root: string, model: string): Promise<string[]> {
  return (await readTrials(root, model)).map(
    ({ channel, pointer: { run, traffic } }) =>
      `${channel} ${run}: ${describeTraffic(channel, traffic).toLowerCase()}.`,
  );
}

/** What a promotion removes: pointers that try the run which is in production from then on. Path → null. */
export async function endedTrials(
  root: string,
  { model, run }: Pick<ModelRecord, 'model' | 'run'>,
): Promise<Record<string, null>> {
  const ended = (await readTrials(root, model)).filter(({ pointer }) => pointer.run === run);
  return Object.fromEntries(ended.map(({ channel }) => [pointerPath(model, channel), null]));
}

/** Which trial is ended. */
export interface TrialEnd extends Waiter {
  readonly model: string;
  readonly channel: TrialChannel;
  /** False leaves the change in the working tree. */
  readonly commit: boolean;
}

/** What ending a trial did. */
export interface EndedTrial {
  /** The run that is tried no longer. */
  readonly run: string;
  /** Null if only the working tree was changed. */
  readonly commit: string | null;
}

/**
 * Ends a trial: every request goes to production again. Its record stays.
 *
 * @throws MainstemError TRIAL_NONE, MODEL_POINTER_UNCOMMITTED, GIT_*
 * @example (await endTrial({ root, model: 'pumpkins', channel: 'canary', commit: true })).run // '8d11c02e5a90'
 */
export async function endTrial(request: TrialEnd): Promise<EndedTrial> {
  const { root, model, channel, commit } = request;
  return withRepositoryTurn(request, async () => {
    const path = pointerPath(model, channel);
    const pointers = await readPointers(root, model, channel);
    const pointer = pointers.committed ?? (commit ? null : pointers.tree);
    if (!pointer || !(await exists(join(root, path))))
      throw new MainstemError('TRIAL_NONE', { model, channel, path });
    if (commit && pointersDiffer(pointers))
      throw uncommittedPointer(model, channel, pointers, 'it changed');
    const message = commit ? `End the ${channel} of ${model} ${pointer.run}` : null;
    const change = { files: { [path]: null }, include: [], message };
    return { run: pointer.run, commit: await applyTreeChange(root, change) };
  });
}
