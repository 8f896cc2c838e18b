import { parseValue } from '../../platform/lib/json.ts';
import { decodeLines } from '../../platform/lib/json-lines.ts';
import { parseJsonText } from '../../platform/lib/json-text.ts';
import type { Random } from '../../platform/lib/random.ts';
import {
  type BlobStore,
  PreparedIndex,
  PreparedRow,
  type PrepareOutput,
  type SplitName,
} from '../../platform/schemas/index.ts';
import { decodeIndex } from './index-file.ts';

/** Some rows of a prepared table, as its model takes them. */
export interface SampledRows {
  readonly rows: readonly PreparedRow[];
  /** Row after row. */
  readonly values: Float32Array;
  /** Shape of one row. */
  readonly shape: readonly number[];
}

/** Which rows are drawn. */
export interface Sample {
  readonly split: SplitName;
  readonly most: number;
  readonly random: Random;
}

/** A row that may be drawn, and where it stands. */
interface Place {
  readonly at: number;
  readonly read: () => PreparedRow;
}

/**
 * Draws rows of one split from a prepared table. Only the drawn ones are read: of a million rows the index alone would take
 * most of a minute.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function sampleRows(
  store: BlobStore,
  output: PrepareOutput,
  { split, most, random }: Sample,
): Promise<SampledRows> {
  const bytes = await store.get(output.index.digest);
  const { head, places } = placesOf(bytes, split, `the prepared index ${output.index.digest}`);
  const drawn = random.shuffle(places).slice(0, most);
  const width = head.shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(drawn.length * width);
  let first = 0;
  for (const { artefact, rows } of head.shards) {
    const own = drawn.map(({ at }) => at - first);
    first += rows;
    if (!own.some((at) => at >= 0 && at < rows)) continue;
    const shard = floatsOf(await store.get(artefact.digest));
    for (const [place, at] of own.entries()) {
      if (at < 0 || at >= rows) continue;
      values.set(shard.subarray(at * width, (at + 1) * width), place * width);
    }
  }
  return { rows: drawn.map(({ read }) => read()), values, shape: head.shape };
}

function placesOf(
  bytes: Uint8Array,
  split: SplitName,
  what: string,
): { head: PreparedIndex; places: Place[] } {
  const [first = '', ...lines] = decodeLines(bytes);
  if (lines.length === 0) return placesOfWhole(decodeIndex(bytes, what), split);
  const head = parseValue({ ...Object(parseJsonText(first, what)), rows: [] }, PreparedIndex, what);
  // The split is written last.
  const end = `"split":${JSON.stringify(split)}}`;
  const places = lines.flatMap((line, at) => {
    const place = `${what}, row ${at + 1}`;
    const read = () => parseValue(parseJsonText(line, place), PreparedRow, place);
    return line.endsWith(end) ? [{ at, read }] : [];
  });
  return { head, places };
}

/** Of an index that an earlier version wrote. */
function placesOfWhole(head: PreparedIndex, split: SplitName): ReturnType<typeof placesOf> {
  const places = head.rows.flatMap((row, at) =>
    row.split === split ? [{ at, read: () => row }] : [],
  );
  return { head, places };
}

/** Float32 can be read only from where a multiple of 4 bytes lies before it. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
