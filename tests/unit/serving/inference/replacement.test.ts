import { expect, test } from 'vitest';
import type { ReferenceProfile, TablePreprocessing } from '../../../../platform/schemas/index.ts';
import { planReplacements } from '../../../../serving/inference/replacement.ts';

const preprocessing: TablePreprocessing = {
  kind: 'table',
  columns: [
    { name: 'weight', kind: 'number', mean: 4, deviation: 2 },
    { name: 'colour', kind: 'category', values: ['green', 'orange'] },
    { name: 'variety', kind: 'category', values: ['hokkaido'] },
    { name: 'ripe', kind: 'boolean' },
    { name: 'picked', kind: 'date', parts: [{ part: 'month', mean: 9, deviation: 1 }] },
  ],
};
const profile: ReferenceProfile = {
  ...{ version: 1, samples: 10, classRatios: {}, refusedRatio: 0 },
  ...{ expectedAccuracy: null, accuracy: null },
  bins: [
    // Many reference rows have another colour: it is none that the model knows.
    {
      name: 'colour',
      kind: 'category',
      edges: ['green', 'orange', 'other'],
      ratios: [0.1, 0.3, 0.6],
    },
    { name: 'ripe', kind: 'category', edges: ['false', 'true', 'other'], ratios: [0.2, 0.8, 0] },
  ],
};
const row = {
  weight: 9,
  colour: 'green',
  variety: 'hokkaido',
  ripe: 'false',
  picked: '2026-10-01',
};

test('each column is replaced by the mean or the commonest value, or left out where nothing is typical', () => {
  const plan = planReplacements(preprocessing, profile, row);
  expect(plan.map(({ column, value, replacement }) => [column, value, replacement])).toEqual([
    ['weight', 9, 4],
    ['colour', 'green', 'orange'],
    ['variety', 'hokkaido', null],
    ['ripe', 'false', 'true'],
    ['picked', '2026-10-01', null],
  ]);
  for (const { column, replacement, row: changed } of plan) {
    expect(changed).toEqual({ ...row, [column]: replacement });
  }
});

test('columns that the row does not have are not replaced', () => {
  const plan = planReplacements(preprocessing, profile, { weight: 9, colour: null });
  expect(plan.map(({ column }) => column)).toEqual(['weight']);
});
