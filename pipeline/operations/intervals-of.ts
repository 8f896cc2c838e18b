import type { BlobStore, MetricInterval, ModelRecord } from '../../platform/schemas/index.ts';
import { measureCertainty, readPredictions } from '../evaluation/index.ts';

/**
 * The 95 % intervals of a model's metrics, by its answers to the test split: those that its report says.
 *
 * @returns null if the store has no answers of it, for example because the run was made elsewhere
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function intervalsOf(
  store: BlobStore,
  record: ModelRecord,
): Promise<readonly MetricInterval[] | null> {
  const { predictions } = record.evaluation;
  if (!(await store.has(predictions.digest))) return null;
  return measureCertainty(await readPredictions(store, predictions), record).intervals;
}
