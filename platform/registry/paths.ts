import { join } from 'node:path';
import { modelsFolder } from '../lib/layout.ts';

/** Pointers of versions that are tried beside production: a canary answers some requests, a shadow computes them unseen. */
export const trialChannels = ['canary', 'shadow'] as const;
export type TrialChannel = (typeof trialChannels)[number];

/** The name of a pointer: `production` serves the public, `staging` a rehearsal. */
export type Channel = 'production' | 'staging' | TrialChannel;

/** Whether a pointer is about a version that is tried beside production. */
export function isTrial(channel: Channel): channel is TrialChannel {
  return channel === 'canary' || channel === 'shadow';
}

/**
 * Path of a model's pointer, relative to the repository.
 *
 * @example pointerPath('pumpkins', 'production') // 'models/pumpkins/production.json'
 */
export function pointerPath(name: string, channel: Channel): string {
  return join(modelsFolder, name, `${channel}.json`);
}

/**
 * Path of a run's record, relative to the repository.
 *
 * @example recordPath('pumpkins', '3f2a9c41d07b') // 'models/pumpkins/records/3f2a9c41d07b.json'
 */
export function recordPath(name: string, run: string): string {
  return join(modelsFolder, name, 'records', `${run}.json`);
}

/**
 * Path of the note that a run was measured on held-back examples, relative to the repository.
 *
 * @example lookPath('pumpkins', '3f2a9c41d07b') // 'models/pumpkins/held-back/3f2a9c41d07b.json'
 */
export function lookPath(name: string, run: string): string {
  return join(modelsFolder, name, 'held-back', `${run}.json`);
}

/**
 * Whether a path, relative to the repository, lies among a model's records.
 *
 * @example isRecordPath('models/pumpkins/records/3f2a9c41d07b.json') // true
 */
export function isRecordPath(path: string): boolean {
  const [folder, , records] = path.split('/');
  return folder === modelsFolder && records === 'records';
}

/**
 * Whether a path, relative to the repository, lies among a model's looks at held-back examples.
 *
 * @example isLookPath('models/pumpkins/held-back/3f2a9c41d07b.json') // true
 */
export function isLookPath(path: string): boolean {
  const [folder, , looks] = path.split('/');
  return folder === modelsFolder && looks === 'held-back';
}
