import { type Static, Type } from 'typebox';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { parseJson } from '../../platform/lib/json.ts';
import type { Artefact, BlobStore } from '../../platform/schemas/index.ts';
import type { Forest } from './forest.ts';
import type { Trees } from './trees.ts';

/** Trees in the store. */
export interface SavedTrees {
  readonly topology: Artefact;
  readonly weights: Artefact;
  /** How many numbers the leaves add. */
  readonly weightCount: number;
}

/** The arrays of a forest in the order in which they are stored: 4 bytes a number, little endian. */
const intNames = ['roots', 'columns', 'left', 'right', 'missingLeft', 'memberSets'] as const;
const floatNames = ['thresholds', 'values', 'gains'] as const;
const arrayNames = [...intNames, ...floatNames, 'members'] as const;

/** The JSON behind `TrainOutput.topology` of trees. */
const Topology = Type.Object({
  version: Type.Literal(1),
  kind: Type.Literal('trees'),
  classes: Type.Integer(),
  columns: Type.Array(
    Type.Object({
      name: Type.String(),
      categories: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
  /** What each output begins with. */
  base: Type.Array(Type.Number()),
  /** How many numbers each array holds, in the order in which they are stored. */
  lengths: Type.Array(Type.Integer()),
});

/** Stores trees: what their numbers mean as canonical JSON, and their nodes. */
export async function saveTrees(store: BlobStore, trees: Trees): Promise<SavedTrees> {
  const { forest, columns, classes } = trees;
  const arrays = arrayNames.map((name) => forest[name]);
  const topology: Static<typeof Topology> = {
    ...{ version: 1, kind: 'trees', classes },
    columns: columns.map(({ name, categories }) => ({ name, categories })),
    base: [...forest.base],
    lengths: arrays.map(({ length }) => length),
  };
  const bytes = Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
  return {
    topology: await store.put(
      new TextEncoder().encode(canonicalJson(topology)),
      'application/json',
    ),
    weights: await store.put(bytes, 'application/octet-stream'),
    weightCount: forest.columns.filter((column) => column < 0).length,
  };
}

/** Loads trees that {@link saveTrees} stored. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function loadTrees(
  store: BlobStore,
  saved: Pick<SavedTrees, 'topology' | 'weights'> & Pick<Trees, 'labelScale'>,
): Promise<Trees> {
  const text = new TextDecoder().decode(await store.get(saved.topology.digest));
  const topology = parseJson(text, Topology, saved.topology.digest);
  const { columns, classes } = topology;
  const { labelScale } = saved;
  return {
    forest: readForest(await store.get(saved.weights.digest), topology),
    ...{ columns, classes },
    ...(labelScale && { labelScale }),
  };
}

function readForest(bytes: Uint8Array, { base, lengths }: Static<typeof Topology>): Forest {
  // A copy, because the store's bytes may begin anywhere.
  const { buffer } = Uint8Array.from(bytes);
  const begins = arrayNames.map((_, index) => {
    return 4 * lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
  });
  const placeOf = (name: (typeof arrayNames)[number]) => {
    const index = arrayNames.indexOf(name);
    return [buffer, begins[index] ?? 0, lengths[index] ?? 0] as const;
  };
  const ints = (name: (typeof intNames)[number]) => new Int32Array(...placeOf(name));
  const floats = (name: (typeof floatNames)[number]) => new Float32Array(...placeOf(name));
  return {
    ...{ outputs: base.length, base: Float32Array.from(base) },
    ...{ roots: ints('roots'), columns: ints('columns'), left: ints('left'), right: ints('right') },
    ...{ missingLeft: ints('missingLeft'), memberSets: ints('memberSets') },
    ...{ thresholds: floats('thresholds'), values: floats('values'), gains: floats('gains') },
    members: new Uint32Array(...placeOf('members')),
  };
}
