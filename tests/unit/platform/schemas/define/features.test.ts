import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import { parseDuration } from '../../../../../platform/lib/parse-duration.ts';
import {
  defineFeatures,
  defineProject,
  digestFeatures,
} from '../../../../../platform/schemas/define/index.ts';
import { test } from '../../../../helpers/folder.ts';
import { buildRegression, minimalDefinition } from '../../../../helpers/project.ts';

type Input = Parameters<typeof defineFeatures>[0];
type View = Input['views'][string];

const view: View = {
  entity: 'grower',
  source: { path: 'data/soil.csv', time: 'measured_at' },
  fields: ['moisture'],
};
const input = (changed: Partial<Input> = {}, soil: Partial<View> = {}): Input => ({
  rows: { path: 'data/sales.csv', time: 'sold_at' },
  entities: { grower: ['grower_id'] },
  views: { soil: { ...view, ...soil } },
  ...changed,
});

const answers = { predictionLog: 'market', path: 'data/answers.csv' };
const last = { moisture: 'row.moisture' };

describe('a definition that cannot be meant is refused with its place', () => {
  test.for([
    ['an unknown entity', input({}, { entity: 'buyer' }), 'views.soil.entity'],
    ['an entity without a key', input({ entities: { grower: [] } }), 'entities'],
    ['no view', input({ views: {} }), 'views'],
    ['a name with blanks', input({ views: { 'the soil': view } }), 'views.the soil'],
    ['a field twice', input({ views: { soil: view, more: view } }), 'views.more.fields.0'],
    ['a key as field', input({}, { fields: ['grower_id'] }), 'views.soil.fields.0'],
    ['the time as field', input({}, { fields: ['sold_at'] }), 'views.soil.fields.0'],
    ['a time to live in words', input({}, { ttl: 'a month' }), 'views.soil.ttl'],
    ['a time to live of nothing', input({}, { ttl: '0d' }), 'views.soil.ttl'],
    ['a source outside', input({}, { source: { path: '../s.csv', time: 't' } }), 'source.path'],
    ['a file without times', input({}, { source: { path: 's.csv' } }), 'soil.source.time'],
    [
      'columns of a file',
      input({}, { source: { path: 's.csv', time: 't', columns: last } }),
      'soil.source.columns',
    ],
    [
      'two sources in one',
      input({}, { source: { ...answers, feedback: 'market', columns: last } }),
      'soil.source.feedback',
    ],
    [
      'a time of the log',
      input({}, { source: { ...answers, time: 'at', columns: last } }),
      'soil.source.time',
    ],
    [
      'a gathered file of another kind',
      input({}, { source: { ...answers, path: 'a.parquet', columns: last } }),
      'soil.source.path',
    ],
    ['a field of no column', input({}, { source: answers }), 'soil.source.columns.moisture'],
    [
      'a column of no field',
      input({}, { source: { ...answers, columns: { ...last, other: 'class' } } }),
      'soil.source.columns.other',
    ],
    [
      'a column that no answer has',
      input({}, { source: { ...answers, columns: { moisture: 'label' } } }),
      'probabilities.<class>, row.<column>',
    ],
    [
      'a column that no correction has',
      input({}, { source: { feedback: 'a', path: 'a.csv', columns: { moisture: 'score' } } }),
      'a line has label, predicted, accepted, version, slices.<column>, row.<column>',
    ],
    [
      'a gathered file that is the rows',
      input({}, { source: { ...answers, path: 'data/sales.csv', columns: last } }),
      'another part of the features',
    ],
    [
      'a gathered file of two views',
      input({
        views: {
          soil: { ...view, source: { ...answers, columns: last } },
          more: {
            ...view,
            fields: ['acidity'],
            source: { ...answers, columns: { acidity: 'class' } },
          },
        },
      }),
      'another part of the features',
    ],
    [
      'a model that has no name',
      input({}, { source: { feedback: '../x', path: 'a.csv' } }),
      'feedback',
    ],
    ['rows that are not a table', input({ rows: { path: 'a.json', time: 't' } }), 'rows.path'],
  ] as const)('%s', ([, wrong, where]) => {
    expect(() => defineFeatures(wrong)).toThrow(where);
    expect(() => defineFeatures(wrong)).toThrow(
      expect.objectContaining({ code: 'FEATURES_INVALID' }),
    );
  });
});

test('the digest follows what decides values, and nothing else', () => {
  const digest = (definition: Input) => digestFeatures(defineFeatures(definition));
  const plain = digest(input());
  expect(digest(input({}, { freshness: '1d' }))).toBe(plain);
  expect(digest(input({ rows: { path: 'data/other.csv', time: 'at' } }))).toBe(plain);
  expect(digest(input({}, { ttl: '1d' }))).not.toBe(plain);
  expect(digest(input({ entities: { grower: ['id'] } }))).not.toBe(plain);
});

test('features belong to tables, are not the label, and do not read what the join writes', () => {
  const features = defineFeatures(input());
  const place = (changed: object) => () => defineProject({ ...minimalDefinition, ...changed });
  expect(place({ features })).toThrow('features');
  const table = buildRegression().definition;
  expect(place({ ...table, classes: undefined, features })).not.toThrow();
  const label = defineFeatures(input({}, { fields: ['y'] }));
  expect(place({ ...table, classes: undefined, features: label })).toThrow('the label');
  const own = defineFeatures(input({ rows: { path: 'tiny.csv', time: 'at' } }));
  expect(place({ ...table, classes: undefined, features: own })).toThrow(
    'which the join writes: name another file as data.path',
  );
});

test('a duration is a whole number of seconds, minutes, hours or days', () => {
  expect(['45s', '15m', '36h', '30d'].map(parseDuration)).toEqual([
    45_000, 900_000, 129_600_000, 2_592_000_000,
  ]);
});

test('the example of the documentation is a definition', async ({ folder }) => {
  const root = join(import.meta.dirname, '../../../../..');
  const page = await readFile(join(root, 'docs/features.md'), 'utf8');
  const example = /```ts\n(export const features[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const from = pathToFileURL(join(root, 'platform/schemas/define/index.ts'));
  const path = join(folder, 'features.mjs');
  await writeFile(path, `import { defineFeatures } from '${from.href}';\n${example}`);
  const { features } = await import(pathToFileURL(path).href);
  expect(features.views.soil).toMatchObject({ entity: 'grower', ttl: '30d', freshness: '7d' });
});
