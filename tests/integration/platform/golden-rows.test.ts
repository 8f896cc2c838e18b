import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../platform/lib/csv.ts';
import type { TableDefinition } from '../../../platform/schemas/define/index.ts';
import {
  encodeRow,
  fitTable,
  openColumns,
  type TrainingTargets,
  targetFolds,
} from '../../../platform/transforms/index.ts';
import { encodeRows, readRow } from '../../../serving/inference/rows.ts';
import type { Row } from '../../../serving/schemas.ts';
import { tableOf } from '../../helpers/table.ts';

const table: TableDefinition = {
  label: 'kind',
  features: {
    mass: { kind: 'number', missing: 0.5 },
    colour: { kind: 'category', missing: 0.5 },
  },
};
const training = [
  { mass: '1', colour: 'red' },
  { mass: '3', colour: 'green' },
];
const fitted = fitTable(training, table);
/** As trees take them: green is 0 and red is 1. */
const codes = fitTable(training, table, 'codes');

/** Rows as a table and as a request may hold them, and what the network must see of each. */
const goldenRows: readonly [csv: string, request: Row, number[]][] = [
  ['2,red', { mass: 2, colour: 'red' }, [0, 0, 1]],
  [' 2 , red ', { mass: ' 2 ', colour: ' red ' }, [0, 0, 1]],
  ['"3","green"', { mass: '3', colour: 'green' }, [1, 1, 0]],
  ['3.0,green', { mass: 3.0, colour: 'green' }, [1, 1, 0]],
  ['3e0,green', { mass: '3e0', colour: 'green' }, [1, 1, 0]],
  ['-1,green', { mass: -1, colour: 'green' }, [-3, 1, 0]],
  [',green', { colour: 'green' }, [0, 1, 0]],
  ['NA,green', { mass: null, colour: 'green' }, [0, 1, 0]],
  ['?,green', { mass: '?', colour: 'green' }, [0, 1, 0]],
  ['5,', { mass: 5, colour: '' }, [3, 0, 0]],
  ['5,blue', { mass: 5, colour: 'blue' }, [3, 0, 0]],
  ['1e30,red', { mass: 1e30, colour: 'red' }, [Math.fround(1e30), 0, 1]],
  ['-3e38,red', { mass: -3e38, colour: 'red' }, [Math.fround(-3e38), 0, 1]],
];

describe('training and serving see the same numbers of a row', () => {
  test.for(goldenRows)('%s', ([csv, request, expected]) => {
    const { rows } = parseCsv(Buffer.from(`mass,colour\r\n${csv}\n`), 'rows.csv');
    const [row = {}] = rows;
    expect([...encodeRow(fitted, row)]).toEqual(expected);
    expect([...encodeRows([readRow(fitted, row, 0)], fitted)]).toEqual(expected);
    expect([...encodeRows([readRow(fitted, request, 0)], fitted)]).toEqual(expected);
  });

  test.for(goldenRows)('as codes: %s', ([csv, request, expected]) => {
    const [row = {}] = parseCsv(Buffer.from(`mass,colour\r\n${csv}\n`), 'rows.csv').rows;
    const [mass = 0, green, red] = expected;
    const isMissing = Object.is(Number(request.mass ?? Number.NaN), Number.NaN);
    const colour = green === 1 ? 0 : red === 1 ? 1 : Number.NaN;
    const wanted = [isMissing ? Number.NaN : mass, colour];
    expect([...encodeRow(codes, row)]).toEqual(wanted);
    expect([...encodeRows([readRow(codes, row, 0)], codes)]).toEqual(wanted);
    expect([...encodeRows([readRow(codes, request, 0)], codes)]).toEqual(wanted);
  });

  test('whatever the row, what serving takes is finite and what training saw', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const colour = fc.constantFrom('red', 'green', 'blue', '');
    fc.assert(
      fc.property(number, colour, (mass, name) => {
        const request = { mass, colour: name };
        const { rows } = parseCsv(Buffer.from(`mass,colour\n${mass},${name}\n`), 'rows.csv');
        const encode = () => {
          return [...encodeRows([readRow(fitted, request, 0)], fitted)];
        };
        if (Math.abs(mass) > 3.4028234663852886e38) expect(encode).toThrow('is too large');
        else {
          expect(encode().every(Number.isFinite)).toBe(true);
          expect(encode()).toEqual([...encodeRow(fitted, rows[0] ?? {})]);
        }
      }),
    );
  });
});

