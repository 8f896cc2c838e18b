import { parseJson } from '../../platform/lib/json.ts';
import { type BlobStore, PreparedIndex, type PrepareOutput } from '../../platform/schemas/index.ts';

/** Reads the index of a prepared dataset. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function readIndex(store: BlobStore, output: PrepareOutput): Promise<PreparedIndex> {
  const text = new TextDecoder().decode(await store.get(output.index.digest));
  return parseJson(text, PreparedIndex, `the prepared index ${output.index.digest}`);
}
