import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { parseTable } from '../../../../platform/lib/parse-table.ts';

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

/** What git leaves of a table whose two sides changed the same lines. */
const conflict = (ours: string, theirs: string, base = '') =>
  `<<<<<<< HEAD\n${ours}${base && `||||||| 1a2b3c4\n${base}`}=======\n${theirs}>>>>>>> pears\n`;

test.for([
  ['rows', `a,b\n1,2\n${conflict('3,4\n', '5,6\n')}`],
  ['rows, with what was before', `a,b\n${conflict('3,4\n', '5,6\n', '7,8\n')}9,10\n`],
  ['the header', `${conflict('a,b\n', 'a,c\n')}1,2\n`],
  ['the whole table', conflict('a,b\n1,2\n', 'a,b\n3,4\n')],
  ['rows, one side of which is gone', `a,b\n${conflict('', '5,6\n')}`],
  ['rows of one cell', `a\n${conflict('3\n', '5\n')}`],
  ['quoted rows', `a,b\n${conflict('"3",4\n', '"5",6\n')}`],
  ['rows with line ends of Windows', `a,b\n${conflict('3,4\n', '5,6\n')}`.replaceAll('\n', '\r\n')],
] as const)('a merge that git left in %s is named with both sides', ([, text]) => {
  const fault = {
    code: 'MERGE_CONFLICT',
    details: { path: 'data.csv', ours: 'HEAD', theirs: 'pears' },
  };
  expect(() => read(text)).toThrow(expect.objectContaining(fault));
  expect(() => parseTable(Buffer.from(text), 'data.csv')).toThrow(expect.objectContaining(fault));
});

test('a cell may hold what git writes, and a table with half of it is named for its own fault', () => {
  const cell = conflict('1\n', '2\n');
  expect(read(`a,b\n"${cell}",2\n`).rows).toEqual([{ a: cell.trim(), b: '2' }]);
  expect(faultOf('a,b\n<<<<<<< HEAD\n1,2\n')).toContain('2:2');
});

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
  ['a file of semicolons', 'x;y\n1,5;a\n', /^1:1 the cells seem to be separated by semicolons/],
  ['a file of tabs', '\ufeffx\ty\r\n1\ta\r\n', /^1:1 the cells seem to be separated by tabs/],
  ['a file of vertical bars', 'x|y\n1|a\n', /^1:1 .* vertical bars, not by commas; save/],
  ['an empty file', '', /^1:1 the file is empty/],
  ['a file of empty lines', '\n\n', /^1:1 the file is empty/],
  ['binary content', 'a,b\n1,\0\x01\n', /^2:2 there are bytes that are not text/],
  ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /^1:1 there are bytes/],
  [
    'another encoding',
    Buffer.from('a,b\n1,Zürich\n', 'latin1'),
    /^2:2 the byte 0xFC is not UTF-8; the file reads "Zürich" as WINDOWS-1252, .*save/,
  ],
  [
    'UTF-16',
    Buffer.from('\ufeffa,b\n', 'utf16le'),
    /^1:1 the text is UTF-16, not UTF-8; .*iconv -f UTF-16/,
  ],
  [
    'UTF-16, high byte first',
    Buffer.from('\ufeffa,b\n', 'utf16le').swap16(),
    /^1:1 the text is UTF-16/,
  ],
  ['UTF-16 without a mark', Buffer.from('a,b\n', 'utf16le'), /^1:1 .* iconv -f UTF-16LE /],
  [
    'UTF-16 of Cyrillic letters without a mark, high byte first',
    Buffer.from('город,x\nМосква,1\n', 'utf16le').swap16(),
    /^1:1 the text is UTF-16BE, not UTF-8; .* iconv -f UTF-16BE /,
  ],
  [
    'a stray zero byte in text',
    'a\0b,c\nhello,world\nso much more text that a zero is rare,here\n',
    /^1:1 there are bytes that are not text/,
  ],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 97, 0, 0, 0]), /^1:1 the text is UTF-32/],
  [
    'a letter that was lost before',
    'a,b\n1,x\n2,Z\ufffdrich\n',
    /^3:2 there is the replacement character/,
  ],
  [
    'two columns without a name',
    'a,,b, \n1,2,3,4\n',
    /^1:4 neither this column nor column 2 has a name/,
  ],
  ['two columns whose names differ in blanks', 'a, a\n1,2\n', /^1:2 the name "a" is already/],
])('%s is invalid data with its line and column', (_, content, expected) => {
  expect(faultOf(content)).toMatch(expected);
});

