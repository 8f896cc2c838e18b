import { expect, test } from 'vitest';
import { compareWithout } from '../../../../pipeline/evaluation/ranking/compare-without.ts';
import {
  type RankedTable,
  rankColumns,
} from '../../../../pipeline/evaluation/ranking/rank-columns.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import type { Prediction } from '../../../../platform/schemas/index.ts';

const rows = 300;

/** A table of numbers, and a model of which a test says what it loses in a row; a column may take several numbers. */
function tableOf(
  widths: Readonly<Record<string, number>>,
  lossOf: (row: Float32Array, truth: Float32Array) => number,
): RankedTable {
  const columns = Object.entries(widths).map(([name, width]) => ({ name, width }));
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const random = createRandom('table');
  const values = Float32Array.from({ length: rows * width }, () => random.normal());
  const rowOf = (of: Float32Array, row: number) => of.subarray(row * width, (row + 1) * width);
  return {
    ...{ task: 'tabular-regression', values, rows, columns },
    lossesOf: async (some) =>
      Array.from({ length: rows }, (_, row) => lossOf(rowOf(some, row), rowOf(values, row))),
  };
}

const wrong = (value: number | undefined, truth: number | undefined) =>
  Math.abs((value ?? 0) - (truth ?? 0));

test('columns are ranked by what the model loses without them, with intervals', async () => {
  const table = tableOf({ noise: 1, much: 1, little: 1 }, (row, truth) => {
    return 1 + 3 * wrong(row[1], truth[1]) + wrong(row[2], truth[2]) / 10;
  });
  const { columns, weak, proposed, loss, metric, examples } = await rankColumns(table);
  expect({ metric, loss, examples }).toEqual({ metric: 'mae', loss: 1, examples: rows });
  expect(columns.map(({ column }) => column)).toEqual(['much', 'little', 'noise']);
  // Two draws of a normal distribution are 2/√π apart on average.
  expect(columns[0]?.growth).toBeCloseTo((3 * 2) / Math.sqrt(Math.PI), 0);
  expect(columns[1]?.low).toBeGreaterThan(0);
  expect(columns[2]).toMatchObject({ growth: 0, low: 0, high: 0 });
  expect([weak?.columns, proposed?.columns]).toEqual([['noise'], ['noise']]);
});

test('all numbers of a column move together', async () => {
  // The model is right as long as both numbers of the category fit together, whichever row they are from.
  const apart = tableOf({ category: 2, other: 1 }, (row) => wrong(row[0], row[1]));
  const { columns } = await rankColumns(apart);
  expect(columns.find(({ column }) => column === 'category')?.growth).toBeCloseTo(0, 10);
});

test('columns that stand in for each other are not all proposed', async () => {
  const table = tableOf({ needed: 1, left: 1, right: 1, noise: 1 }, (row, truth) => {
    const twins = Math.min(wrong(row[1], truth[1]), wrong(row[2], truth[2]));
    return 1 + wrong(row[0], truth[0]) + twins;
  });
  const { weak, proposed } = await rankColumns(table);
  expect(weak?.columns.toSorted()).toEqual(['left', 'noise', 'right']);
  expect(weak?.low).toBeGreaterThan(0);
  expect(proposed?.columns).toHaveLength(2);
  expect(proposed?.columns).toContain('noise');
  expect(proposed?.growth).toBeCloseTo(0, 10);
});

test('a model that uses no column keeps one', async () => {
  const { weak } = await rankColumns(tableOf({ a: 1, b: 1 }, () => 1));
  expect(weak?.columns).toEqual(['b']);
});

test('the ranking is the same each time', async () => {
  const table = tableOf({ a: 1, b: 1 }, (row, truth) => wrong(row[0], truth[0]));
  expect(await rankColumns(table)).toEqual(await rankColumns(table));
});

/** Estimates of 100 validation rows that are off by noise of this size. */
function estimatesOff(noise: number): Prediction[] {
  const random = createRandom(`off by ${noise}`);
  return Array.from({ length: 100 }, (_, index) => {
    const value = noise * random.normal();
    const id = `row ${index}`;
    return {
      ...{ id, digest: digestJson(id), dataset: 'rows', split: 'validation', label: '0', score: 1 },
      ...{ predicted: String(value), probabilities: [value], accepted: true },
    };
  });
}

test('what training without a column costs is measured on the same rows, with the noise of seeds', () => {
  const of = { columns: ['x'], task: 'tabular-regression', classes: [] } as const;
  const models = { whole: estimatesOff(1), without: estimatesOff(2) };
  const sure = compareWithout({ ...of, ...models, seedDeviation: 0 });
  expect(sure.low).toBeGreaterThan(0);
  const unsure = compareWithout({ ...of, ...models, seedDeviation: 1 });
  expect(unsure.growth).toBe(sure.growth);
  expect(unsure.low).toBeLessThan(0);
  expect(unsure.high - unsure.growth).toBeCloseTo(Math.hypot(sure.high - sure.growth, 2.77), 1);
});
