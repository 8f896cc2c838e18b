import type { Digest } from '../platform/lib/hash.ts';
import type { BlobStore, ModelRecord } from '../platform/schemas/index.ts';
import { readIndex } from './prepare/index.ts';

/**
 * The examples that a model was trained or validated on, by digest: it must not be judged on them, wherever a later
 * version of the data puts them.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function readLearntExamples(
  store: BlobStore,
  model: ModelRecord,
): Promise<ReadonlySet<Digest>> {
  const { rows } = await readIndex(store, model.prepared);
  return new Set(rows.filter(({ split }) => split !== 'test').map(({ digest }) => digest));
}
