import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { compileHere, removeCompiled } from '../helpers/compiled.ts';
import { test } from '../helpers/folder.ts';
import { goPrograms } from '../helpers/tools.ts';

afterAll(removeCompiled);

const lint = (path: string) => spawnSync(goPrograms.argoLint, [path], { encoding: 'utf8' });

describe.skipIf(!existsSync(goPrograms.argoLint))('argo lint', () => {
  test.for(['run', 'sweep'] as const)(
    'finds nothing in the workflow of a %s',
    async (kind, { folder }) => {
      const path = join(folder, 'workflow.yaml');
      await writeFile(path, await compileHere('argo', kind));
      const { status, stdout, stderr } = lint(path);
      expect(status, stdout + stderr).toBe(0);
    },
  );

  test('finds a template that is not there, and a field that is misspelt', async ({ folder }) => {
    const path = join(folder, 'workflow.yaml');
    const text = await compileHere('argo', 'run');
    for (const [right, wrong] of [
      ['template: stage', 'template: stag'],
      ['dependencies:', 'dependenzies:'],
    ] as const) {
      await writeFile(path, text.replace(right, wrong));
      expect(await readFile(path, 'utf8')).not.toBe(text);
      expect(lint(path).status, wrong).not.toBe(0);
    }
  });
});
