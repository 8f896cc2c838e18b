import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTable } from '../../../../../platform/lib/parse-table.ts';
import type { SplitDefinition } from '../../../../../platform/schemas/define/index.ts';
import { countExamples, countRows } from '../../../../../platform/storage/lock/count-examples.ts';
import { examplesOfTable } from '../../../../../platform/storage/lock/table-examples.ts';

const fractions: SplitDefinition['fractions'] = [0.5, 0.25, 0.25];
const splits = fc.constantFrom<SplitDefinition>(
  { seed: 1, fractions },
  { seed: 1, fractions, group: 'who' },
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
