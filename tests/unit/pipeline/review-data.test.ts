import { expect, test } from 'vitest';
import { findChangedRows } from '../../../pipeline/changed-rows.ts';
import { columnDrift } from '../../../pipeline/column-drift.ts';
import { versionOfPhotos, versionOfTable } from '../../../pipeline/data-version.ts';
import { columnsOfObjects, columnsOfTable } from '../../../pipeline/example-columns.ts';
import { reviewData } from '../../../pipeline/review-data.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom, type Random } from '../../../platform/lib/random.ts';
import type { Table } from '../../../platform/lib/table.ts';
import type { SplitDefinition } from '../../../platform/schemas/define/index.ts';
import type { Example } from '../../../platform/schemas/index.ts';
import { digestRow, examplesOfTable, pickPart } from '../../../platform/storage/index.ts';
import { tableOf } from '../../helpers/table.ts';

const photo = (path: string, bytes: string, split: Example['split'] = 'train'): Example => ({
  ...{ id: path, digest: digestBytes(bytes), split, group: bytes, metadata: {} },
  label: path.split('/').at(-2) ?? '',
});

type Row = Readonly<Record<string, string>>;

const defaultSplit: SplitDefinition = { seed: 1, fractions: [0.7, 0.15, 0.15] };

const versionOf = (table: Table, label: string, split = defaultSplit) =>
  versionOfTable(table, 't.csv', { split, label });

function reviewTables(before: readonly Row[], after: readonly Row[], label: string, key: string) {
  const [old, fresh] = [versionOf(tableOf(before), label), versionOf(tableOf(after), label)];
  const changedRows = findChangedRows(old, fresh, key);
  return reviewData({ dataset: 't', before: old, after: fresh, changedRows });
}

test('photos are added, removed, relabelled and moved by what they show, not by their names', () => {
  const before = [
    photo('2026/good/a.jpg', 'A'),
    photo('2026/good/b.jpg', 'B'),
    photo('2026/good/c.jpg', 'C'),
    photo('2026/ok/d.jpg', 'D'),
  ];
  const after = [
    photo('2026/bad/renamed.jpg', 'A'),
    photo('2027/good/b.jpg', 'B'),
    photo('2026/good/c.jpg', 'C', 'test'),
    photo('2027/ok/e.jpg', 'E'),
  ];
  const versions = { before: versionOfPhotos(before), after: versionOfPhotos(after) };
  expect(reviewData({ dataset: 'pumpkins', ...versions })).toMatchObject({
    ...{ kind: 'images', before: 4, after: 4, moved: 1, dealtAgain: 1, changedRows: null },
    added: { count: 1, shown: [{ id: '2027/ok/e.jpg' }] },
    removed: { count: 1, shown: [{ id: '2026/ok/d.jpg' }] },
    relabelled: { count: 1, shown: [{ id: '2026/bad/renamed.jpg', from: 'good', label: 'bad' }] },
    splits: { train: { before: 4, after: 3, added: 1 }, test: { before: 0, after: 1, added: 0 } },
  });
});

test('a sorted table has not changed, and a row with another label is relabelled, not replaced', () => {
  const cells = Array.from({ length: 40 }, (_, at) => ({
    id: `b${at}`,
    mass: String(at),
    kind: 'x',
  }));
  expect(reviewTables(cells, cells.toReversed(), 'kind', 'id')).toMatchObject({
    ...{ added: { count: 0 }, removed: { count: 0 }, relabelled: { count: 0 } },
    changedRows: { count: 0 },
  });
  const edited = cells.map((one, at) => {
    if (at === 3) return { ...one, kind: 'y' };
    return at === 5 ? { ...one, mass: '500' } : one;
  });
  expect(reviewTables(cells, edited, 'kind', 'id')).toMatchObject({
    ...{ added: { count: 1 }, removed: { count: 1 } },
    relabelled: { count: 1, shown: [{ row: 4, from: 'x', label: 'y' }] },
    changedRows: {
      ...{ key: 'id', count: 2 },
      shown: expect.arrayContaining([
        { value: 'b3', columns: ['kind'] },
        { value: 'b5', columns: ['mass'] },
      ]),
    },
  });
});

/** A column of cells that are read in many ways, or that names a class of its own. */
function drawColumn(random: Random): () => string {
  const pick = (words: readonly string[]) => words[random.int(words.length)] ?? '';
  const kinds = [
    () => random.normal().toFixed(3),
    () => String(random.int(12)),
    () => (random.next() < 0.04 ? pick(['x', '1e39', 'n/a', '']) : String(random.int(40))),
    () => pick(['1', '2', '01', '1.0', '2.50', '1e3', '']),
    () => pick(['a', 'NA', '', 'é', '__proto__', 'constructor', '7', '"q"']),
    () => `name ${random.int(60)}`,
  ];
  return kinds[random.int(kinds.length)] ?? (() => '');
}

/** Two versions of a table: rows are lost, edited, mixed and added, and one may gain a column. */
function drawVersions(seed: number) {
  const random = createRandom(seed);
  const names = ['id', '__proto__', 'Row No', 'kind'];
  const columns = names.map(() => drawColumn(random));
  const rowOf = (name: string) =>
    columns.map((cell, at) => (at === 0 && seed % 2 === 0 ? name : cell()));
  const old = Array.from({ length: 1 + random.int(150) }, (_, at) => rowOf(`k${at}`));
  const kept = old
    .filter(() => random.next() < 0.9)
    .map((cells) =>
      cells.map((cell, at) => (random.next() < 0.02 ? (columns[at]?.() ?? '') : cell)),
    );
  const fresh = [
    ...Array.from({ length: 1 + random.int(60) }, (_, at) => rowOf(`new ${at}`)),
    ...kept.toReversed(),
  ];
  const rowsOf = (all: readonly (readonly string[])[], more: Row) =>
    all.map((cells) => ({
      ...Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])),
      ...more,
    }));
  const more = random.next() < 0.3 ? { extra: 'v' } : {};
  const split: SplitDefinition = {
    ...{ ...defaultSplit, seed },
    ...(random.next() < 0.4 && { heldBack: 0.2 }),
    ...(random.next() < 0.4 && { equalRows: 'apart' as const }),
    ...(random.next() < 0.4 && { group: 'id' }),
  };
  return { before: tableOf(rowsOf(old, {})), after: tableOf(rowsOf(fresh, more)), split };
}

