import { expect, test } from 'vitest';
import { showCells } from '../../../pipeline/show-cells.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { parseTable } from '../../../platform/lib/parse-table.ts';

const columns = ['kind', ...Array.from({ length: 10 }, (_, at) => `n${at}`)];
const line = (row: number) => [
  `${'long '.repeat(9)}${row}`,
  ...columns.slice(1).map((_, at) => `${row * 100 + at}`),
];
const text = [columns, line(1), line(2)].map((cells) => cells.join(',')).join('\n');
const table = parseTable(new TextEncoder().encode(text), 'rows.csv');
const error = {
  id: 'row-b',
  row: 2,
  digest: digestBytes('b'),
  label: 'x',
  predicted: 'y',
  size: 0.9,
};
const near = [{ id: 'row-a', row: 1, digest: digestBytes('a'), label: 'y', distance: 0.1 }];

test('errors and what is near to them show the first columns of their rows, long cells cut off', () => {
  const shown = showCells(table, columns, [{ ...error, near }], undefined);
  expect(shown.columns).toEqual(columns.slice(0, 8));
  expect(shown.features).toBe(11);
  const [first] = shown.errors;
  expect(first?.cells?.slice(1, 3)).toEqual(['200', '201']);
  expect(first?.cells?.[0]).toMatch(/^long long .*…$/);
  expect(first?.cells?.[0]).toHaveLength(24);
  expect(first?.near?.[0]?.cells?.slice(1, 3)).toEqual(['100', '101']);
});

test('of trees the columns come first that they divide by most', () => {
  const importance = [
    { column: 'n9', share: 0.8 },
    { column: 'gone', share: 0.2 },
  ];
  const { columns: chosen } = showCells(table, columns, [error], importance);
  expect(chosen).toEqual(['n9', ...columns.slice(0, 7)]);
});