describe('a date is the same numbers in training and serving', () => {
  const dated: TableDefinition = {
    label: 'kind',
    features: { day: { kind: 'date', missing: 0.5 } },
  };
  const days = [{ day: '2024-02-29' }, { day: '2026-12-31' }];
  // Year, month, weekday and day; of each the mean, and half the distance.
  const expected: readonly [cell: string, ...number[]][] = [
    ['2024-02-29', -1, -1, 0, -1],
    ['2026-12-31', 1, 1, 0, 1],
    ['2026-12-31T23:59:59Z', 1, 1, 0, 1],
    ['2026-12-30 10:00', 1, 1, -1, 1 - 2 / 1036],
  ];

  test.for(expected)('%s', ([cell, ...numbers]) => {
    for (const encoding of [undefined, 'codes'] as const) {
      const fitted = fitTable(days, dated, encoding);
      const columns = openColumns(
        tableOf([{ day: cell, kind: '' }]),
        Object.entries(dated.features),
      );
      const wanted = numbers.map((one) => expect.closeTo(one, 5));
      expect([...encodeRow(fitted, { day: cell })]).toEqual(wanted);
      expect([...encodeRows([readRow(fitted, { day: cell }, 0)], fitted)]).toEqual(wanted);
      expect([...columns.encode([0], fitted)]).toEqual(wanted);
    }
  });

  test('a gap is the mean, or for trees missing; what is no date is refused', () => {
    const network = fitTable(days, dated);
    const trees = fitTable(days, dated, 'codes');
    expect([...encodeRow(network, { day: 'NA' })]).toEqual([0, 0, 0, 0]);
    expect([...encodeRow(trees, { day: '' })]).toEqual(Array(4).fill(Number.NaN));
    for (const cell of ['03/04/2026', '2026-02-30', 'soon']) {
      expect(() => encodeRow(network, { day: cell })).toThrow(cell);
      expect(() => readRow(network, { day: cell }, 0)).toThrow('must be a date such as 2026-01-31');
    }
  });
});

describe('a boolean is the same number in training and serving', () => {
  const features: TableDefinition['features'] = { open: { kind: 'boolean', missing: 0.5 } };
  const definition = { ...table, features };
  const network = fitTable([{ open: 'yes' }, { open: 'no' }], definition);
  const trees = fitTable([{ open: 'yes' }, { open: 'no' }], definition, 'codes');
  const spelled: readonly [csv: string, request: Row[string], network: number, trees: number][] = [
    ['yes', 'yes', 1, 1],
    ['True', true, 1, 1],
    [' ON ', 'on', 1, 1],
    ['1', 1, 1, 1],
    ['1.0', 1.0, 1, 1],
    ['y', 'Y', 1, 1],
    ['No', 'NO', -1, 0],
    ['false', false, -1, 0],
    ['0', 0, -1, 0],
    ['f', 'off', -1, 0],
    ['NA', null, 0, Number.NaN],
    ['', '?', 0, Number.NaN],
  ];

  test.for(spelled)('%s', ([csv, request, ofNetwork, ofTrees]) => {
    const columns = openColumns(tableOf([{ open: csv, kind: '' }]), Object.entries(features));
    for (const [fitted, wanted] of [
      [network, [ofNetwork]],
      [trees, [ofTrees]],
    ] as const) {
      expect([...encodeRow(fitted, { open: csv })]).toEqual(wanted);
      expect([...columns.encode([0], fitted)]).toEqual(wanted);
      if (Number.isNaN(ofTrees)) continue;
      expect([...encodeRows([readRow(fitted, { open: request }, 0)], fitted)]).toEqual(wanted);
      expect([...encodeRows([readRow(fitted, { open: csv }, 0)], fitted)]).toEqual(wanted);
    }
  });

  test('what says neither is refused', () => {
    for (const cell of ['perhaps', '2', '-1', 'yess']) {
      const columns = openColumns(tableOf([{ open: cell, kind: '' }]), Object.entries(features));
      expect(columns.findUnreadable([0])).toBe(0);
      expect(() => encodeRow(network, { open: cell })).toThrow(cell);
      expect(() => readRow(network, { open: cell }, 0)).toThrow('must be true or false');
    }
  });
});

