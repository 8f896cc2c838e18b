import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SplitDefinition } from '../../../../../platform/schemas/define/index.ts';
import {
  assignPart,
  candidatesOf,
  countRows,
  describeSufficient,
  findHeldBackGaps,
  parseTableFile,
} from '../../../../../platform/storage/index.ts';

const fractions = [0.7, 0.15, 0.15] as const;

async function tableOf(rows: readonly (readonly [label: string, day: number])[]) {
  const lines = rows.map(
    ([label, day], at) => `${at},2024-01-${String(day).padStart(2, '0')},${label}`,
  );
  return parseTableFile(Buffer.from(['x,day,kind', ...lines, ''].join('\n')), 'a.csv');
}

async function gapsOf(
  rows: readonly (readonly [string, number])[],
  split: SplitDefinition,
  regression = false,
) {
  const table = await tableOf(rows);
  const { counts } = countRows(table, 'a.csv', 'kind', split);
  const candidates = () => candidatesOf(table, 'a.csv', 'kind', split);
  return findHeldBackGaps(counts, candidates, { split, regression });
}

const label = fc.constantFrom('a', 'b', 'c');
const rowLists = fc.array(fc.tuple(label, fc.integer({ min: 1, max: 28 })), {
  ...{ minLength: 1, maxLength: 40 },
});
const splits = fc.constantFrom<Partial<SplitDefinition>>({}, { by: 'time', time: 'day' });
const share = fc.double({ min: 0.001, max: 0.5, noNaN: true });

test('the share that is named for a label holds something of it back, and a smaller one does not', async () => {
  await fc.assert(
    fc.asyncProperty(rowLists, splits, share, async (rows, by, heldBack) => {
      const split = { seed: 1, fractions, ...by, heldBack };
      const gaps = await gapsOf(rows, split);
      if (!gaps) return;
      for (const [name, smallest] of gaps.lacking) {
        const lacks = async (other: number) =>
          (await gapsOf(rows, { ...split, heldBack: other }))?.lacking.has(name) ?? false;
        if (smallest === null) expect(await lacks(0.5)).toBe(true);
        else {
          expect(smallest).toBeGreaterThan(heldBack);
          expect(await lacks(smallest)).toBe(false);
          if (smallest > 0.001) expect(await lacks(smallest - 0.001)).toBe(true);
        }
      }
    }),
  );
});

test('nothing is lacking where every label has an example that is held back, or where none is asked for', async () => {
  await fc.assert(
    fc.asyncProperty(rowLists, share, async (rows, heldBack) => {
      expect(await gapsOf(rows, { seed: 1, fractions })).toBeNull();
      const gaps = await gapsOf(rows, { seed: 1, fractions, heldBack });
      const table = await tableOf(rows);
      const split = { seed: 1, fractions, heldBack };
      const candidates = [...candidatesOf(table, 'a.csv', 'kind', split)];
      const held = candidates.filter(({ group }) => assignPart(group, split) === 'heldBack');
      const of = new Set(held.map((one) => one.label));
      const lacking = new Set(rows.map(([name]) => name).filter((name) => !of.has(name)));
      expect(new Set(gaps?.lacking.keys() ?? [])).toEqual(lacking);
      expect(gaps?.isEmpty ?? false).toBe(lacking.size > 0 && held.length === 0);
    }),
  );
});

test('the numbers of a regression are one label, and rows without one are none', async () => {
  const rows = Array.from({ length: 30 }, (_, at) => [String(at), 1] as const);
  const split = { seed: 1, fractions, heldBack: 0.001 };
  const gaps = await gapsOf(rows, split, true);
  expect([...(gaps?.lacking.keys() ?? [])]).toEqual(['rows']);
  expect(gaps && describeSufficient(gaps)).toMatch(
    /^The smallest share that holds back an example is 0\.0\d+\.$/,
  );
  expect((await gapsOf([...rows, ['', 1]], split))?.lacking.has('')).toBe(false);
});

test('what no share reaches is said', () => {
  const lacking = new Map([
    ['a', 0.2],
    ['b', null],
  ]);
  const text = describeSufficient({ isEmpty: true, share: 0.1, lacking });
  expect(text).toBe('No share up to 0.5 holds back an example of each class: add data.');
});
