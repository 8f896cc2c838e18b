import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '../../../../../platform/lib/csv.ts';
import { missingWords } from '../../../../../platform/lib/missing-words.ts';
import { parseTable } from '../../../../../platform/lib/parse-table.ts';
import { digestRows } from '../../../../../platform/storage/lock/digest-rows.ts';
import { digestRow, nameRows } from '../../../../../platform/storage/lock/row-identity.ts';

const cell = fc.oneof(
  fc.constantFrom(
    ...missingWords,
    'NA',
    'Null',
    'un\u212anown',
    '1.0',
    '1.',
    '.5',
    '-1.50',
    '+3.00',
  ),
  fc.constantFrom('1.0.0', '-', '+', '007', '1e5', 'a\r\nb', 'a\tb', '\u007f', 'naïve', '"'),
  fc.string({ unit: 'grapheme' }),
  fc.double().map(String),
);
const names = fc.constantFrom(
  ['b', 'a'],
  ['index', 'x'],
  ['É', '"q"'],
  ['__proto__', '2'],
  ['Row No', 'kind'],
);

function write(columns: readonly string[], rows: readonly (readonly string[])[]): Buffer {
  const quoted = (cells: readonly string[]) =>
    cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(',');
  return Buffer.from([columns, ...rows].map((cells) => `${quoted(cells)}\n`).join(''));
}

test('each digest is that of the row as an object', () => {
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1 });
  fc.assert(
    fc.property(names, rows, (columns, cells) => {
      const kept = cells.filter((row) => row.every((one) => !/[\0\ufffd]/.test(one)));
      const bytes = write(columns, kept);
      const expected = parseCsv(bytes, 'x.csv').rows.map(digestRow);
      const named = nameRows(digestRows(parseTable(bytes, 'x.csv')));
      const found = named.toSorted((a, b) => a.row - b.row).map(({ digest }) => digest);
      expect(found).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('equal rows are numbered, and all are sorted by their names', () => {
  const rows = Array.from({ length: 12 }, () => ['1', '2']);
  const named = nameRows(digestRows(parseTable(write(['a', 'b'], [...rows, ['3', '4']]), 'x.csv')));
  expect(named.map(({ id }) => id)).toEqual(named.map(({ id }) => id).sort());
  expect(new Set(named.map(({ id }) => id)).size).toBe(13);
  expect(named.filter(({ id }) => id.endsWith('-12'))).toMatchObject([{ row: 11 }]);
});
