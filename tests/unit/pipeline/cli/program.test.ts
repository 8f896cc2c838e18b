import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadedPackages } from '../../../repo/loaded-packages.ts';

const program = join(import.meta.dirname, '../../../../pipeline/cli/program.ts');

test('the command line names its commands and choices before it loads a schema, a stage or the tensor library', async () => {
  const packages = await loadedPackages([program]);
  expect([...new Set(packages.map(({ name }) => name))]).toEqual(['commander', 'cli-progress']);
});
