import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { parseTable } from '../../../../platform/lib/parse-table.ts';

/** What a reader makes of bytes: columns and cells, or its error. */
function resultOf(read: () => { columns: readonly string[]; cells: string[][] }): unknown {
  try {
    return read();
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return { code: error.code, details: error.details };
  }
}

function cellsOf(bytes: Uint8Array) {
  const table = parseTable(bytes, 'data.csv');
  const { columns, rows } = table;
  const cells = Array.from({ length: rows }, (_, row) =>
    columns.map((_, place) => table.text(row, place)),
  );
  return { columns, cells };
}

function carefully(bytes: Uint8Array) {
  const { columns, rows } = parseCsv(bytes, 'data.csv');
  return { columns, cells: rows.map((row) => columns.map((name) => row[name] ?? '')) };
}

function compare(bytes: Uint8Array): void {
  expect(resultOf(() => cellsOf(bytes))).toEqual(resultOf(() => carefully(bytes)));
}

describe('a table is what the careful parser reads, with the same errors', () => {
  test('whatever the text', () => {
    const pieces = fc.constantFrom(
      ...['"', '""', ',', ',', '\n', '\r\n', '\r', 'a', 'é', '12.5', ' ', '\t', '\u00a0', '\ufeff'],
    );
    const text = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
    const start = fc.constantFrom('', 'a,b\n', '\ufeffa,b\n', 'a,b,c\r\n', '"a", b \n');
    fc.assert(
      fc.property(start, text, (first, rest) => compare(Buffer.from(first + rest))),
      { numRuns: 3000 },
    );
  });

  test('whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => compare(bytes)));
  });

  test('rows of equal length in any spelling', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((one) => `"${one.replaceAll('"', '""')}"`),
      fc.stringMatching(/^[ \t]?[^",\r\n]{0,30}[ \t]?$/),
      fc.constantFrom(' "a" ', '""', '"\u3000x"', '\u2003', '-0'),
    );
    const line = fc.tuple(cell, cell, cell, fc.constantFrom('\n', '\r\n', '\r', '\n\n'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const rows = lines.map(([a, b, c, end]) => `${a},${b},${c}${end}`);
        compare(Buffer.from(`a,b,c\n${rows.join('')}`));
      }),
    );
  });
});

describe('a column', () => {
  const words = fc.constantFrom('', 'a', 'b', ' a', '"a"', 'ab', '1', '1.0');

  test('numbers its values in the order in which they first stand there', () => {
    fc.assert(
      fc.property(fc.array(words), (cells) => {
        const table = parseTable(
          Buffer.from(`x,y\n${cells.map((one) => `${one},0\n`).join('')}`),
          'x',
        );
        const column = table.column('x');
        const expected = carefully(
          Buffer.from(`x,y\n${cells.map((one) => `${one},0\n`).join('')}`),
        );
        const texts = expected.cells.map(([text = '']) => text);
        const values = [...new Set(texts)];
        expect(Array.from(column?.codes ?? [], (code) => column?.text(code))).toEqual(texts);
        expect(Array.from(column?.counts ?? [], (_, code) => column?.text(code))).toEqual(values);
        expect([...(column?.counts ?? [])]).toEqual(
          values.map((value) => texts.filter((text) => text === value).length),
        );
      }),
    );
  });

  test('may have more values than fit into its first hash table', () => {
    const cells = Array.from({ length: 5000 }, (_, at) => String((at * 7) % 4001));
    const table = parseTable(Buffer.from(`x,y\n${cells.map((one) => `${one},0\n`).join('')}`), 'x');
    const column = table.column('x');
    expect(column?.counts.length).toBe(4001);
    expect(Array.from(column?.codes ?? [], (code) => column?.text(code))).toEqual(cells);
  });

  test('tells values apart by every byte and by their length, short or long', () => {
    const texts = Array.from({ length: 40 }, (_, length) => 'a'.repeat(length + 1)).flatMap(
      (text) => [
        text,
        ...Array.from(text, (_, at) => `${text.slice(0, at)}b${text.slice(at + 1)}`),
      ],
    );
    const lines = [...texts, ...texts.toReversed()].map((one) => `${one},0\n`);
    const column = parseTable(Buffer.from(`x,y\n${lines.join('')}`), 'x').column('x');
    expect(Array.from(column?.counts ?? [], (_, code) => column?.text(code))).toEqual(texts);
    expect(new Set(column?.counts)).toEqual(new Set([2]));
  });

  test('is undefined if there is none of this name', () => {
    expect(parseTable(Buffer.from('a,b\n1,2\n'), 'x').column('constructor')).toBeUndefined();
  });
});

test('a number of few digits is exactly what Number makes of it', () => {
  const digits = fc.tuple(
    fc.constantFrom('', '-', '+'),
    fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map(String),
    fc.nat({ max: 15 }),
  );
  fc.assert(
    fc.property(digits, ([sign, all, point]) => {
      const text = `${sign}${all.slice(0, point)}.${all.slice(point)}`;
      const found = parseTable(Buffer.from(`a,b\n${text},1\n`), 'x').decimal(0, 0);
      if (!Number.isNaN(found)) expect(Object.is(found, Number(text))).toBe(true);
    }),
  );
});

test('what is not such a number is none', () => {
  const texts = ['', '.', '-', '1e5', '1.2.3', '0x27', '1234567890123456', 'Infinity', '1,5'];
  const table = parseTable(Buffer.from(`a,b\n${texts.map((one) => `"${one}",1\n`).join('')}`), 'x');
  const found = texts.map((_, row) => table.decimal(row, 0));
  expect(found).toEqual(texts.map(() => Number.NaN));
});

test('a table beyond the limits is refused before anything is read', () => {
  const read = (limits: { bytes: number; rows: number }) => () =>
    parseTable(Buffer.from('a,b\n1,2\n3,4\n'), 'data.csv', limits);
  expect(read({ bytes: 12, rows: 2 })).not.toThrow();
  expect(read({ bytes: 11, rows: 2 })).toThrow('data.csv has 12 B; a table may have 11 B at most');
  expect(read({ bytes: 12, rows: 1 })).toThrow(
    'data.csv has 2 rows; a table may have 1 rows at most',
  );
});
