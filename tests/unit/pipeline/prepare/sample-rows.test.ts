import { expect } from 'vitest';
import { encodeIndex } from '../../../../pipeline/prepare/index-file.ts';
import { sampleRows } from '../../../../pipeline/prepare/sample-rows.ts';
import { canonicalJson } from '../../../../platform/lib/canonical-json.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import type { PreparedIndex } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { test } from '../../../helpers/folder.ts';

/** Ten rows in shards of four: row n holds the numbers n and −n; every second row is of the validation split. */
async function prepare(folder: string, encode: (index: PreparedIndex) => Uint8Array) {
  const store = openStore(folder);
  const rows = Array.from({ length: 10 }, (_, at) => ({
    ...{ id: `row ${at}`, digest: digestJson(at), label: String(at) },
    ...{ split: at % 2 ? ('validation' as const) : ('test' as const) },
    metadata: { note: '"split":"validation"}' },
  }));
  const shards = [];
  for (const part of [rows.slice(0, 4), rows.slice(4, 8), rows.slice(8)]) {
    const numbers = Float32Array.from(part.flatMap(({ label }) => [Number(label), -label]));
    const artefact = await store.put(new Uint8Array(numbers.buffer));
    shards.push({ artefact, rows: part.length });
  }
  const index: PreparedIndex = {
    ...{ version: 1, dtype: 'float32', shape: [2], classes: [], rows, shards },
    preprocessing: { kind: 'table', columns: [] },
  };
  const output = { index: await store.put(encode(index)), shards: [], rows: rows.length };
  return { store, output };
}

test.for([
  ['this version', encodeIndex],
  ['an earlier one', (index: PreparedIndex) => Buffer.from(canonicalJson(index))],
] as const)(
  'rows are drawn from one split with their numbers: %s',
  async ([, encode], { folder }) => {
    const { store, output } = await prepare(folder, encode);
    const draw = (most: number) =>
      sampleRows(store, output, { split: 'validation', most, random: createRandom(1) });
    const { rows, values, shape } = await draw(3);
    expect(rows).toHaveLength(3);
    expect(rows.every(({ split }) => split === 'validation')).toBe(true);
    expect([...values]).toEqual(rows.flatMap(({ label }) => [Number(label), -label]));
    expect(shape).toEqual([2]);
    expect(await draw(3)).toEqual({ rows, values, shape });
    expect((await draw(100)).rows.map(({ label }) => label).sort()).toEqual([
      '1',
      '3',
      '5',
      '7',
      '9',
    ]);
  },
);
