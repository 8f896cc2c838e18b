import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { test } from '../../../helpers/folder.ts';

const root = join(import.meta.dirname, '../../../..');
const run = promisify(execFile);

/** What a program that imports TypeBox in three ways prints; the paths of the modules that it loaded. */
const program = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
const { Type } = await import('typebox');
const { Compile } = await import('typebox/compile');
const { Default } = await import('typebox/value');
const schema = Type.Object({ a: Type.Integer({ default: 3 }) });
const filled = Default(schema, {});
console.log(JSON.stringify({ filled, valid: Compile(schema).Check(filled), loaded: loaded.length }));
`;

/** An installation with TypeBox alone, in a folder of its own, with or without bundles. */
async function plantInstallation(folder: string): Promise<string> {
  await mkdir(join(folder, 'platform/lib'), { recursive: true });
  const preload = join(folder, 'platform/lib/use-bundles.js');
  await cp(join(root, 'platform/lib/use-bundles.js'), preload);
  await cp(join(root, 'node_modules/typebox'), join(folder, 'node_modules/typebox'), {
    recursive: true,
  });
  await writeFile(join(folder, 'program.mjs'), program);
  return preload;
}

async function runProgram(folder: string, preload: string) {
  const args = ['--import', preload, join(folder, 'program.mjs')];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: folder });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('bundles give the same answers from a few files, and only for the version that they were made from', async ({
  folder,
}) => {
  const preload = await plantInstallation(folder);
  const plain = await runProgram(folder, preload);
  expect(plain).toMatchObject({ filled: { a: 3 }, valid: true });
  expect(plain.loaded).toBeGreaterThan(100);

  await run(process.execPath, [join(root, 'pipeline/cli/bundle-packages.ts')]);
  const bundles = join(folder, 'node_modules/.cache/bundles');
  await cp(join(root, 'node_modules/.cache/bundles'), bundles, { recursive: true });
  const bundled = await runProgram(folder, preload);
  expect(bundled).toMatchObject({ filled: { a: 3 }, valid: true });
  expect(bundled.loaded).toBeLessThan(10);

  const path = join(bundles, 'bundles.json');
  const made = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(
    path,
    JSON.stringify({ groups: [{ ...made.groups[0], packages: { typebox: '0.0.0' } }] }),
  );
  expect((await runProgram(folder, preload)).loaded).toBe(plain.loaded);
  await writeFile(path, '{');
  expect((await runProgram(folder, preload)).loaded).toBe(plain.loaded);
});
