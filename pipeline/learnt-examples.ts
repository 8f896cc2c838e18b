import type { Digest } from '../platform/lib/hash.ts';
import type { BlobStore, ModelRecord, SplitName } from '../platform/schemas/index.ts';
import { readIndex } from './prepare/index.ts';

/** The examples that a model has seen, by digest. */
export interface LearntExamples {
  readonly trained: ReadonlySet<Digest>;
  /** Those that it was trained or validated on: it must not be judged on them. */
  readonly all: ReadonlySet<Digest>;
}

/**
 * The examples that a model has seen, wherever a later version of the data puts them.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function readLearntExamples(
  store: BlobStore,
  model: ModelRecord,
): Promise<LearntExamples> {
  const { rows } = await readIndex(store, model.prepared);
  const digestsOf = (...splits: SplitName[]) =>
    new Set(rows.filter(({ split }) => splits.includes(split)).map(({ digest }) => digest));
  return { trained: digestsOf('train'), all: digestsOf('train', 'validation') };
}
