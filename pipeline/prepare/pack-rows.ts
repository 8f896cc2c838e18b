import { inLanes } from '../../platform/lib/in-lanes.ts';
import { mostThreads } from '../../platform/lib/threads.ts';
import type { Example, PreparedIndex } from '../../platform/schemas/index.ts';
import type { StageContext } from '../engine/index.ts';

const shardBytes = 32 * 1024 * 1024;

/** How many rows a shard of at most 32 MiB holds, at least one. */
function rowsPerShard(rowBytes: number): number {
  return Math.max(1, Math.floor(shardBytes / Math.max(1, rowBytes)));
}

/** Each core decodes one while another is read. */
const inFlight = 2 * mostThreads;

/** How rows are encoded. */
export interface Packing {
  /** Size of a row in bytes. */
  readonly rowBytes: number;
  readonly encode: (example: Example) => Promise<Uint8Array>;
  /** Called after each row. */
  readonly advance: () => void;
}

/** Encodes the examples in their order into shards of at most 32 MiB (but at least one row) in the store. */
export async function packRows(
  { store, workspace }: Pick<StageContext, 'store' | 'workspace'>,
  examples: readonly Example[],
  { rowBytes, encode, advance }: Packing,
): Promise<PreparedIndex['shards']> {
  const inShard = rowsPerShard(rowBytes);
  const shards: PreparedIndex['shards'] = [];
  for (let first = 0; first < examples.length; first += inShard) {
    const part = examples.slice(first, first + inShard);
    const bytes = new Uint8Array(part.length * rowBytes);
    await inLanes(part, inFlight, async (example, position) => {
      workspace.signal.throwIfAborted();
      bytes.set(await encode(example), position * rowBytes);
      advance();
    });
    shards.push({ artefact: await store.put(bytes), rows: part.length });
  }
  return shards;
}

/**
 * Puts items in their order into the same shards, each encoded at once.
 *
 * @param encode the bytes of the rows of some items, one after another
 */
export async function packShards<Item>(
  { store, workspace }: Pick<StageContext, 'store' | 'workspace'>,
  items: readonly Item[],
  rowBytes: number,
  encode: (items: readonly Item[]) => Uint8Array,
): Promise<PreparedIndex['shards']> {
  const inShard = rowsPerShard(rowBytes);
  const shards: PreparedIndex['shards'] = [];
  for (let first = 0; first < items.length; first += inShard) {
    workspace.signal.throwIfAborted();
    const part = items.slice(first, first + inShard);
    shards.push({ artefact: await store.put(encode(part)), rows: part.length });
  }
  return shards;
}
