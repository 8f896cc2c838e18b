import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { describeTable } from '../../../../../pipeline/cli/show/describe-table.ts';
import { test } from '../../../../helpers/folder.ts';
import { buildProject } from '../../../../helpers/project.ts';

const table = {
  label: 'species',
  features: { mass: { kind: 'number' }, code: { kind: 'category' } },
} as const;

function projectIn(root: string) {
  const data = { name: 'birds', path: 'birds.csv', source: 'made here', licence: 'CC0-1.0' };
  return buildProject(root, { name: 'birds', task: 'tabular-classification', data, table });
}

test('a table is described by its first rows and by what each column holds', async ({ folder }) => {
  const rows = ['3750,1,good,', '3800,2,ok,', 'N/A,2,ok,', 'nan,7,bad,'];
  await writeFile(join(folder, 'birds.csv'), ['mass,code,species,note', ...rows].join('\n'));
  const described = await describeTable(folder, projectIn(folder), 2);
  expect(described.rows).toBe(4);
  expect(described.first).toHaveLength(2);
  expect(described.columns).toEqual([
    { column: 'mass', missing: 2, distinct: 2, numbers: { low: 3750, mean: 3775, high: 3800 } },
    // Digits, but project.ts says that they are names.
    { column: 'code', missing: 0, distinct: 3, common: ['2 (2)', '1 (1)', '7 (1)'] },
    { column: 'species', missing: 0, distinct: 3, common: ['ok (2)', 'good (1)', 'bad (1)'] },
    { column: 'note', missing: 4, distinct: 0, common: [] },
  ]);
  expect(described.text).toContain('birds.csv: 4 rows');
});

test('a CSV with an open quote is invalid data with its line, not a stack', async ({ folder }) => {
  await writeFile(join(folder, 'birds.csv'), 'mass,code,species\n1,2,"good\n3,4,ok\n');
  await expect(describeTable(folder, projectIn(folder), 2)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: 'birds.csv: line 2, column 3: a quote opens here and is never closed.',
  });
});

test('a table that is not there is missing data', async ({ folder }) => {
  await expect(describeTable(folder, projectIn(folder), 2)).rejects.toMatchObject({
    code: 'DATA_MISSING',
  });
});
