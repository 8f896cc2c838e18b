import { expect, test } from 'vitest';
import { columnDrift } from '../../../pipeline/column-drift.ts';
import { reviewData } from '../../../pipeline/review-data.ts';
import { digestBytes, digestJson } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type { Example } from '../../../platform/schemas/index.ts';

const photo = (path: string, bytes: string, split: Example['split'] = 'train'): Example => ({
  ...{ id: path, digest: digestBytes(bytes), split, group: bytes, metadata: {} },
  label: path.split('/').at(-2) ?? '',
});

const row = (cells: Readonly<Record<string, string>>, at: number): Example => ({
  ...{ id: `row-${at}`, row: at, digest: digestJson(cells), split: 'train', group: '' },
  ...{ label: cells.kind ?? '', metadata: cells },
});

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
  expect(reviewData({ dataset: 'pumpkins', before, after })).toMatchObject({
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
  const before = cells.map(row);
  const sorted = cells.toReversed().map(row);
  expect(
    reviewData({ dataset: 't', before, after: sorted, label: 'kind', key: 'id' }),
  ).toMatchObject({
    ...{ added: { count: 0 }, removed: { count: 0 }, relabelled: { count: 0 } },
    changedRows: { count: 0 },
  });
  const edited = cells.map((one, at) => {
    if (at === 3) return row({ ...one, kind: 'y' }, at);
    return row(at === 5 ? { ...one, mass: '500' } : one, at);
  });
  expect(
    reviewData({ dataset: 't', before, after: edited, label: 'kind', key: 'id' }),
  ).toMatchObject({
    ...{ added: { count: 1 }, removed: { count: 1 } },
    relabelled: { count: 1, shown: [{ row: 3, from: 'x', label: 'y' }] },
    changedRows: {
      ...{ key: 'id', count: 2 },
      shown: [
        { value: 'b3', columns: ['kind'] },
        { value: 'b5', columns: ['mass'] },
      ],
    },
  });
});

const draw = (count: number, seed: number, shift = 0) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => ({
    mass: String(random.normal() + shift),
    light: random.next() < 0.3 + shift / 4 ? 'dark' : 'bright',
    name: String(random.int(1e9)).padStart(10, 'n'),
  }));
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
