import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
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

/** Writes sources into an installation. @param sources text by path */
async function plantSources(folder: string, sources: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

test('an own source is found by its path, and one that is missing is named as ever', async ({
  folder,
}) => {
  const preload = await plantInstallation(folder);
  await plantSources(folder, {
    'serving/a b.ts': 'export const text: string = "found";',
    'serving/one.ts': "export { text } from '../serving/a%20b.ts';",
    'serving/lost.ts': "import './there-is-none.ts';",
    'program.mjs': `
      const { text } = await import('./serving/one.ts');
      const { code, url, message } = await import('./serving/lost.ts').catch((error) => error);
      console.log(JSON.stringify({ text, code, url, message }));`,
  });
  const answer = await runProgram(folder, preload);
  expect(answer).toMatchObject({ text: 'found', code: 'ERR_MODULE_NOT_FOUND' });
  expect(answer.url).toMatch(/serving\/there-is-none\.ts$/);
  expect(answer.message).toContain(`imported from ${join(folder, 'serving/lost.ts')}`);
});

test('a source outside, which a link leads to, finds what lies beside it', async ({ folder }) => {
  const inside = join(folder, 'inside');
  const preload = await plantInstallation(inside);
  await plantSources(folder, {
    'outside/model.ts': "export { text } from './beside.ts';",
    'outside/beside.ts': 'export const text: string = "beside";',
    'inside/program.mjs':
      "console.log(JSON.stringify(await import('./projects/farm/model.ts').then(({ text }) => text)));",
  });
  await mkdir(join(inside, 'projects'));
  await symlink('../../outside', join(inside, 'projects/farm'));
  expect(await runProgram(inside, preload)).toBe('beside');
});
