import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { defineProject, loadProject } from '../../../../platform/schemas/define/index.ts';
import { test } from '../../../helpers/folder.ts';
import { found, validate } from '../validation/dataset.ts';

const repository = join(import.meta.dirname, '../../../..');

const { definition: penguins, parameters } = await loadProject(repository, 'penguins');

async function plantTable(root: string): Promise<void> {
  const { path } = penguins.data;
  await mkdir(dirname(join(root, path)), { recursive: true });
  await copyFile(join(repository, path), join(root, path));
}

test('the project loads with its parameters', () => {
  expect(penguins.data.licence).toBe('CC0-1.0');
  expect(parameters.model).toEqual({ hidden: [32, 16] });
});

test('the table has nothing to warn of', async ({ folder }) => {
  await plantTable(folder);
  expect(await validate(folder, penguins)).toEqual([]);
});

test('the same table predicts body mass as a regression', async ({ folder }) => {
  const { body_mass_g: _, ...features } = penguins.table?.features ?? {};
  const mass = defineProject({
    name: 'penguin-mass',
    task: 'tabular-regression',
    data: penguins.data,
    table: {
      label: 'body_mass_g',
      features: { ...features, species: { kind: 'category' } },
    },
    split: penguins.split,
    ...(penguins.parameters && { parameters: penguins.parameters }),
    model: penguins.model,
    gates: [{ metric: 'r2', atLeast: 0.7 }],
    budgets: penguins.budgets,
    page: { title: 'How heavy is it?', intro: 'Grams.', refusal: 'Unlike any penguin.' },
  });
  await plantTable(folder);
  const { task, data, table, split } = mass;
  const slices = [{ column: 'island' }];
  const definition = { task, data, split, slices, classes: [], ...(table && { table }) };
  const findings = await validate(folder, definition);
  expect(found(findings)).toEqual(['error LABEL_MISSING']);
  expect(findings[0]).toMatchObject({ count: 2, examples: ['row 4', 'row 340'] });
});
