import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseFeature } from '../../../../../pipeline/template/init/choose-feature.ts';
import { key, quote } from '../../../../../pipeline/template/init/code.ts';
import { accuracyFloor, defaultMargin } from '../../../../../pipeline/template/init/plan.ts';

/** A column as the survey gives it. */
function columnOf(name: string, cells: readonly string[], missing = 0) {
  const groups = Map.groupBy(cells, (cell) => cell);
  const counts = new Map([...groups].map(([value, members]) => [value, members.length]));
  const numeric = cells.every((cell) => Number.isFinite(Number(cell)));
  return { name, numeric, cells, missing, counts };
}

const tens = Array.from({ length: 30 }, (_, at) => String(10 * at));

describe('a column becomes', () => {
  test('a number with the range of its values and a quarter more, never below zero for no reason', () => {
    expect(chooseFeature(columnOf('mass', tens), 30)).toMatchObject({
      kind: 'number',
      range: [0, 370],
    });
    const negative = columnOf('degrees', ['-10', '0.5', '10']);
    expect(chooseFeature(negative, 3)).toMatchObject({ range: [-15, 15] });
  });

  test('a category with its values', () => {
    const cells = Array.from({ length: 30 }, (_, at) => ['b', 'a', 'c'][at % 3] ?? '');
    expect(chooseFeature(columnOf('kind', cells), 30)).toEqual({
      name: 'kind',
      kind: 'category',
      values: ['a', 'b', 'c'],
    });
  });

  test('one that allows half more gaps than it has', () => {
    expect(chooseFeature(columnOf('mass', tens, 0.2), 30)).toMatchObject({ missing: 0.3 });
    expect(chooseFeature(columnOf('mass', tens, 0.04), 30)).not.toHaveProperty('missing');
  });

  test('nothing if it counts the rows or is named as an identifier', () => {
    const counting = Array.from({ length: 30 }, (_, at) => String(at + 100));
    const reason = 'looks like an identifier';
    expect(chooseFeature(columnOf('row', counting), 30)).toMatchObject({ reason });
    expect(chooseFeature(columnOf('customer_id', tens), 30)).toMatchObject({ reason });
    expect(chooseFeature(columnOf('customerId', tens), 30)).toMatchObject({ reason });
    expect(chooseFeature(columnOf('humid', tens), 30)).toMatchObject({ kind: 'number' });
  });
});

test('every value that is not constant lies in the range that is written down', () => {
  const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2 });
  fc.assert(
    fc.property(values, (numbers) => {
      fc.pre(new Set(numbers.map(String)).size > 1);
      const column = { ...columnOf('x', numbers.map(String)), numeric: true };
      const feature = chooseFeature(column, numbers.length);
      if ('reason' in feature) return;
      const [low, high] = feature.range ?? [Number.NaN, Number.NaN];
      expect(numbers.every((value) => value >= low && value <= high)).toBe(true);
    }),
  );
});

test('the accuracy floor is above the share of the commonest class, and can be reached', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2 });
  fc.assert(
    fc.property(counts, (classes) => {
      const { share, floor } = accuracyFloor(classes);
      fc.pre(share < 0.98);
      expect(floor).toBeGreaterThan(share);
      expect(floor).toBeLessThan(1);
    }),
  );
});

test('few examples get a margin that their test split can detect', () => {
  expect(defaultMargin(100_000)).toBe(0.02);
  expect(defaultMargin(344)).toBe(0.07);
});

test('any text becomes a literal and a key that read back as the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(new Function(`return ${quote(text)}`)()).toBe(text);
      const object: object = new Function(`return { ${key(text)}: 1 }`)();
      if (text !== '__proto__') expect(Object.keys(object)).toEqual([text]);
    }),
  );
});