describe('a category that is encoded by the label', () => {
  const features: TableDefinition['features'] = {
    store: { kind: 'category', missing: 0.5, encoding: 'target' },
    mass: { kind: 'number', missing: 0.5 },
  };
  const definition = { ...table, features };
  const cell = fc.record({
    store: fc.constantFrom('north', 'south', 'east', 'west', ''),
    mass: fc.integer({ min: 0, max: 9 }).map(String),
    label: fc.integer({ min: 0, max: 2 }),
  });
  const targetsOf = (labels: readonly number[], parts: number): TrainingTargets => ({
    parts: Array.from({ length: parts }, (_, part) => ({
      values: labels.map((label) => (parts === 1 ? label : Number(label === part))),
    })),
    folds: labels.map((_, row) => row % targetFolds),
  });
  const encodings = fc.constantFrom(undefined, 'codes' as const);

  test('is the same numbers row by row, column by column and in serving', () => {
    const rowsOf = fc.array(cell, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rowsOf, encodings, fc.constantFrom(1, 3), (cells, encoding, parts) => {
        const rows = cells.map(({ label: _, ...row }) => row);
        const targets = targetsOf(
          cells.map(({ label }) => label),
          parts,
        );
        const columns = openColumns(tableOf(rows), Object.entries(features));
        const numbers = [...rows.keys()];
        const fitted = columns.fit(numbers, encoding, targets);
        expect(fitted).toEqual(fitTable(rows, definition, encoding, targets));
        const byRow = rows.flatMap((row) => [...encodeRow(fitted, row)]);
        expect([...columns.encode(numbers, fitted)]).toEqual(byRow);
        const served = rows.map((row, at) => readRow(fitted, row, at));
        expect([...encodeRows(served, fitted)]).toEqual(byRow);
        expect(byRow.every((value) => encoding || Number.isFinite(value))).toBe(true);
      }),
    );
  });

  test('gives a training row nothing of its own label, nor of those in its fold', () => {
    const rowsOf = fc.array(cell, { minLength: 10, maxLength: 30 });
    fc.assert(
      fc.property(rowsOf, fc.nat(targetFolds - 1), (cells, fold) => {
        const rows = cells.map(({ label: _, ...row }) => row);
        const labels = cells.map(({ label }) => label);
        const changed = labels.map((label, row) => (row % targetFolds === fold ? 7 : label));
        const columns = openColumns(tableOf(rows), Object.entries(features));
        const numbers = [...rows.keys()];
        const fitted = columns.fit(numbers, undefined, targetsOf(labels, 1));
        const encode = (some: readonly number[]) =>
          columns.encodeTraining(numbers, fitted, targetsOf(some, 1));
        const [before, after] = [encode(labels), encode(changed)];
        for (const row of numbers.filter((at) => at % targetFolds === fold)) {
          expect(after[2 * row]).toBe(before[2 * row]);
          expect(after[2 * row + 1]).toBe(before[2 * row + 1]);
        }
      }),
    );
  });

  test('is the prior where training never saw the value, or nothing tells values apart', () => {
    const rows = Array.from({ length: 40 }, (_, at) => ({
      store: at % 2 ? 'north' : 'south',
      mass: '1',
    }));
    const values = rows.map(({ store }, at) => (store === 'north' ? 10 : 0) + (at % 4 < 2 ? 1 : 0));
    const parts = [{ values }];
    const folds = rows.map((_, at) => Math.floor(at / 4) % targetFolds);
    const network = fitTable(rows, definition, undefined, { parts, folds });
    const [column] = network.columns;
    if (column?.kind !== 'category' || !column.target) throw new Error('not by target');
    expect(column.values).toEqual(['north', 'south']);
    expect(column.target.parts[0]?.prior).toBe(5.5);
    const [[north = 0] = [], [south = 0] = []] = column.target.means;
    expect(north).toBeGreaterThan(10);
    expect(north).toBeLessThan(10.5);
    expect(south).toBeGreaterThan(0.5);
    const [middle = 0] = encodeRow(network, { store: 'west', mass: 1 });
    const { mean = 0, deviation = 1 } = column.target.parts[0] ?? {};
    expect(middle).toBeCloseTo((5.5 - mean) / deviation, 5);
    expect(encodeRow(network, { mass: 1 })[0]).toBe(middle);
    const trees = fitTable(rows, definition, 'codes', { parts, folds });
    expect(encodeRow(trees, { store: 'west' })[0]).toBe(middle);
    expect(encodeRow(trees, { mass: 1 })[0]).toBeNaN();

    const even = rows.map((_, at) => (at % 4 < 2 ? 1 : 0));
    const alike = fitTable(rows, definition, undefined, { parts: [{ values: even }], folds });
    expect(alike.columns[0]).toMatchObject({ target: { means: [[0.5], [0.5]] } });
  });
});

