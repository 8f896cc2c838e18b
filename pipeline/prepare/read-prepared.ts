import type { BlobStore, PreparedIndex, PrepareOutput } from '../../platform/schemas/index.ts';
import { scaleImage } from '../../platform/transforms/index.ts';
import { readIndex } from './read-index.ts';

/** A prepared dataset, in memory. Rows are numbered as in `index.rows`. */
export interface PreparedData {
  readonly index: PreparedIndex;
  /** Numbers in one row of network input: the product of `index.shape`. */
  readonly rowLength: number;
  /** Writes the network input of these rows, one after another, into `target`. */
  fill(target: Float32Array, rows: readonly number[]): void;
  /** The bytes of a row as stored in its shard: uint8 RGB, or float32 columns. Not a copy. */
  row(row: number): Uint8Array;
}

/**
 * Reads a prepared dataset: its index and, verified, every shard once.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function readPrepared(store: BlobStore, output: PrepareOutput): Promise<PreparedData> {
  const index = await readIndex(store, output);
  const rowLength = index.shape.reduce((product, side) => product * side, 1);
  const shards: Uint8Array[] = [];
  for (const { artefact } of index.shards) {
    shards.push(aligned(await store.get(artefact.digest)));
  }
  const row = createRow(index, shards);
  return { index, rowLength, row, fill: createFill(index, rowLength, row) };
}

/** Finds the bytes of a row. All shards but the last hold equally many. */
function createRow(
  { shards, dtype, shape }: PreparedIndex,
  bytes: readonly Uint8Array[],
): PreparedData['row'] {
  const inShard = Math.max(1, shards[0]?.rows ?? 1);
  const size = shape.reduce((product, side) => product * side, dtype === 'uint8' ? 1 : 4);
  return (row) => {
    const first = (row % inShard) * size;
    const found = bytes[Math.floor(row / inShard)]?.subarray(first, first + size);
    if (found?.length !== size) throw new RangeError(`There is no row ${row}`);
    return found;
  };
}

/** The network input of a row's bytes, written into `target` from `offset` on. */
function createFill(
  { dtype, preprocessing }: PreparedIndex,
  rowLength: number,
  row: PreparedData['row'],
): PreparedData['fill'] {
  const write = (bytes: Uint8Array, target: Float32Array, offset: number) =>
    dtype === 'uint8' && preprocessing.kind === 'image'
      ? scaleImage(bytes, preprocessing, target, offset)
      : target.set(floatsOf(bytes), offset);
  return (target, rows) => {
    for (const [position, number] of rows.entries()) {
      write(row(number), target, position * rowLength);
    }
  };
}

/** Bytes that float32 can be read from: copied where they do not begin at a multiple of 4. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
