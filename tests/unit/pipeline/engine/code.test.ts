import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCode } from '../../../../pipeline/engine/code.ts';
import { openReaders } from '../../../../pipeline/engine/readers.ts';
import {
  createRepository,
  type TemporaryRepository,
} from '../../../helpers/temporary-repository.ts';

async function codeOf({ root }: TemporaryRepository, entry = 'stage.ts') {
  const readers = await openReaders(root);
  const found = await readCode(root, [join(root, entry)], readers);
  await readers.modules.save();
  return found;
}

/** Digests of one file's code, before and after. */
async function change(before: string, after: string) {
  const repository = await createRepository({ 'stage.ts': before });
  const first = await codeOf(repository);
  await repository.write({ 'stage.ts': after });
  const second = await codeOf(repository);
  return { first: first.code['stage.ts'], second: second.code['stage.ts'] };
}

describe('the digest of a source file', () => {
  test.each([
    ['comments', 'export const a = 1;', '/** One. */\nexport const a = 1; // really'],
    ['formatting', 'export const a = { b: "c" }', "export const a = {\n  b: 'c',\n};\n"],
    ['annotations', 'export const f = (a) => a;', 'export const f = <T>(a: T): T => a;'],
    ['optional marks', 'export function f(a) {}', 'export function f(a?: string) {}'],
    [
      'type declarations',
      'export const a = 1;',
      'type B = 1;\nexport interface C {}\nexport const a = 1;',
    ],
    [
      'type imports',
      'export const a = 1;',
      "import type { B } from './gone.ts';\nexport const a = 1;",
    ],
    ['type assertions', 'export const a = b;', 'export const a = b as unknown satisfies C;'],
    [
      'overloads',
      'export function f(a) {}',
      'export function f(a: 1): 2;\nexport function f(a) {}',
    ],
    ['declarations of others', 'export const a = 1;', 'declare const b: 1;\nexport const a = 1;'],
  ])('does not see %s', async (_what, before, after) => {
    const { first, second } = await change(before, after);
    expect(second).toBe(first);
  });

  test.each([
    ['a number', 'export const a = 1;', 'export const a = 2;'],
    ['a large number', 'export const a = 1n;', 'export const a = 2n;'],
    ['a pattern', 'export const a = /x/;', 'export const a = /x/g;'],
    ['white space in a text', 'export const a = ` b`;', 'export const a = `  b`;'],
    ['an optional chain', 'export const f = (a) => a.b;', 'export const f = (a) => a?.b;'],
    ['an operator', 'export const f = (a) => a + 1;', 'export const f = (a) => a - 1;'],
  ])('sees %s', async (_what, before, after) => {
    const { first, second } = await change(before, after);
    expect(second).not.toBe(first);
  });

  test('is remembered between runs without going stale', async () => {
    const repository = await createRepository({ 'stage.ts': 'export const a = 1;' });
    await new Promise((resolve) => setTimeout(resolve, 80));
    const first = await codeOf(repository);
    expect(await codeOf(repository)).toEqual(first);
    await repository.write({ 'stage.ts': 'export const a = 2;' });
    expect((await codeOf(repository)).code).not.toEqual(first.code);
  });

  test('a file that cannot be parsed is named', async () => {
    const repository = await createRepository({ 'stage.ts': 'export const = ;' });
    await expect(codeOf(repository)).rejects.toMatchObject({
      code: 'CODE_INVALID',
      details: { path: 'stage.ts' },
    });
  });
});

