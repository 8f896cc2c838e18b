import { join } from 'node:path';
import { exists } from '../lib/files.ts';
import type { ModelRecord } from '../schemas/index.ts';
import { recordPath } from './paths.ts';
import { loadRecord } from './read.ts';

/**
 * The record that counts for a run: the one in the working tree if there is one, otherwise the given one. The first
 * writer wins, so that training the same run again changes nothing, not even on a backend whose bits differ each time.
 *
 * @throws MainstemError MODEL_RECORD_CHANGED, JSON_INVALID
 */
export async function settledRecord(root: string, candidate: ModelRecord): Promise<ModelRecord> {
  const { model, run } = candidate;
  return (await exists(join(root, recordPath(model, run))))
    ? loadRecord(root, model, run)
    : candidate;
}