/** The same from the examples as objects, each fact by its definition. */
function describeExamples(before: readonly Example[], after: readonly Example[]) {
  const content = ({ metadata: { kind: _, ...others } }: Example) => digestRow(others);
  const indexed = (all: readonly Example[]) => new Map(all.map((one) => [content(one), one]));
  const [old, fresh] = [indexed(before), indexed(after)];
  const was = (one: Example) => old.get(content(one));
  const stayed = after.filter((one) => was(one));
  const idsOf = (all: readonly Example[]) => all.map(({ id }) => id);
  return {
    ...{ before: before.length, after: after.length },
    added: idsOf(after.filter((one) => !was(one))),
    removed: before.filter((one) => !fresh.has(content(one))).length,
    relabelled: stayed.filter((one) => was(one)?.label !== one.label).length,
    dealtAgain: stayed.filter((one) => was(one)?.split !== one.split).length,
    changed: changedOf(before, after),
  };
}

function changedOf(before: readonly Example[], after: readonly Example[]): number | null {
  const named = (all: readonly Example[]) => new Map(all.map((one) => [one.metadata.id, one]));
  const [old, fresh] = [named(before), named(after)];
  if (old.size < before.length || fresh.size < after.length) return null;
  return after.filter(({ metadata }) => {
    const other = old.get(metadata.id)?.metadata;
    return (
      other && JSON.stringify(Object.entries(other)) !== JSON.stringify(Object.entries(metadata))
    );
  }).length;
}

test('a table is reviewed in columns as its examples are one by one', () => {
  for (let seed = 1; seed <= 80; seed++) {
    const { before, after, split } = drawVersions(seed);
    const openOf = (table: Table) =>
      pickPart(examplesOfTable(table, 't.csv', { split, label: 'kind' }));
    const [old, fresh] = [versionOf(before, 'kind', split), versionOf(after, 'kind', split)];
    const changedRows = findChangedRows(old, fresh, 'id');
    const review = reviewData({ dataset: 't', before: old, after: fresh, changedRows });
    const expected = describeExamples(openOf(before), openOf(after));
    const known = new Map(openOf(after).map(({ metadata: _, group: __, ...one }) => [one.id, one]));
    const { added, removed, relabelled, dealtAgain } = review;
    expect({
      ...{ before: review.before, after: review.after, dealtAgain },
      added: expected.added.slice(0, added.count),
      ...{ removed: removed.count, relabelled: relabelled.count },
      changed: changedRows?.count ?? null,
    }).toEqual(expected);
    expect(added.count).toBe(expected.added.length);
    for (const one of added.shown) expect(one).toEqual(known.get(one.id));
    const drift = columnDrift(
      columnsOfObjects(openOf(before).map(({ metadata }) => metadata)),
      columnsOfObjects(
        openOf(after)
          .filter(({ id }) => expected.added.includes(id))
          .map(({ metadata }) => metadata),
      ),
    );
    expect(review.drift).toEqual(drift);
  }
});

test('the cells of a table are those of its rows as objects', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = createRandom(seed);
    const column = drawColumn(random);
    const objects = Array.from({ length: 80 }, () => ({ cell: column(), other: 'x' }));
    const table = tableOf(objects);
    const picked = Uint32Array.from(objects.keys()).filter(() => random.next() < 0.7);
    const one = columnsOfTable(table, picked).column('cell');
    const other = columnsOfObjects([...picked].flatMap((at) => objects[at] ?? [])).column('cell');
    const cellsOf = (cells: typeof one) =>
      Array.from({ length: cells.count }, (_, at) => [cells.text(at), cells.number(at)]);
    expect(cellsOf(one)).toEqual(cellsOf(other));
    for (const most of [1, 5, 80]) expect(one.countTexts(most)).toEqual(other.countTexts(most));
  }
});

const draw = (count: number, seed: number, shift = 0) => {
  const random = createRandom(seed);
  return columnsOfObjects(
    Array.from({ length: count }, () => ({
      mass: String(random.normal() + shift),
      light: random.next() < 0.3 + shift / 4 ? 'dark' : 'bright',
      name: String(random.int(1e9)).padStart(10, 'n'),
    })),
  );
};

test('added rows that are shifted are named with how, and names are left alone', () => {
  const { columns, found } = columnDrift(draw(800, 1), draw(150, 2, 1));
  expect(columns).toBe(2);
  expect(found.map(({ column }) => column)).toEqual(['mass', 'light']);
  expect(found[1]?.before).toMatch(/^(dark|bright) \d/);
  expect(found[0]?.added).toMatch(/^median /);
});

test('rows of the same source are named about once in a hundred columns', () => {
  const rounds = Array.from({ length: 300 }, (_, at) =>
    columnDrift(draw(600, 2 * at + 10), draw(120, 2 * at + 11)),
  );
  const named = rounds.reduce((sum, { found }) => sum + found.length, 0);
  expect(named).toBeLessThanOrEqual(18);
});

test('a handful of added rows is not judged', () => {
  expect(columnDrift(draw(800, 1), draw(10, 2, 3))).toEqual({ columns: 0, found: [] });
});
