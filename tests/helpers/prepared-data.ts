import { encodeIndex, indexMediaType, packShards } from '../../pipeline/prepare/index.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import type {
  PreparedIndex,
  PreparedRow,
  PrepareOutput,
  SplitName,
} from '../../platform/schemas/index.ts';
import type { Store } from '../../platform/storage/index.ts';
import { stageContext } from './evaluation.ts';

/** An example with the numbers that a network takes, or a photo's pixels. */
export interface PreparedExample {
  readonly id: string;
  readonly label: string;
  readonly split: SplitName;
  readonly numbers: readonly number[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Stores examples as the stage "prepare" leaves them. */
export async function storePrepared(
  store: Store,
  root: string,
  examples: readonly PreparedExample[],
  preprocessing: PreparedIndex['preprocessing'],
  identify = (row: PreparedRow, _at: number): PreparedRow => row,
): Promise<PrepareOutput> {
  const photos = preprocessing.kind === 'image';
  const width = examples[0]?.numbers.length ?? 0;
  const encode = (some: readonly PreparedExample[]) => {
    const numbers = some.flatMap((one) => one.numbers);
    return photos ? Uint8Array.from(numbers) : new Uint8Array(Float32Array.from(numbers).buffer);
  };
  const rowBytes = photos ? width : 4 * width;
  const shards = await packShards(stageContext(store, root), examples, rowBytes, encode);
  const index: PreparedIndex = {
    ...{ version: 1, dtype: photos ? 'uint8' : 'float32', preprocessing, shards },
    shape: preprocessing.kind === 'image' ? [preprocessing.size, preprocessing.size, 3] : [width],
    classes: [...new Set(examples.map(({ label }) => label))].sort(),
    rows: examples.map((one, at) => identify(rowOf(one), at)),
  };
  return {
    index: await store.put(encodeIndex(index), indexMediaType),
    shards: shards.map(({ artefact }) => artefact),
    rows: examples.length,
  };
}

function rowOf({ id, label, split, metadata = {} }: PreparedExample): PreparedRow {
  return { id, label, split, metadata, digest: digestBytes(id) };
}

/** The preprocessing of a table of numbers that are taken as they are. */
export function numberColumns(...names: string[]): PreparedIndex['preprocessing'] {
  const columns = names.map((name) => ({ name, kind: 'number' as const, mean: 0, deviation: 1 }));
  return { kind: 'table', columns };
}
