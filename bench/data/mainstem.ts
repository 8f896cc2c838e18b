import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minimalParameters } from '../../tests/helpers/project.ts';
import type { Contender } from './contender.ts';
import { execute, executeTimed, setAside, writeDigits } from './files.ts';

const repository = join(import.meta.dirname, '..', '..');
const copied = ['platform', 'pipeline', 'monitoring', 'package.json'];

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

/** Mainstem in a repository with one project, by its command line on the pinned Node. */
export async function createMainstem(root: string, files: number): Promise<Contender> {
  await mkdir(root);
  await execute(root, 'git', ['init', '-q']);
  const filter = (source: string) => !source.includes(join('pipeline', 'projects'));
  for (const part of copied) {
    await cp(join(repository, part), join(root, part), { recursive: true, filter });
  }
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  const folder = join(root, 'pipeline', 'projects', 'digits');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'project.ts'), project);
  await writeFile(join(folder, 'model.ts'), model);
  await writeFile(join(folder, 'params.json'), JSON.stringify(parameters));
  writeDigits(join(root, 'data', 'digits'), files);
  const node = join(repository, 'node_modules', 'node', 'bin', 'node');
  // As pipeline/cli/bootstrap.js starts it: compiled code is kept, as Python keeps DVC's, and TypeBox is bundled.
  const environment = { NODE_COMPILE_CACHE: join(root, 'compile-cache') };
  const mainstem = async (...args: string[]) => {
    const cli = join(root, 'pipeline', 'cli', 'cli.ts');
    const preload = join(root, 'pipeline', 'cli', 'use-bundles.js');
    return (await executeTimed(root, node, ['--import', preload, cli, ...args], environment))
      .processor;
  };
  await mainstem('--version');
  return {
    name: 'Mainstem',
    add: () => mainstem('lock', 'digits'),
    status: () => mainstem('status', '--check'),
    checkout: () => mainstem('checkout'),
    push: (bucket, endpoint) => mainstem('push', '--remote', `${bucket}?endpoint=${endpoint}`),
    fetch: (bucket, endpoint) => mainstem('pull', '--remote', `${bucket}?endpoint=${endpoint}`),
    loseBytes: () => setAside(root, '.mainstem'),
    loseData: () => setAside(root, 'data'),
    async loseStore() {
      await setAside(root, '.mainstem');
      await setAside(root, 'data.lock.json');
    },
  };
}
