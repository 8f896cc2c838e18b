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
      expect(counted.straddling).toEqual([]);
      expect(expected.straddling).toEqual([]);
    }),
  );
});

const byTime: SplitDefinition = { seed: 1, fractions, by: 'time', time: 'day', group: 'who' };
const order = ['train', 'validation', 'test', 'heldBack'];

test('by time a group goes as a whole where its newest row goes, and training has nothing newer than what follows', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 4, maxLength: 60 }), (rows) => {
      const lines = rows.map((cells) => `${cells.join(',')}\n`);
      const table = parseTable(Buffer.from(`who,day,label,size\n${lines.join('')}`), 'x.csv');
      const examples = examplesOfTable(table, 'x.csv', { split: byTime, label: 'label' });
      const groups = Map.groupBy(examples, ({ group }) => group);
      const newest = [...groups.values()].map((some) => {
        expect(new Set(some.map(({ split }) => split)).size).toBe(1);
        const days = some.map(({ metadata }) => metadata.day ?? '');
        return { split: some[0]?.split ?? '', day: days.toSorted().at(-1) ?? '' };
      });
      for (const one of newest) {
        for (const other of newest) {
          if (one.day < other.day)
            expect(order.indexOf(one.split)).toBeLessThanOrEqual(order.indexOf(other.split));
        }
      }
    }),
  );
});

test('by time a newer row takes its whole group along, and no other group towards the test', () => {
  const rows = Array.from(
    { length: 40 },
    (_, at) => `g${at >> 1},2024-01-${10 + (at >> 1)},a,${at}`,
  );
  const splitsOf = (lines: readonly string[]) => {
    const table = parseTable(Buffer.from(`who,day,label,size\n${lines.join('\n')}\n`), 'x.csv');
    const examples = examplesOfTable(table, 'x.csv', { split: byTime, label: 'label' });
    return new Map(examples.map(({ group, split }) => [group, split]));
  };
  const before = splitsOf(rows);
  const after = splitsOf([...rows, 'g0,2024-03-01,a,99']);
  expect([before.get('g0'), after.get('g0')]).toEqual(['train', 'test']);
  for (const [group, split] of before) {
    if (group === 'g0') continue;
    expect(order.indexOf(after.get(group) ?? '')).toBeLessThanOrEqual(order.indexOf(split));
  }
});

test('rows without a group are dealt by their own time beside the groups', () => {
  const lines = ['ann,2024-01-01,a,1', ',2024-01-02,a,2', ',2024-01-09,a,3', 'ann,2024-01-08,a,4'];
  const table = parseTable(Buffer.from(`who,day,label,size\n${lines.join('\n')}\n`), 'x.csv');
  const examples = examplesOfTable(table, 'x.csv', { split: byTime, label: 'label' });
  const splitOf = (size: string) => examples.find(({ metadata }) => metadata.size === size)?.split;
  expect(splitOf('2')).toBe('train');
  expect(splitOf('3')).toBe('test');
  expect(splitOf('1')).toBe(splitOf('4'));
});
