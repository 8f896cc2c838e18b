import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../pipeline/lib/git.ts';
import { checkImports } from './import-rules.ts';

const root = join(import.meta.dirname, '../..');

async function trackedSources(): Promise<Map<string, string>> {
  const listed = await git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '*.ts');
  const paths = listed
    .split('\n')
    .filter((path) => !path.endsWith('.d.ts') && !path.includes('/templates/'));
  const texts = await Promise.all(
    paths.map(
      async (path) => [path, await readFile(join(root, path), 'utf8').catch(() => '')] as const,
    ),
  );
  return new Map(texts);
}

test('imports flow in the directions that DESIGN.md allows', async () => {
  expect(checkImports(await trackedSources())).toEqual([]);
});

const planted = [
  [
    'pipeline/data/bad.ts',
    '../../models/index.ts',
    'pipeline/data/bad.ts (pipeline/data) may not import',
  ],
  ['monitoring/bad.ts', '../serving/app.ts', 'monitoring/bad.ts (monitoring) may not import'],
  ['pipeline/training/bad.ts', '../evaluation/index.ts', '(pipeline/training) may not import'],
  ['models/bad.ts', '../pipeline/data/store.ts', 'only index.ts is public'],
  ['pipeline/lib/bad.ts', '../types.ts', 'pipeline/lib/bad.ts (pipeline/lib) may not import'],
  ['pipeline/run.ts', './projects/pumpkins/project.ts', '(pipeline/flow) may not import'],
  ['.github/actions/x/main.ts', '../../../serving/app.ts', '(.github/actions) may not import'],
  ['pipeline/projects/a/model.ts', '../b/model.ts', 'of another project'],
  ['pipeline/lib/bad.ts', './missing.ts', 'does not exist'],
] as const;

test.each(planted)('a planted violation in %s is found', (from, to, expected) => {
  const target = join(from, '..', to);
  const sources = new Map<string, string>([[from, `import { x } from '${to}';\nx();`]]);
  if (!to.includes('missing')) sources.set(target, 'export const x = () => 1;');
  expect(checkImports(sources).join('\n')).toContain(expected);
});

test('a planted cycle is found', () => {
  const sources = new Map([
    ['models/a.ts', "export { b } from './b.ts';"],
    ['models/b.ts', "export const b = () => import('./a.ts');"],
  ]);
  expect(checkImports(sources)).toEqual(['cycle: models/a.ts → models/b.ts → models/a.ts']);
});
