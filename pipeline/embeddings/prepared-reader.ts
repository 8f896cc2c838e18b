import type { BlobStore, PreparedIndex, PrepareOutput } from '../../platform/schemas/index.ts';
import { type PreparedData, readIndex, readPrepared } from '../prepare/index.ts';

/** Reads prepared data for several who ask one after another: each once, and keeps it as long as it is kept itself. */
export interface PreparedReader {
  readonly store: BlobStore;
  /**
   * Reads examples with their values; null where the store lacks part of them.
   *
   * @throws MainstemError STORE_CORRUPT, JSON_INVALID
   */
  data(output: PrepareOutput): Promise<PreparedData | null>;
  /**
   * Reads examples without their values, unless they have been read with them.
   *
   * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
   */
  index(output: PrepareOutput): Promise<PreparedIndex>;
}

/** Creates a reader of what is prepared in a store. */
export function createPreparedReader(store: BlobStore): PreparedReader {
  const whole = new Map<string, Promise<PreparedData | null>>();
  const indices = new Map<string, Promise<PreparedIndex>>();
  return {
    store,
    data: (output) => remember(whole, output, () => readIfThere(store, output)),
    index: async (output) =>
      (await whole.get(output.index.digest))?.index ??
      remember(indices, output, () => readIndex(store, output)),
  };
}

function remember<Value>(
  known: Map<string, Promise<Value>>,
  { index }: PrepareOutput,
  read: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(index.digest) ?? read();
  known.set(index.digest, value);
  return value;
}

async function readIfThere(store: BlobStore, output: PrepareOutput): Promise<PreparedData | null> {
  const parts = [output.index, ...output.shards];
  const found = await Promise.all(parts.map(({ digest }) => store.has(digest)));
  return found.every(Boolean) ? readPrepared(store, output) : null;
}
