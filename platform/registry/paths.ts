import { join } from 'node:path';
import { modelsFolder } from '../lib/layout.ts';

/** A pointer's name: what serves the public, and what serves the rehearsal. */
export type Channel = 'production' | 'staging';

/** Path of a model's pointer, relative to the repository. */
export function pointerPath(name: string, channel: Channel): string {
  return join(modelsFolder, name, `${channel}.json`);
}

/** Path of a run's record, relative to the repository. */
export function recordPath(name: string, run: string): string {
  return join(modelsFolder, name, 'records', `${run}.json`);
}
