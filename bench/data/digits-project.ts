import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minimalParameters } from '../../tests/helpers/project.ts';

const project = `import { Type } from 'typebox';
import { defineProject } from '../../../platform/schemas/define/index.ts';
import { model } from './model.ts';

export default defineProject({
  name: 'digits',
  task: 'image-classification',
  data: { name: 'digits', path: 'data/digits', source: 'seeded noise', licence: 'CC0-1.0' },
  classes: Array.from({ length: 10 }, (_, digit) => \`digit-\${digit}\`),
  split: { seed: 1 },
  parameters: Type.Object({}),
  model,
  gates: [],
  budgets: { modelBytes: 1, latencyMs: 1 },
  page: { title: 'Digits', intro: '', refusal: '' },
});
`;
const model = `export const model = ({ layers, inputShape, outputs }) =>
  layers.sequential({ layers: [layers.layers.flatten({ inputShape }), layers.layers.dense({ units: outputs })] });
`;
const parameters = { ...minimalParameters, imageSize: 16 };

/** Writes a project whose data is what `writeDigits` makes in data/digits. */
export async function writeDigitsProject(root: string): Promise<void> {
  const folder = join(root, 'pipeline', 'projects', 'digits');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'project.ts'), project);
  await writeFile(join(folder, 'model.ts'), model);
  await writeFile(join(folder, 'params.json'), JSON.stringify(parameters));
}
