import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { championOf } from '../../../pipeline/champion.ts';
import { comparableOnData } from '../../../pipeline/comparable-on-data.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import type { ModelRecord, TableColumn } from '../../../platform/schemas/index.ts';
import { lockProject } from '../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../fixtures/data-repository.ts';
import { buildRecord, gourds } from '../../helpers/model-repository.ts';
import { buildProject } from '../../helpers/project.ts';

let here: DataRepository;
beforeEach(async () => {
  here = await createDataRepository();
});
afterEach(() => here.remove());

const columns: TableColumn[] = [
  { name: 'size', kind: 'number', mean: 0, deviation: 1 },
  { name: 'wet', kind: 'boolean' },
  { name: 'soil', kind: 'category', values: ['clay', 'sand'] },
];

/** A model that takes these columns, and learnt from other data. */
function modelOf(taken: readonly TableColumn[] = columns): ModelRecord {
  const onnx = { digest: digestJson('onnx'), bytes: 4, mediaType: 'application/onnx' };
  return {
    ...buildRecord(gourds, onnx),
    preprocessing: { kind: 'table', columns: [...taken] },
    data: { trees: digestJson('earlier') },
  };
}

/** Why a model cannot be compared on such a table, of a project that names such features. */
async function explain(
  lines: readonly string[],
  { features = ['size'], model = modelOf() }: { features?: string[]; model?: ModelRecord } = {},
): Promise<string | null> {
  await writeFile(join(here.root, 'trees.csv'), [...lines, ''].join('\n'));
  const project = buildProject(here.root, {
    ...{ name: 'trees', task: 'tabular-classification', classes: ['a', 'b'] },
    data: { name: 'trees', path: 'trees.csv', source: 'the garden', licence: 'CC0-1.0' },
    table: {
      label: 'kind',
      features: Object.fromEntries(features.map((name) => [name, { kind: 'number' as const }])),
    },
  });
  const lock = await lockProject(here.workspace, here.store, project);
  const { workspace, store } = here;
  const found = await comparableOnData({ workspace, store, lock, project }, championOf(model));
  expect(found.record).toBe(model);
  return found.incomparable;
}

test.each([
  [
    'its columns are in another order, with others beside them',
    ['new,soil,wet,size,kind', '1,clay,yes,2,a'],
    null,
  ],
  [
    'some cells are empty and some words new',
    ['size,wet,soil,kind', ',,silt,a', '1,yes,sand,b'],
    null,
  ],
  [
    'a column is gone',
    ['wet,soil,kind', 'yes,clay,a'],
    'takes the column "size", which the data no longer has',
  ],
  [
    'a column differs in case',
    ['Size,wet,soil,kind', '1,yes,clay,a'],
    'takes the column "size", which the data no longer has',
  ],
  [
    'a column that nobody takes is emptied',
    ['size,wet,soil,kind', '1,NA,clay,a', '2,,sand,b'],
    'takes the column "wet", in which every row is empty now',
  ],
  ['a column that the project still takes is emptied', ['size,wet,soil,kind', ',yes,clay,a'], null],
  [
    'all words of a column are spelled otherwise',
    ['size,wet,soil,kind', '1,yes,Clay,a', '2,no,Sand,b'],
    'knows no value that is now in the column "soil"',
  ],
  [
    'several things happened',
    ['size,soil,kind', '1,xclay,a'],
    'takes the column "wet", which the data no longer has; it knows no value that is now in the column "soil"',
  ],
])('where %s, the reason says so', async (_, lines, reason) => {
  const { run } = modelOf();
  const expected = reason === null ? null : `${run}, which serves, ${reason}`;
  expect(await explain(lines)).toBe(expected);
});

test('whichever columns are gone, these are named and no others', async () => {
  const names = Array.from({ length: 4 }, (_, at) => `c${at}`);
  const taken = names.map(
    (name) => ({ ...columns[0], name, kind: 'number', mean: 0, deviation: 1 }) as const,
  );
  const property = fc.asyncProperty(fc.subarray(names), async (left) => {
    const lines = [[...left, 'kind'].join(','), [...left.map(() => '1'), 'a'].join(',')];
    const found = await explain(lines, { features: [], model: modelOf(taken) });
    const named = names.filter((name) => found?.includes(`"${name}"`));
    expect(named).toEqual(names.filter((name) => !left.includes(name)));
    expect(found === null).toBe(left.length === names.length);
  });
  await fc.assert(property, { numRuns: 20 });
});

test('many values that are encoded by labels may all be new', async () => {
  const target = { parts: [{ prior: 0, mean: 0, deviation: 1 }], means: [[1]] };
  const model = modelOf([{ name: 'soil', kind: 'category', values: ['clay'], target }]);
  expect(await explain(['size,soil,kind', '1,loam,a'], { model })).toBeNull();
});

test('a reason that is known already stays', async () => {
  const lost = { record: modelOf(), incomparable: 'the remote has lost it' };
  const project = buildProject(here.root, {});
  const { workspace, store } = here;
  const context = { workspace, store, project, lock: { version: 1, datasets: {} } as const };
  expect(await comparableOnData(context, lost)).toBe(lost);
  expect(await comparableOnData(context, championOf(null))).toEqual(championOf(null));
});
