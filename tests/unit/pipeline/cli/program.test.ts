import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadedPackages } from '../../../repo/loaded-packages.ts';

const folder = join(import.meta.dirname, '../../../../pipeline/cli');
const commands = readdirSync(join(folder, 'commands')).map((name) =>
  join(folder, 'commands', name),
);

test('the command line names its commands and choices before it loads a schema, a stage or the tensor library', async () => {
  const packages = await loadedPackages([join(folder, 'program.ts'), ...commands]);
  expect([...new Set(packages.map(({ name }) => name))]).toEqual(['commander', 'cli-progress']);
});
