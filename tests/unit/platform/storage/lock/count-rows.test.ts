import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBy } from '../../../../../platform/lib/count-by.ts';
import { parseTable } from '../../../../../platform/lib/parse-table.ts';
import type { SplitDefinition } from '../../../../../platform/schemas/define/index.ts';
import { countExamples, countRows } from '../../../../../platform/storage/lock/count-examples.ts';
import { examplesOfTable } from '../../../../../platform/storage/lock/table-examples.ts';

const fractions: SplitDefinition['fractions'] = [0.5, 0.25, 0.25];
const splits = fc.constantFrom<SplitDefinition>(
  { seed: 1, fractions },
  { seed: 1, fractions, group: 'who' },
  { seed: 1, fractions, equalRows: 'apart' },
  { seed: 1, fractions, group: 'nobody' },
  { seed: 1, fractions, by: 'time', time: 'day' },
  { seed: 1, fractions, by: 'time', time: 'day', group: 'who' },
);
const row = fc.tuple(
  fc.constantFrom('', 'ann', 'bob', 'cleo', '"dan "'),
  fc.integer({ min: 1, max: 28 }).map((day) => `2024-02-${String(day).padStart(2, '0')}`),
  fc.constantFrom('no', 'yes', ' yes', ''),
  fc.nat(9),
);

/** How many rows there are of each content in each split. */
function contentsOf(lines: readonly string[], equalRows?: 'apart'): Record<string, number> {
  const table = parseTable(Buffer.from(`a,b\n${lines.join('')}`), 'x.csv');
  const split = { seed: 1, fractions, ...(equalRows && { equalRows }) };
  const examples = examplesOfTable(table, 'x.csv', { split, label: 'b' });
  return countBy(examples, ({ split, metadata }) => `${split} ${metadata.a} ${metadata.b}`);
}

test('equal rows are dealt one by one where they are set apart, wherever they stand', () => {
  const lines = Array.from({ length: 400 }, (_, at) => `${at % 2},${at % 4 > 1}\n`);
  const apart = contentsOf(lines, 'apart');
  expect(Object.keys(apart)).toHaveLength(3 * 4);
  expect(Object.keys(contentsOf(lines))).toHaveLength(4);
  expect(contentsOf(lines.toSorted(), 'apart')).toEqual(apart);
  const others = Array.from({ length: 50 }, (_, at) => `${at + 2},false\n`);
  expect(contentsOf([...others, ...lines], 'apart')).toMatchObject(apart);
});

test('rows are counted as examples are', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 8, maxLength: 40 }), splits, (rows, split) => {
      const lines = rows.map((cells) => `${cells.join(',')}\n`);
      const table = parseTable(Buffer.from(`who,day,label,size\n${lines.join('')}`), 'x.csv');
      const counted = countRows(table, 'x.csv', 'label', split);
      const expected = countExamples(examplesOfTable(table, 'x.csv', { split, label: 'label' }));
      expect(counted.counts).toEqual(expected.counts);
      expect(counted.straddling.toSorted()).toEqual(expected.straddling.toSorted());
    }),
  );
});
