import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TablePreprocessing } from '../../../../platform/schemas/index.ts';
import { findBlank, findUnknown, readRow } from '../../../../serving/inference/rows.ts';
import type { Row } from '../../../../serving/schemas.ts';

const category = (...values: string[]): TablePreprocessing => ({
  kind: 'table',
  columns: [{ name: 'flag', kind: 'category', values }],
});
const read = (table: TablePreprocessing, flag: string | number | boolean | null) =>
  readRow(table, { flag }, 0).flag;

test.each([
  ['True', 'False'],
  ['true', 'false'],
  ['TRUE', 'FALSE'],
])('true and false are read as the table writes them: %s, %s', (yes, no) => {
  const table = category(no, yes);
  for (const spelled of [true, 'true', 'True', 'TRUE']) expect(read(table, spelled)).toBe(yes);
  for (const spelled of [false, 'false', 'FALSE']) expect(read(table, spelled)).toBe(no);
});

test('true where the table has no such value is refused, with the name of the column', () => {
  expect(() => read(category('yes', 'no'), true)).toThrow('column "flag" is true');
  const table: TablePreprocessing = {
    kind: 'table',
    columns: [{ name: 'flag', kind: 'number', mean: 0, deviation: 1 }],
  };
  expect(() => read(table, true)).toThrow('column "flag" must be a number');
});

test('a JSON number is the category with that value, however the table writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.nat(3), (number, digits) => {
      const written = digits === 0 ? String(number) : number.toFixed(digits);
      expect(read(category('other', written), number)).toBe(written);
    }),
  );
});

test('a value that training never saw is kept as it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      fc.pre(!/^(true|false)$/i.test(text.trim()) && text.trim() !== '');
      expect(read(category('red'), text)).toBe(text);
    }),
  );
});

test.each(['\ud800', 'half \udc00', '\ufffd', 'a\0b'])(
  'text that no table can hold is refused: %j',
  (text) => {
    expect(() => read(category('red'), text)).toThrow('has a character that no table can hold');
  },
);

test('the columns with a category that training never saw are named, missing and known ones are not', () => {
  const table: TablePreprocessing = {
    kind: 'table',
    columns: [
      { name: 'sex', kind: 'category', values: ['female', 'male'] },
      { name: 'island', kind: 'category', values: ['1.0', '2.0'] },
      { name: 'mass', kind: 'number', mean: 0, deviation: 1 },
    ],
  };
  const unknown = (row: Row) => findUnknown(table, readRow(table, { mass: 1, ...row }, 0));
  expect(unknown({ sex: 'MALE', island: 3 })).toEqual(['sex', 'island']);
  expect(unknown({ sex: 1 })).toEqual(['sex']);
  for (const sex of ['male', ' male ', null, '']) expect(unknown({ sex, island: 2 })).toEqual([]);
  expect(unknown({})).toEqual([]);
});

test('the columns that a row says nothing of are named in the order of the model, whatever their kind', () => {
  const part = { mean: 0, deviation: 1 };
  const columns: TablePreprocessing['columns'] = [
    { name: 'mass', kind: 'number', ...part },
    { name: 'toString', kind: 'category', values: ['a', 'b'] },
    { name: 'born', kind: 'date', parts: [{ part: 'year', ...part }] },
    { name: 'ringed', kind: 'boolean' },
  ];
  const table: TablePreprocessing = { kind: 'table', columns };
  const known: Row = { mass: 1, toString: 'a', born: '2026-01-31', ringed: true };
  const names = columns.map(({ name }) => name);
  fc.assert(
    fc.property(
      fc.subarray(names, { maxLength: names.length - 1 }),
      fc.constantFrom('absent', null, ''),
      (gaps, as) => {
        const entries = Object.entries(known).flatMap(([name, value]): [string, Row[string]][] => {
          if (!gaps.includes(name)) return [[name, value]];
          return as === 'absent' ? [] : [[name, as]];
        });
        const row = readRow(table, Object.fromEntries(entries), 0);
        expect(findBlank(table, row)).toEqual(gaps);
      },
    ),
  );
  // To the model a category that it does not know is a gap, too.
  expect(findBlank(table, readRow(table, { ...known, toString: 'c' }, 0))).toEqual(['toString']);
});

test('a name of any length is not repeated whole', () => {
  const name = 'x'.repeat(1_000_000);
  try {
    readRow(category('red'), { [name]: 1 }, 0);
    expect.unreachable();
  } catch (error) {
    expect(String(error).length).toBeLessThan(300);
  }
});
