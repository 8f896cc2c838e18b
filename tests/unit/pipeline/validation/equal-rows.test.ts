import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowConflict } from '../../../../pipeline/validation/checks/row-conflict.ts';
import { rowDuplicate } from '../../../../pipeline/validation/checks/row-duplicate.ts';
import type { TableSubject } from '../../../../pipeline/validation/subjects.ts';
import { isMissing } from '../../../../platform/transforms/index.ts';
import { tableOf } from '../../../helpers/table.ts';

type Row = Record<'size' | 'kind' | 'note' | 'label', string>;

const row: fc.Arbitrary<Row> = fc.record({
  size: fc.constantFrom('', '1', '1.0', '2', '-0', '0', 'NA', 'wide', '0.1', '12345.678'),
  kind: fc.constantFrom('', 'a', 'b', 'é', 'a long name of a kind'),
  note: fc.constantFrom('x', 'y'),
  label: fc.constantFrom('no', 'yes'),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });

const features = {
  size: { kind: 'number', missing: 1 },
  kind: { kind: 'category', missing: 1 },
} as const;

/** Sets of rows with the same key, as lists of places; null is the key of none. */
function setsBy(all: readonly Row[], keyOf: (row: Row) => string | null): number[][] {
  const groups = Map.groupBy([...all.keys()], (place) => keyOf(all[place] as Row));
  groups.delete(null);
  return [...groups.values()].filter(({ length }) => length > 1);
}

function subjectOf(all: readonly Row[], features: TableSubject['table']['features']): TableSubject {
  const table = { label: 'label', features };
  const known = { classes: ['no', 'yes'], alsoUsed: [], partOf: () => 'train' as const };
  return { data: tableOf(all), table, ...known };
}

/** What a check names, with all rows of each set that it names. */
function named(places: readonly string[] | undefined): number[][] {
  return (places ?? []).map((one) => {
    return [...one.matchAll(/row (\d+)/g)].map(([, number]) => Number(number) - 1);
  });
}

const shown = 4;

test('rows that are equal in every column are found, whatever the project uses of them', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(features, {}), (all, used) => {
      const [found] = rowDuplicate.observe(subjectOf(all, used));
      const expected = setsBy(all, (one) => JSON.stringify(Object.values(one)));
      expect(named(found?.places)).toEqual(expected.map((set) => set.slice(0, shown)));
    }),
  );
});

test('rows with equal features and different labels are found, but for rows with gaps', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const [found] = rowConflict.observe(subjectOf(all, features));
      const keyOf = ({ size, kind }: Row) =>
        isMissing(size, 'number') || kind === '' ? null : JSON.stringify([size, kind]);
      const expected = setsBy(all, keyOf).filter((set) => {
        return new Set(set.map((place) => all[place]?.label)).size > 1;
      });
      expect(named(found?.places)).toEqual(expected.map((set) => set.slice(0, shown)));
    }),
  );
});
