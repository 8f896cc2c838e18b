import type { BlobStore, PreparedIndex, PrepareOutput } from '../../platform/schemas/index.ts';
import { decodeIndex } from './index-file.ts';

/** Reads the index of a prepared dataset. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function readIndex(store: BlobStore, output: PrepareOutput): Promise<PreparedIndex> {
  const bytes = await store.get(output.index.digest);
  return decodeIndex(bytes, `the prepared index ${output.index.digest}`);
}
