import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findRun } from '../../../../platform/registry/index.ts';
import { test as base } from '../../../helpers/folder.ts';

const test = base.extend<{ root: string }>({
  root: async ({ folder }, use) => {
    for (const path of [
      'apples/records/d56bea57b724',
      'apples/records/0123456789ab',
      'pears/records/fedcba987654',
    ]) {
      await mkdir(join(folder, 'models', path, '..'), { recursive: true });
      await writeFile(join(folder, 'models', `${path}.json`), '{}');
    }
    await use(folder);
  },
});

test.for([
  ['d56b', 'd56bea57b724'],
  ['d56bea57b724', 'd56bea57b724'],
  ['models/pears/records/fedcba987654.json', 'fedcba987654'],
  ['/anywhere/models/pears/records/fedcba987654.json', 'fedcba987654'],
  ['fedcba987654.json', 'fedcba987654'],
] as const)('%s names a run', async ([wanted, run], { root }) => {
  expect(await findRun(root, wanted)).toMatchObject({ run });
});

test.for([
  '/etc/passwd',
  'd',
  'd56',
  'record',
  'x/d56b',
  'D56B',
  'd56bea57b7240',
  'd56b.json',
  'models/pears/records/d56bea57b724.json',
  '',
])('"%s" names none', async (wanted, { root }) => {
  await expect(findRun(root, wanted)).rejects.toMatchObject({ code: 'MODEL_RUN_UNKNOWN' });
});

test('a run of another model is not found', async ({ root }) => {
  const unknown = { code: 'MODEL_RUN_UNKNOWN' };
  await expect(findRun(root, 'd56b', 'pears')).rejects.toMatchObject(unknown);
});
