import { describe, expect } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import type { ProjectInput } from '../../../../platform/schemas/define/index.ts';
import { test } from '../../../helpers/folder.ts';
import { datasetAt, found, type Given, plant, validate } from './dataset.ts';

const table: ProjectInput['table'] = {
  label: 'kind',
  features: {
    weight: { kind: 'number', range: [0, 100] },
    colour: { kind: 'category', values: ['green', 'orange'] },
  },
};

const fruit: Given = {
  task: 'tabular-classification',
  data: datasetAt('fruit.csv'),
  table,
  classes: ['melon', 'pumpkin'],
  split: { seed: 1, fractions: [0.6, 0.2, 0.2] },
};

type Cells = Record<'kind' | 'weight' | 'colour', string>;

/** 100 rows of two kinds, none twice. */
function cleanRows(): Cells[] {
  const random = createRandom(1);
  return Array.from({ length: 100 }, (_, index) => ({
    kind: index % 2 ? 'melon' : 'pumpkin',
    weight: (index + random.next() / 2).toFixed(3),
    colour: random.pick(['green', 'orange']),
  }));
}

function csv(rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((name) => row[name]).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}

async function validateRows(
  folder: string,
  rows: readonly Readonly<Record<string, string>>[],
  changes: Partial<ProjectInput> = {},
) {
  await plant(folder, 'fruit.csv', csv(rows));
  return validate(folder, { ...fruit, ...changes });
}

test('a clean table gives no findings', async ({ folder }) => {
  expect(await validateRows(folder, cleanRows())).toEqual([]);
});

describe('a share that holds nothing back', () => {
  const split = { seed: 1, fractions: [0.6, 0.2, 0.2] } satisfies Given['split'];
  const holding = (heldBack: number) => ({ split: { ...split, heldBack } });
  const findingOf = (findings: Awaited<ReturnType<typeof validate>>, code: string) =>
    findings.find((one) => one.code === code);

  test('is refused by lock, with the smallest one that works', async ({ folder }) => {
    const error = await validateRows(folder, cleanRows(), holding(0.0001)).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'HELD_BACK_EMPTY' });
    const [, smallest] = /an example of each class is (0\.\d+)\./.exec(error.message) ?? [];
    const findings = await validateRows(folder, cleanRows(), holding(Number(smallest)));
    expect(findingOf(findings, 'HELD_BACK_NOTHING')).toBeUndefined();
    expect(findingOf(findings, 'HELD_BACK_CLASS')).toBeUndefined();
  });

  test('is an error of validation where the lock is older', async ({ folder }) => {
    await plant(folder, 'fruit.csv', csv(cleanRows()));
    const given = { ...fruit, ...holding(0.3) };
    const findings = await validate(folder, given, { heldBack: 0.0001 });
    expect(findingOf(findings, 'HELD_BACK_NOTHING')).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('The smallest share that holds back an example of each'),
    });
  });

  test('of one class is a warning that names the class and its share', async ({ folder }) => {
    const shares = Array.from({ length: 60 }, (_, at) => (at + 1) / 200);
    for (const share of shares) {
      const findings = await validateRows(folder, cleanRows(), holding(share)).catch(() => []);
      const found = findingOf(findings, 'HELD_BACK_CLASS');
      if (!found) continue;
      expect(found.severity).toBe('warning');
      expect(found.examples[0]).toMatch(/^(melon|pumpkin): from 0\.\d+ on$/);
      return;
    }
    throw new Error('with no share only one class was held back');
  });

  test('of numbers over time is refused, too', async ({ folder }) => {
    const rows = cleanRows().map((row, at) => ({
      ...row,
      year: String(1000 + Math.floor(at / 20)),
    }));
    const time = { by: 'time', time: 'year' } as const;
    const error = await validateRows(folder, rows, {
      split: { ...split, ...time, heldBack: 0.05 },
    }).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'HELD_BACK_EMPTY' });
    expect(error.message).toContain('each class is 0.1.');
  });
});