test('a semicolon within a name or a quote separates nothing', () => {
  expect(read('"x;y"\na\n').columns).toEqual(['x;y']);
  expect(read('x;y,z\na,b\n').columns).toEqual(['x;y', 'z']);
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

const breaks = fc.constantFrom('\n', '\r\n', '\r');
const blanks = fc.constantFrom('', ' ', '\t', '  ', '\u00a0');
const text = fc
  .string({ unit: 'grapheme' })
  .filter((cell) => !cell.includes('\0') && !cell.includes('\ufffd'));
/** A cell as it is read, and as it may be written. */
const writtenCell = fc.oneof(
  fc.tuple(text, blanks).map(([cell, blank]) => ({
    cell: cell.trim(),
    // A letter that is no blank to CSV keeps a quote from being one.
    written: `${blank === '\u00a0' ? '' : blank}"${cell.replaceAll('"', '""')}"`,
  })),
  fc
    .tuple(blanks, fc.stringMatching(/^[^",\r\n\0\ufffd]*$/), blanks)
    .map(([before, cell, after]) => ({
      cell: cell.trim(),
      written: before + cell + after,
    })),
);

test('any cells come back, however they are quoted, padded and ended', () => {
  const row = fc.tuple(writtenCell, writtenCell, breaks);
  const file = fc.tuple(fc.constantFrom('', '\ufeff'), breaks, fc.array(row));
  fc.assert(
    fc.property(file, ([mark, first, rows]) => {
      const lines = rows.map(([a, b, end]) => `${a.written},${b.written}${end}`);
      const read = parseCsv(Buffer.from(`${mark} a , b${first}${lines.join('')}`), 'data.csv');
      expect(read.columns).toEqual(['a', 'b']);
      expect(read.rows.map(({ a, b }) => [a, b])).toEqual(rows.map(([a, b]) => [a.cell, b.cell]));
    }),
  );
});

test('line breaks inside quotes are kept as they are', () => {
  expect(read('a,b\r\n"1\r\n2","3\n4"\r5,"6\r7"\n').rows).toEqual([
    { a: '1\r\n2', b: '3\n4' },
    { a: '5', b: '6\r7' },
  ]);
});

test('text in any other encoding is refused or is the same text: no two values become one', () => {
  const encoding = fc.constantFrom('latin1' as const, 'utf16le' as const);
  const words = fc.array(fc.stringMatching(/^[a-z\u00c0-\u00ff]{1,8}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, encoding, (values, name) => {
      const table = `word\n${values.join('\n')}\n`;
      const bytes = Buffer.from(table, name);
      if (bytes.equals(Buffer.from(table))) return;
      expect(faultOf(bytes)).toMatch(
        /^\d+:\d+ the (byte 0x\w\w is not|text is UTF-16LE, not) UTF-8/,
      );
    }),
  );
});

test.each([
  ['caf\u00e9,cafe\u0301,label', 'looks the same as that of column 1'],
  ['x,x\u200b,label', '(x U+200B) looks the same as that of column 1, "x"'],
  ['a b,a\u00a0b,label', 'looks the same'],
  ['x,x,label', 'the name "x" is already that of column 1'],
])('columns that nobody can tell apart are refused: %s', (header, words) => {
  const bytes = Buffer.from(`${header}\n1,2,3\n`);
  for (const parse of [parseCsv, parseTable]) {
    expect(() => parse(bytes, 't.csv')).toThrow(`t.csv: line 1, column 2: the name`);
    expect(() => parse(bytes, 't.csv')).toThrow(words);
  }
});
