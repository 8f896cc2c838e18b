import { describe, expect, test } from 'vitest';
import {
  type DataParts,
  findDataMistake,
} from '../../../../../platform/schemas/define/find-data-mistake.ts';

const good: DataParts = {
  data: { name: 'plants', path: 'data/plants.csv' },
  table: {
    label: 'kind',
    features: {
      length: { range: [0, 10] },
      colour: { values: ['red', 'green'] },
      still: { range: [1, 1] },
    },
  },
  classes: ['a', 'b', 'A'],
  split: { group: 'field' },
  slices: [{ column: 'colour' }, { column: 'field' }],
};
const table = (features: NonNullable<DataParts['table']>['features']) => ({
  table: { label: 'kind', features },
});
const at = (path: string) => ({ data: { name: 'plants', path } });

describe('a definition', () => {
  test('that names everything once, and as what it is, has no mistake', () => {
    expect(findDataMistake(good)).toBeNull();
    const { name } = good.data;
    for (const path of ['a', './a', 'a/../b', '..a/b', 'a b/ü', 'C/x'])
      expect(findDataMistake({ ...good, data: { name, path } })).toBeNull();
  });

  test.for<[string, Partial<DataParts>, string]>([
    ['a class twice', { classes: ['a', 'b', 'c', 'c'] }, 'classes.3'],
    ['a slice twice', { slices: [{ column: 'x' }, { column: 'x' }] }, 'slices.1'],
    ['the label among the features', table({ kind: {} }), 'table.features.kind'],
    ['the label as group', { split: { group: 'kind' } }, 'split.group'],
    ['a value twice', table({ x: { values: ['1', '2', '1'] } }), 'table.features.x.values.2'],
    ['a range backwards', table({ x: { range: [10, 0] } }), 'table.features.x.range'],
    [
      'indicated gaps of a category',
      table({ x: { kind: 'category', indicateGaps: true } }),
      'table.features.x.indicateGaps',
    ],
    [
      'a scaled date',
      table({ x: { kind: 'date', scaling: 'robust' } }),
      'table.features.x.scaling',
    ],
    [
      'a number by its target',
      table({ x: { kind: 'number', encoding: 'target' } }),
      'table.features.x.encoding',
    ],
    ['an absolute path', at('/tmp/plants.csv'), 'data.path'],
    ['a path of Windows', at('C:\\plants.csv'), 'data.path'],
    ['a path out of the repository', at('../../etc/passwd'), 'data.path'],
    ['a path out by a detour', at('a/../../b'), 'data.path'],
    ['the repository itself', at('.'), 'data.path'],
    ['no path', at(''), 'data.path'],
    [
      'one name for both datasets',
      { outOfDistribution: { name: 'plants', path: 'data/other' } },
      'outOfDistribution.name',
    ],
    [
      'the others at an absolute path',
      { outOfDistribution: { name: 'other', path: '/data/other' } },
      'outOfDistribution.path',
    ],
  ])('with %s is refused at that place', ([, part, where]) => {
    expect(findDataMistake({ ...good, ...part })).toMatchObject({ where });
  });
});