test('numbers far out hardly move a column that is scaled robustly, and are drawn in', () => {
  const features: TableDefinition['features'] = {
    mass: { kind: 'number', missing: 0.5, scaling: 'robust' },
    still: { kind: 'number', missing: 0.5, scaling: 'robust' },
  };
  const cells = [0, 1, 2, 3, 4, 5, 6, 7, 1e6];
  const rows = cells.map((mass) => ({ mass: String(mass), still: mass > 6 ? '1' : '0' }));
  const definition = { ...table, features };
  for (const encoding of [undefined, 'codes'] as const) {
    const fitted = fitTable(rows, definition, encoding);
    // Most of the second are equal: it has no range, and is scaled like any other.
    expect(fitted.columns).toMatchObject([{ mean: 4, scaling: 'robust' }, { mean: 2 / 9 }]);
    const columns = openColumns(tableOf(rows), Object.entries(features));
    expect(columns.fit([...rows.keys()], encoding)).toEqual(fitted);
    const masses = rows.map(({ mass }) => {
      const [value = 0] = encodeRows([readRow(fitted, { mass }, 0)], fitted);
      return value;
    });
    const byColumn = columns.encode([...rows.keys()], fitted);
    expect(masses).toEqual([...byColumn.filter((_, at) => at % 2 === 0)]);
    expect(masses[4]).toBe(0);
    expect(masses[6]).toBeCloseTo(Math.asinh(2 / (4 / 1.349)), 3);
    expect(masses[8]).toBeLessThan(15);
  }
});

test('a gap in a column that indicates gaps is a 1 after its numbers, for networks only', () => {
  const features: TableDefinition['features'] = {
    mass: { kind: 'number', missing: 0.5, indicateGaps: true },
    age: { kind: 'number', missing: 0.5, indicateGaps: true },
    day: { kind: 'date', missing: 0.5, indicateGaps: true },
  };
  const rows = [
    { mass: '1', age: '1', day: '2024-02-29' },
    { mass: 'NA', age: '3', day: '' },
    { mass: '3', age: '5', day: '2026-12-31' },
  ];
  const network = fitTable(rows, { ...table, features });
  const encoded = (row: Row) => [...encodeRows([readRow(network, row, 0)], network)];
  // No age is missing in training, so there is nothing to learn of its gaps.
  expect(encoded({ mass: 3, age: 3, day: '2024-02-29' })).toEqual([1, 0, 0, -1, -1, 0, -1, 0]);
  expect(encoded({ mass: '?', age: 3, day: null })).toEqual([0, 1, 0, 0, 0, 0, 0, 1]);
  expect(encoded({ age: 3 })).toEqual([0, 1, 0, 0, 0, 0, 0, 1]);
  const trees = fitTable(rows, { ...table, features }, 'codes');
  expect([...encodeRow(trees, { age: 3 })]).toEqual([Number.NaN, 0, ...Array(4).fill(Number.NaN)]);
});

test('a table that is encoded column by column gives the numbers of its rows', () => {
  const cell = fc.oneof(fc.double().map(String), fc.constantFrom('', 'NA', '12', '-1.50', '1e3'));
  const row = fc.record({
    mass: cell.filter((text) => !text.includes('NaN') && Math.abs(Number(text) || 0) < 1e30),
    colour: fc.constantFrom('red', 'green', 'blue', '', 'é "q"'),
    open: fc.constantFrom('yes', 'No', '1', '0', 'true', 'n/a', ''),
    day: fc.constantFrom('2024-02-29', '2026-12-31', ''),
  });
  const features: TableDefinition['features'] = {
    ...table.features,
    mass: { kind: 'number', missing: 0.5, indicateGaps: true, scaling: 'robust' },
    day: { kind: 'date', missing: 0.5, indicateGaps: true },
    open: { kind: 'boolean', missing: 0.5, indicateGaps: true },
  };
  const rowsOf = fc.array(row, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rowsOf, fc.constantFrom(undefined, 'codes' as const), (rows, encoding) => {
      const columns = openColumns(tableOf(rows), Object.entries(features));
      const numbers = [...rows.keys()];
      const fittedRows = fitTable(rows, { ...table, features }, encoding);
      expect(columns.findUnreadable(numbers)).toBeUndefined();
      expect(columns.fit(numbers, encoding)).toEqual(fittedRows);
      const expected = rows.flatMap((one) => [...encodeRow(fittedRows, one)]);
      expect([...columns.encode(numbers, fittedRows)]).toEqual(expected);
    }),
  );
});
