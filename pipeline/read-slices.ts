import type { BlobStore, PrepareOutput } from '../platform/schemas/index.ts';
import type { SlicedColumns } from './evaluation/index.ts';
import { readIndex } from './prepare/index.ts';

/**
 * What a model's test examples have in the columns by which a project slices them; undefined without any.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function readSlices(
  store: BlobStore,
  prepared: PrepareOutput,
  columns: readonly string[],
): Promise<SlicedColumns | undefined> {
  if (columns.length === 0) return undefined;
  const { rows } = await readIndex(store, prepared);
  const test = rows.filter(({ split }) => split === 'test');
  return { columns, metadata: new Map(test.map(({ id, metadata }) => [id, metadata])) };
}
