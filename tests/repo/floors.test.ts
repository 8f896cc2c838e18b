import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../platform/lib/git.ts';
import { checkImports } from './floors.ts';

const root = join(import.meta.dirname, '../..');

async function trackedSources(): Promise<Map<string, string>> {
  const listed = await git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '*.ts');
  const paths = listed.split('\n').filter((path) => !path.endsWith('.d.ts'));
  const texts = await Promise.all(
    paths.map(
      async (path) => [path, await readFile(join(root, path), 'utf8').catch(() => '')] as const,
    ),
  );
  return new Map(texts);
}

test('imports go to lower floors only', async () => {
  expect(checkImports(await trackedSources())).toEqual([]);
});

const planted = [
  ['platform/storage/bad.ts', '../report/index.ts', '(platform/storage) may not import'],
  ['platform/registry/bad.ts', '../transforms/index.ts', '(platform/registry) may not import'],
  ['platform/lib/bad.ts', '../schemas/index.ts', '(platform/lib) may not import'],
  ['platform/schemas/bad.ts', './define/index.ts', '(platform/schemas) may not import'],
  ['monitoring/bad.ts', '../serving/app.ts', '(monitoring) may not import'],
  ['serving/bad.ts', '../pipeline/prepare/index.ts', '(serving) may not import'],
  ['pipeline/training/bad.ts', '../evaluation/index.ts', '(pipeline/training) may not import'],
  ['pipeline/run.ts', './projects/pumpkins/project.ts', '(pipeline) may not import'],
  ['pipeline/challenge.ts', './operations/report.ts', '(pipeline) may not import'],
  ['pipeline/operations/bad.ts', '../cli/command.ts', '(pipeline/operations) may not import'],
  ['.github/actions/x/main.ts', '../../../pipeline/cli/cli.ts', '(.github/actions) may not import'],
  [
    'pipeline/evaluation/bad.ts',
    '../../platform/storage/store/store.ts',
    'only index.ts is public',
  ],
  ['pipeline/projects/a/model.ts', '../b/model.ts', 'of another project'],
  ['pipeline/cellar/bad.ts', '../../platform/lib/hash.ts', 'is in no room'],
  ['attic/bad.ts', '../platform/lib/hash.ts', 'is in no room'],
  ['platform/lib/bad.ts', './missing.ts', 'does not exist'],
] as const;

test.each(planted)('a planted violation in %s is found', (from, to, expected) => {
  const target = join(from, '..', to);
  const sources = new Map<string, string>([[from, `import { x } from '${to}';\nx();`]]);
  if (!to.includes('missing')) sources.set(target, 'export const x = () => 1;');
  expect(checkImports(sources).join('\n')).toContain(expected);
});

test('a planted cycle is found', () => {
  const sources = new Map([
    ['platform/lib/a.ts', "export { b } from './b.ts';"],
    ['platform/lib/b.ts', "export const b = () => import('./a.ts');"],
  ]);
  expect(checkImports(sources)).toEqual([
    'cycle: platform/lib/a.ts → platform/lib/b.ts → platform/lib/a.ts',
  ]);
});
