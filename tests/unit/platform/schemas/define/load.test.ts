import { join } from 'node:path';
import { expect } from 'vitest';
import { isMainstemError } from '../../../../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../../../../platform/lib/files.ts';
import { loadProject } from '../../../../../platform/schemas/define/index.ts';
import { test } from '../../../../helpers/folder.ts';

async function loadText(root: string, text: string): Promise<unknown> {
  await writeFileAtomic(join(root, 'pipeline/projects/apples/project.ts'), text);
  return loadProject(root, 'apples').catch((error: unknown) => error);
}

test.for([
  ['has a syntax error', 'export default {{', /^Project "apples": pipeline\/projects\/apples/],
  [
    'imports what is not there',
    "import './nothing.ts';",
    /project\.ts cannot be loaded: .*nothing/,
  ],
  ['throws', "throw new Error('first\\nsecond');", /cannot be loaded: first\.$/],
  ['exports nothing', 'export const a = 1;', /the default export must be defineProject/],
  ['exports something else', "export default { name: 'apples' };", /task is missing, but must be/],
] as const)('a project.ts that %s is invalid', async ([, text, message], { folder }) => {
  const error = await loadText(folder, text);
  if (!isMainstemError(error, 'PROJECT_INVALID')) throw error;
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
});

const project = `export default {
  name: 'apples', task: 'image-classification', classes: ['good', 'bad'], split: { seed: 1 },
  data: { name: 'apples', path: 'data/apples', source: 'own', licence: 'CC0-1.0' },
  parameters: { type: 'object', properties: {} }, model: () => {}, gates: [],
  budgets: { modelBytes: 1, latencyMs: 1 }, page: { title: '', intro: '', refusal: '' },
};`;

test('a missing params.json is reported with its path', async ({ folder }) => {
  const error = await loadText(folder, project);
  if (!isMainstemError(error, 'FILE_UNREADABLE')) throw error;
  expect(error.details).toMatchObject({
    path: 'pipeline/projects/apples/params.json',
    reason: 'ENOENT',
  });
});

test('a network that model.ts does not export is refused: no run key would hold it', async ({
  folder,
}) => {
  const write = (text: string) =>
    writeFileAtomic(join(folder, 'pipeline/projects/apples/model.ts'), text);
  await write('export const other = () => {};');
  const error = await loadText(folder, project);
  if (!isMainstemError(error, 'PROJECT_INVALID')) throw error;
  expect(error.message).toContain('model must be exported by model.ts');
});
