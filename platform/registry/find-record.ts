import { MainstemError } from '../lib/errors.ts';
import type { ModelRecord } from '../schemas/index.ts';
import { findRun } from './find.ts';
import type { Channel } from './paths.ts';
import { loadPromoted, loadRecord } from './read.ts';

/**
 * The record of a model's run, or of what it has in a channel.
 *
 * @param run its first digits, at least four; left out, what the channel names
 * @throws MainstemError MODEL_NOT_PROMOTED, MODEL_RUN_UNKNOWN, MODEL_RECORD_…
 * @example (await findRecord(root, 'pumpkins', '3f2a')).run // '3f2a9c41d07b'
 */
export async function findRecord(
  root: string,
  model: string,
  run: string | undefined,
  channel: Channel = 'production',
): Promise<ModelRecord> {
  if (run !== undefined) return loadRecord(root, model, (await findRun(root, run, model)).run);
  const promoted = await loadPromoted(root, model, channel);
  if (promoted) return promoted.record;
  throw new MainstemError('MODEL_NOT_PROMOTED', { model });
}