describe('one defect in a clean table is found', () => {
  const cases: [finding: string, place: string, change: (rows: Cells[]) => object[]][] = [
    [
      'error COLUMN_TYPE',
      'row 3: "heavy"',
      (rows) => rows.with(2, { ...rowOf(rows), weight: 'heavy' }),
    ],
    ['error COLUMN_RANGE', 'row 3: 250', (rows) => rows.with(2, { ...rowOf(rows), weight: '250' })],
    [
      'error COLUMN_CATEGORY',
      'row 3: "blue"',
      (rows) => rows.with(2, { ...rowOf(rows), colour: 'blue' }),
    ],
    [
      'error COLUMN_GAPS',
      'row 1',
      (rows) => rows.map((row, at) => (at < 6 ? { ...row, colour: '' } : row)),
    ],
    [
      'warning COLUMN_CONSTANT',
      'colour',
      (rows) => rows.map((row) => ({ ...row, colour: 'green' })),
    ],
    ['info COLUMN_EXTRA', 'farm', (rows) => rows.map((row) => ({ ...row, farm: 'north' }))],
    ['error LABEL_MISSING', 'row 3', (rows) => rows.with(2, { ...rowOf(rows), kind: '' })],
    [
      'error LABEL_UNKNOWN',
      'row 3: "pear"',
      (rows) => rows.with(2, { ...rowOf(rows), kind: 'pear' }),
    ],
    ['warning ROW_DUPLICATE', 'row 3 = row 101', (rows) => [...rows, rowOf(rows)]],
    [
      'warning ROW_CONFLICT',
      'row 3 (pumpkin) ≠ row 101 (melon)',
      (rows) => [...rows, { ...rowOf(rows), kind: 'melon' }],
    ],
  ];
  test.for(cases)('%s at %s', async ([finding, place, change], { folder }) => {
    const findings = await validateRows(
      folder,
      change(cleanRows()).map((row) => ({ ...row })),
    );
    expect(found(findings)).toEqual([finding]);
    expect(findings[0]?.examples[0]).toBe(place);
  });
});

test('a missing feature column is an error that lists what is there', async ({ folder }) => {
  const findings = await validateRows(
    folder,
    cleanRows().map(({ kind, colour }) => ({ kind, colour })),
  );
  expect(found(findings)).toEqual([
    'error COLUMN_MISSING',
    // Without weights only two kinds of rows are left to be dealt.
    'error SPLIT_EMPTY',
    'warning ROW_DUPLICATE',
    'warning ROW_CONFLICT',
  ]);
  expect(findings[0]?.message).toBe('The table lacks weight; it has kind, colour.');
});

test('a missing value below the allowed share is not a finding', async ({ folder }) => {
  const rows = cleanRows().map((row, at) => (at < 5 ? { ...row, colour: '' } : row));
  expect(await validateRows(folder, rows)).toEqual([]);
});

test('columns that only slice or group are used columns', async ({ folder }) => {
  const rows = cleanRows().map((row, at) => ({ ...row, farm: `${at % 3}`, vine: `${at}` }));
  const split = { ...fruit.split, seed: 1, group: 'vine' };
  const slices = [{ column: 'farm' }];
  const codes = found(await validateRows(folder, rows, { split, slices }));
  expect(codes).not.toContain('info COLUMN_EXTRA');
});

test('a table without rows has empty splits', async ({ folder }) => {
  await plant(folder, 'fruit.csv', 'kind,weight,colour\n');
  expect(found(await validate(folder, fruit))).toContain('error SPLIT_EMPTY');
});

describe('regression', () => {
  const regression: Given = {
    task: 'tabular-regression',
    data: datasetAt('fruit.csv'),
    table: { label: 'weight', features: { colour: { kind: 'category' } } },
    classes: [],
    split: { seed: 1 },
  };

  test('asks for no classes, and finds nothing wrong with numbers', async ({ folder }) => {
    const rows = cleanRows().map(({ weight, colour }) => ({ weight, colour }));
    await plant(folder, 'fruit.csv', csv(rows));
    expect(await validate(folder, regression)).toEqual([]);
  });

  test('a target that is not a number is an error', async ({ folder }) => {
    const rows = cleanRows().map(({ weight, colour }) => ({ weight, colour }));
    rows[4] = { weight: 'heavy', colour: 'green' };
    await plant(folder, 'fruit.csv', csv(rows));
    const findings = await validate(folder, regression);
    expect(found(findings)).toEqual(['error LABEL_UNKNOWN']);
    expect(findings[0]?.message).toBe('1 label is not a number.');
  });
});

function rowOf(rows: readonly Cells[]): Cells {
  return rows[2] ?? { kind: '', weight: '', colour: '' };
}
