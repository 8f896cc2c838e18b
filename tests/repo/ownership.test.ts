import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Ownership,
  ownersOf,
  parseOwnership,
  readOwnership,
  renderCodeOwners,
} from '../../docs/ownership.ts';

const root = join(import.meta.dirname, '../..');
const ownership = readOwnership();

function trackedFiles(): string[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', options, { cwd: root, encoding: 'utf8' });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

test('every file of the repository belongs to exactly one list of platform.json', () => {
  const misplaced = trackedFiles()
    .map((file) => ({ file, lists: ownersOf(ownership, file) }))
    .filter(({ lists }) => lists.length !== 1)
    .map(({ file, lists }) => `${file}: ${lists.join(' and ') || 'in no list, add it to "yours"'}`);
  expect(misplaced).toEqual([]);
});

test('CODEOWNERS is what platform.json says', async () => {
  const text = await readFile(join(root, '.github/CODEOWNERS'), 'utf8');
  expect(text, 'run "npm run docs"').toBe(renderCodeOwners(ownership));
});

const small: Ownership = {
  version: 1,
  owners: { platform: ['@acme/platform'], byCommits: ['@jen', '@acme/models'], yours: [] },
  platform: ['pipeline/', 'models/README.md'],
  byCommits: ['models/'],
  yours: ['pipeline/projects/'],
};

test.each([
  ['pipeline/run.ts', ['platform']],
  ['pipeline/projects/apples/model.ts', ['yours']],
  ['models/apples/production.json', ['byCommits']],
  ['models/README.md', ['platform']],
  ['pipeline.md', []],
])('the longest path decides who owns %s', (file, expected) => {
  expect(ownersOf(small, file)).toEqual(expected);
});

test('a file that two lists name is claimed by both', () => {
  const doubled = { ...small, yours: ['pipeline/'] };
  expect(ownersOf(doubled, 'pipeline/run.ts')).toEqual(['platform', 'yours']);
});

test('CODEOWNERS names a path after the folders that contain it, and leaves yours to any reviewer', () => {
  const lines = renderCodeOwners(small).trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    '/models/ @jen @acme/models',
    '/models/README.md @acme/platform',
    '/pipeline/ @acme/platform',
    '/pipeline/projects/',
  ]);
});

test.each([
  [{ ...small, yours: ['*.ts'] }, '/yours/0'],
  [{ ...small, yours: ['/pipeline/'] }, '/yours/0'],
  [{ ...small, owners: { ...small.owners, yours: ['jen'] } }, '/owners/yours/0'],
  [{ ...small, extra: [] }, '/extra'],
])('platform.json with a value that is not allowed is refused: %#', (value, expected) => {
  expect(() => parseOwnership(JSON.stringify(value))).toThrow(expected);
});
