import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';

function read(text: string | Uint8Array) {
  return parseCsv(Buffer.from(text), 'data.csv');
}

/** What is wrong with a file and where: `line:column problem`. */
function faultOf(content: string | Uint8Array): string {
  try {
    read(content);
  } catch (error) {
    if (!isMainstemError(error, 'DATA_INVALID')) throw error;
    const { path, line, column, reason } = error.details;
    expect(path).toBe('data.csv');
    expect(error.message).toContain(`line ${line}, column ${column}: `);
    return `${line}:${column} ${String(reason).split(': ').slice(1).join(': ')}`;
  }
  return 'none';
}

test('columns keep their order and rows are text by column', () => {
  expect(read('mass,sex\n3750,\n"4,1","a ""b"""\n')).toEqual({
    columns: ['mass', 'sex'],
    rows: [
      { mass: '3750', sex: '' },
      { mass: '4,1', sex: 'a "b"' },
    ],
  });
});

test('a byte order mark, empty lines, mixed line ends and a missing last line end are fine', () => {
  const { columns, rows } = read('\ufeffa,b\r\n\r\n1,2\n3,4\r5,6');
  expect(columns).toEqual(['a', 'b']);
  expect(rows.map(({ a, b }) => `${a}${b}`)).toEqual(['12', '34', '56']);
});

test('a header alone is a table without rows', () => {
  expect(read('a,b\n')).toEqual({ columns: ['a', 'b'], rows: [] });
});

test('a column may be called __proto__', () => {
  expect(Object.keys(read('__proto__,b\n1,2\n').rows[0] ?? {})).toEqual(['__proto__', 'b']);
});

test.each([
  [
    'a row longer than the header',
    'a,b\n1,2\n1,2,3,4\n',
    /^3:3 the row has 4 cells, but the header names 2/,
  ],
  [
    'a row shorter than the header',
    'a,b,c\n1\n',
    /^2:2 the row has 1 cells?, but the header names 3/,
  ],
  ['a quote that is never closed', 'a,b\n1,2\n\n3,"x\n5,6\n', /^4:2 a quote opens here/],
  ['a header with an open quote', '"a,b\n1,2\n', /^1:1 a quote opens here/],
  ['a quote inside a cell', 'a,b\n1,x"y\n', /^2:2 a quote stands inside/],
  ['text behind a quote', 'a,b\n1,"x"y\n', /^2:2 text follows a closing quote/],
  ['two columns of one name', 'a,b,a\n1,2,3\n', /^1:3 the name "a" is already that of column 1/],
  ['an empty file', '', /^1:1 the file is empty/],
  ['a file of empty lines', '\n\n', /^1:1 the file is empty/],
  ['binary content', 'a,b\n1,\0\x01\n', /^2:2 there are bytes that are not text/],
  ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /^1:1 there are bytes/],
  ['another encoding', Buffer.from('a,b\n1,Zürich\n', 'latin1'), /^2:2 the text is not UTF-8/],
  ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), /^1:1 there are bytes/],
])('%s is invalid data with its line and column', (_, content, expected) => {
  expect(faultOf(content)).toMatch(expected);
});

test('whatever the bytes, they are parsed or are DATA_INVALID with a place', () => {
  const pieces = fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', '\ufeff', '\0', ' ');
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const fault = faultOf(parts.join(''));
      expect(fault).toMatch(/^(none|\d+:\d+ .+)$/);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(faultOf(bytes)).toMatch(/^(none|\d+:\d+ .+)$/);
    }),
  );
});

test('any cells come back as they were quoted', () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell)), (cells) => {
      const lines = cells.map((row) => row.map(quoted).join(','));
      const { rows } = read(['a,b', ...lines].join('\n'));
      expect(rows.map(({ a, b }) => [a, b])).toEqual(cells);
    }),
  );
});
