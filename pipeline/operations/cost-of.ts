import { type ModelRecord, type RunCost, stageNames } from '../../platform/schemas/index.ts';
import type { Store } from '../../platform/storage/index.ts';

/**
 * What a run's stages cost to compute, from their records in the store. A model's own record does not hold it: what is
 * measured differs each time.
 *
 * @returns null if the store has none of the records, for example because the run was made elsewhere
 */
export async function costOf(
  store: Pick<Store, 'readRecord'>,
  { stages }: Pick<ModelRecord, 'stages'>,
): Promise<RunCost | null> {
  const found: RunCost['stages'] = [];
  for (const stage of stageNames) {
    const key = stages[stage];
    const record = key && (await store.readRecord(key));
    if (!record) continue;
    const { seconds, spent = { processorSeconds: null, joules: null } } = record;
    found.push({ stage, seconds, ...spent });
  }
  return found.length === 0 ? null : { version: 1, stages: found };
}
