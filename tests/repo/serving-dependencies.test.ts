import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadedPackages, type ReadSource } from './loaded-packages.ts';

const root = join(import.meta.dirname, '../..');
const programs = [
  ...['serving/server.ts', 'serving/run-server.ts', 'serving/inference/worker.ts'],
  'monitoring/bridge.ts',
];
const entries = programs.map((path) => join(root, path));

async function undeclared(readSource?: ReadSource): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(root, 'serving/package.json'), 'utf8'));
  const loaded = await loadedPackages(entries, readSource);
  return loaded
    .filter(({ name }) => !(name in manifest.dependencies))
    .map(({ name, from }) => `${from.slice(root.length + 1)} loads ${name}`);
}

/** The real sources, with a line planted in one. */
const planting =
  (path: string, line: string): ReadSource =>
  async (read) =>
    (read === join(root, path) ? `${line}\n` : '') + (await readFile(read, 'utf8'));

test('the server and the bridge load only packages that serving/package.json names', async () => {
  expect(await undeclared()).toEqual([]);
});

test.each([
  [
    'platform/transforms/scale-image.ts',
    "import { tensor } from '@tensorflow/tfjs-core';",
    'tfjs-core',
  ],
  ['monitoring/bridge/plan.ts', "import { Octokit } from '@octokit/rest';", '@octokit/rest'],
  ['platform/lib/json.ts', "export * from 'commander';", 'commander'],
  ['serving/inference/worker.ts', "import { type Command } from 'commander';", 'commander'],
])('a planted import in %s is found', async (path, line, name) => {
  const found = await undeclared(planting(path, line));
  expect(found.join()).toContain(`${path} loads `);
  expect(found.join()).toContain(name);
});

test('a planted type import does not count', async () => {
  const line = "import type { Command } from 'commander';";
  expect(await undeclared(planting('platform/lib/json.ts', line))).toEqual([]);
});
