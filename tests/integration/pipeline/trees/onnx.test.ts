import { describe, expect } from 'vitest';
import { openSession } from '../../../../pipeline/onnx/index.ts';
import { exportTrees } from '../../../../pipeline/package/onnx/export-trees.ts';
import {
  loadTrees,
  predictTrees,
  saveTrees,
  type TreeColumn,
  type TreeRows,
  type Trees,
} from '../../../../pipeline/trees/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { boostMixed, mixedColumns, mixedRow, mixedRows } from '../../../fixtures/trees.ts';
import { test } from '../../../helpers/folder.ts';

const colours: readonly TreeColumn[] = [{ name: 'colour', categories: 40 }];

/** Rows of one column of 40 categories, every third of which is of the second class. */
function colourRows(rows: number, seed: string): TreeRows {
  const random = createRandom(seed);
  const codes = Float32Array.from({ length: rows }, () => random.int(40));
  const column = codes.map((code) => (random.next() < 0.1 ? Number.NaN : code));
  const targets = Float64Array.from(codes, (code) => (code % 3 === 0 ? 1 : 0));
  return { columns: [column], targets };
}

/** What TypeScript and ONNX Runtime say of the same random rows, in batches as the server runs them. */
async function compare(trees: Trees, row: (random: ReturnType<typeof createRandom>) => number[]) {
  const random = createRandom('parity');
  const count = 500;
  const all = Float32Array.from(Array.from({ length: count }, () => row(random)).flat());
  const width = trees.columns.length;
  const expected = predictTrees(trees, [...Array(count).keys()], (target, [place = 0]) =>
    target.set(all.subarray(place * width, (place + 1) * width)),
  );
  await using session = await openSession(exportTrees(trees, {}), [width]);
  return {
    expected,
    found: await session.run(all, count),
    one: await session.run(all.slice(0, width), 1),
  };
}

describe('ONNX Runtime gives the bits that TypeScript gives, missing values included:', () => {
  test.for([0, 2, 3])('%i classes', async (classes) => {
    const { forest } = await boostMixed(classes, { trees: 150 });
    const trees = { forest, columns: mixedColumns, classes };
    const { expected, found, one } = await compare(trees, (random) => [...mixedRow(random)]);
    expect(found.output).toEqual(expected.output);
    expect(found.embedding).toEqual(expected.embedding);
    expect(expected.embeddingSize).toBe(2);
    expect(one.output).toEqual(expected.output.slice(0, expected.outputs));
  });

  test('of a regression of logarithms, within a step of float32', async () => {
    const raw = mixedRows(600, 0);
    const training = { ...raw, targets: raw.targets.map(Math.exp) };
    const labelScale = 'log' as const;
    const { forest, rounds } = await boostMixed(0, {}, { training, labelScale });
    const trees = { forest, columns: mixedColumns, classes: 0, labelScale };
    const { expected, found } = await compare(trees, (random) => [...mixedRow(random)]);
    expect(rounds.at(-1)?.training.metric).toBeLessThan(rounds[0]?.training.metric ?? 0);
    for (const [row, value] of found.output.entries()) {
      expect(value / (expected.output[row] ?? 0)).toBeCloseTo(1, 6);
    }
  });

  test('many categories and no number', async () => {
    const parts = { training: colourRows(2000, 'a'), validation: colourRows(300, 'b') };
    const { forest, rounds } = await boostMixed(2, {}, { ...parts, columns: colours });
    expect(rounds.at(-1)?.validation.metric).toBeGreaterThan(0.85);
    const trees = { forest, columns: colours, classes: 2 };
    const { expected, found } = await compare(trees, (random) => [
      random.next() < 0.1 ? Number.NaN : random.int(40),
    ]);
    expect(found.output).toEqual(expected.output);
    expect(found.embedding).toHaveLength(0);
  });

  test('trees of a single leaf', async () => {
    const { forest } = await boostMixed(3, { minimumRows: 600 });
    const trees = { forest, columns: mixedColumns, classes: 3 };
    const { expected, found } = await compare(trees, (random) => [...mixedRow(random)]);
    expect(found.output).toEqual(expected.output);
  });
});

test('trees come back from the store as they were', async ({ folder }) => {
  const store = openStore(folder);
  const { forest } = await boostMixed(3);
  const trees = { forest, columns: mixedColumns, classes: 3 };
  const saved = await saveTrees(store, trees);
  expect(await loadTrees(store, saved)).toEqual(trees);
  expect(exportTrees(await loadTrees(store, saved), {})).toEqual(exportTrees(trees, {}));
});