describe('the import graph', () => {
  test('follows static, dynamic and side-effect imports through helpers', async () => {
    const repository = await createRepository({
      'stage.ts': "import { b } from './lib/b.ts'; export const run = () => import('./c.ts');",
      'lib/b.ts': "import '../d.ts'; export { e as b } from './e.ts'; export const x = 1;",
      'c.ts': 'export const c = 1;',
      'd.ts': 'globalThis.d = 1;',
      'lib/e.ts': 'export const e = 1;',
      'other.ts': 'export const other = 1;',
    });
    const { code } = await codeOf(repository);
    expect(Object.keys(code)).toEqual(['c.ts', 'd.ts', 'lib/b.ts', 'lib/e.ts', 'stage.ts']);
  });

  test('does not follow type imports', async () => {
    const repository = await createRepository({
      'stage.ts':
        "import type { A } from './a.ts'; export type { B } from './b.ts'; export const c = 1;",
    });
    expect(Object.keys((await codeOf(repository)).code)).toEqual(['stage.ts']);
  });

  test('survives modules that import each other', async () => {
    const repository = await createRepository({
      'stage.ts': "import { a } from './a.ts'; export const s = 1;",
      'a.ts': "import { s } from './stage.ts'; export const a = 1;",
    });
    expect(Object.keys((await codeOf(repository)).code)).toEqual(['a.ts', 'stage.ts']);
  });

  test.each([
    ['a URL', "new URL('./x.wasm', import.meta.url)"],
    ['a worker', "new Worker(new URL('./x.wasm', import.meta.url))"],
    ['a path of import.meta.dirname', "join(import.meta.dirname, 'x.wasm')"],
    ['import.meta.resolve', "import.meta.resolve('./x.wasm')"],
  ])('counts a file named by %s byte by byte', async (_what, expression) => {
    const repository = await createRepository({
      'stage.ts': `export const a = ${expression};`,
      'x.wasm': 'one',
    });
    const first = await codeOf(repository);
    expect(Object.keys(first.code)).toEqual(['stage.ts', 'x.wasm']);
    await repository.write({ 'x.wasm': 'two' });
    expect((await codeOf(repository)).code['x.wasm']).not.toBe(first.code['x.wasm']);
  });

  test('follows the code of a worker, and counts imported JSON', async () => {
    const repository = await createRepository({
      'stage.ts': "export const w = new Worker(new URL('./worker.ts', import.meta.url));",
      'worker.ts': "import table from './table.json' with { type: 'json' }; post(table);",
      'table.json': '{}',
    });
    const { code } = await codeOf(repository);
    expect(Object.keys(code)).toEqual(['stage.ts', 'table.json', 'worker.ts']);
  });

  test('ignores text that only looks like a path', async () => {
    const repository = await createRepository({ 'stage.ts': "export const a = './b/../c.txt';" });
    expect(Object.keys((await codeOf(repository)).code)).toEqual(['stage.ts']);
  });

  test('names a missing module, and who imports it', async () => {
    const repository = await createRepository({ 'stage.ts': "import './gone.ts';" });
    await expect(codeOf(repository)).rejects.toMatchObject({
      code: 'CODE_MISSING',
      details: { path: 'gone.ts', by: 'stage.ts' },
    });
  });

  test('leaves out modules that only word errors and progress', async () => {
    const repository = await createRepository({
      'pipeline/stage.ts': "import '../platform/lib/errors.ts'; import '../platform/lib/hash.ts';",
      'platform/lib/errors.ts': "import './error-codes.ts';",
      'platform/lib/hash.ts': 'export const h = 1;',
    });
    const { code } = await codeOf(repository, 'pipeline/stage.ts');
    expect(Object.keys(code)).toEqual(['pipeline/stage.ts', 'platform/lib/hash.ts']);
  });
});

describe('an index that only re-exports', () => {
  const folder = {
    'data/index.ts': "export { a } from './a.ts';\nexport { b, type T } from './b.ts';\n",
    'data/a.ts': 'export const a = 1;',
    'data/b.ts': 'export const b = 1;',
  };

  test.each([
    ['static', "import { a } from './data/index.ts'; export const s = a;"],
    ['dynamic', "export const s = async () => { const { a } = await import('./data/index.ts'); };"],
  ])('leads only to what a %s import asks for', async (_kind, stage) => {
    const repository = await createRepository({ ...folder, 'stage.ts': stage });
    const first = await codeOf(repository);
    expect(Object.keys(first.code)).toEqual(['data/a.ts', 'data/index.ts', 'stage.ts']);
    await repository.write({
      'data/index.ts': `${folder['data/index.ts']}export { c } from './c.ts';`,
      'data/c.ts': 'export const c = 1;',
    });
    expect(await codeOf(repository)).toEqual(first);
  });

  test('counts if it exports the name from another file', async () => {
    const repository = await createRepository({
      ...folder,
      'stage.ts': "import { a } from './data/index.ts';",
    });
    const first = await codeOf(repository);
    await repository.write({ 'data/index.ts': "export { z as a } from './a.ts';" });
    expect((await codeOf(repository)).code['data/index.ts']).not.toBe(first.code['data/index.ts']);
  });

  test('leads everywhere for a namespace, and through stars for a name', async () => {
    const repository = await createRepository({
      ...folder,
      'stage.ts': "import * as data from './data/index.ts';",
      'other.ts': "import { a } from './star.ts';",
      'star.ts': "export * from './data/index.ts';",
    });
    expect(Object.keys((await codeOf(repository)).code)).toContain('data/b.ts');
    const { code } = await codeOf(repository, 'other.ts');
    expect(Object.keys(code)).toEqual(['data/a.ts', 'data/index.ts', 'other.ts', 'star.ts']);
  });
});

describe('packages', () => {
  test('count with the installed version, nearest folder first, and so does Node', async () => {
    const repository = await createRepository({
      'stage.ts':
        "import 'tiny/sub.js'; import { x } from '@scope/thing'; import 'node:fs'; import 'fs';",
      'node_modules/tiny/package.json': '{ "version": "1.0.0" }',
      'node_modules/@scope/thing/package.json': '{ "version": "2.0.0" }',
    });
    expect((await codeOf(repository)).packages).toEqual({
      '@scope/thing': '2.0.0',
      v8: process.versions.v8.split('.', 2).join('.'),
      tiny: '1.0.0',
    });
  });

  test('that are optional do not count: the backend class stands for them', async () => {
    const repository = await createRepository({
      'package.json': '{ "optionalDependencies": { "native": "1" } }',
      'stage.ts': "export const load = () => import('native');",
      'node_modules/native/package.json': '{ "version": "1.0.0" }',
    });
    expect(Object.keys((await codeOf(repository)).packages)).toEqual(['v8']);
  });
});
