import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { describeTable } from '../../../pipeline/cli/show/describe-table.ts';
import { surveyTable } from '../../../pipeline/template/init/survey-table.ts';
import { columnGaps } from '../../../pipeline/validation/checks/column-gaps.ts';
import { columnType } from '../../../pipeline/validation/checks/column-type.ts';
import { missingWords } from '../../../platform/lib/missing-words.ts';
import { parseTable } from '../../../platform/lib/parse-table.ts';
import { binOf, encodeRow, fitTable, isMissing } from '../../../platform/transforms/index.ts';
import { readRow } from '../../../serving/inference/rows.ts';
import { test } from '../../helpers/folder.ts';
import { buildProject } from '../../helpers/project.ts';

/** The words as people and programs write them. */
const spellings = [...missingWords, ...['NA', 'N/A', 'NaN', 'NULL', 'None', '#N/A', 'Missing']];

/** Cells that might be taken for missing somewhere, beside those that are. */
const others = ['nanny', 'no', '!', '0', '12 kg', '4;5', '1 234'];

/** A column of numbers with one cell that holds the word. */
async function plantTable(folder: string, word: string) {
  const text = `mass,kind\n1,a\n2,b\n3,a\n${word},b\n`;
  await writeFile(join(folder, 'table.csv'), text);
  const data = { name: 'table', path: 'table.csv', source: 'made here', licence: 'CC0-1.0' };
  const table = {
    label: 'kind',
    features: { mass: { kind: 'number' } },
  } as const;
  return buildProject(folder, { data, task: 'tabular-classification', classes: ['a', 'b'], table });
}

test.for([...spellings, ...others])(
  'data show, init, validation, training, serving and profiles agree on "%s"',
  async (word, { folder }) => {
    const project = await plantTable(folder, word);
    const { table } = project.definition;
    if (!table) throw new Error('the project has a table');
    const missing = isMissing(word, 'number');
    expect(missing).toBe(spellings.includes(word));

    const { columns } = await describeTable(folder, project, 1);
    expect(columns.find(({ column }) => column === 'mass')?.missing).toBe(missing ? 1 : 0);

    const survey = await surveyTable(join(folder, 'table.csv'), 'kind');
    expect(survey.columns[0]).toMatchObject({
      numeric: missing || word === '0',
      missing: missing ? 0.25 : 0,
    });

    const data = parseTable(Buffer.from(`mass,kind\n1,a\n${word},b\n`), 'table.csv');
    const known = { classes: ['a', 'b'], alsoUsed: [], partOf: () => 'train' as const };
    const subject = { data, table, ...known };
    expect(columnGaps.observe(subject)).toHaveLength(missing ? 1 : 0);
    const valid = missing || word === '0';
    expect(columnType.observe(subject)).toHaveLength(valid ? 0 : 1);

    const preprocessing = fitTable([{ mass: 1 }, { mass: 3 }], {
      ...table,
      features: { mass: { kind: 'number', missing: 0.05 } },
    });
    const encoded = () => [...encodeRow(preprocessing, { mass: word })];
    if (valid) expect(encoded()).toEqual([missing ? 0 : -2]);
    else expect(encoded).toThrow(word);

    const asked = () => readRow(preprocessing, { mass: word }, 0);
    if (word === '0') expect(asked).not.toThrow();
    else expect(asked).toThrow(missing ? 'all others are missing' : 'must be a number');

    const bins = { name: 'mass', kind: 'number' as const, edges: [1, 2], ratios: [] };
    expect(binOf(bins, word)).toBe(word === '0' ? 0 : null);
  },
);

test('"NA" is a name in a column of names, for everyone', async ({ folder }) => {
  const project = await plantTable(folder, '4');
  await writeFile(join(folder, 'table.csv'), 'mass,kind\n1,NA\n2,b\n3,\n4,b\n');
  const { columns } = await describeTable(folder, project, 1);
  expect(columns.find(({ column }) => column === 'kind')?.missing).toBe(1);
  const survey = await surveyTable(join(folder, 'table.csv'), 'kind');
  expect(survey.label).toMatchObject({ numeric: false, missing: 0.25 });
  expect([...survey.label.counts.keys()]).toEqual(['b', 'NA']);
});
