import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedPages } from '../../docs/pages.ts';
import { git } from '../../platform/lib/git.ts';
import { findPhrases, findWideLines } from './prose.ts';

const root = join(import.meta.dirname, '../..');

/** Holds the phrases as plants. */
const unread = ['tests/repo/prose'];

const generated = [...(await generatedPages()).keys()].map((name) => `docs/${name}`);
const paths = (await git(root, 'ls-files', '--', '*.ts', '*.md'))
  .split('\n')
  .filter((path) => !generated.includes(path) && !path.endsWith('_pb.ts'));

const check = async (
  names: readonly string[],
  find: (path: string, text: string) => readonly string[],
) => {
  const found = names.map(async (path) => find(path, await readFile(join(root, path), 'utf8')));
  return (await Promise.all(found)).flat();
};

test('comments and Markdown lines are at most 140 columns wide', async () => {
  expect(await check(paths, findWideLines)).toEqual([]);
});

test('comments, messages and pages avoid the phrases that have a plain form', async () => {
  const names = paths.filter((path) => !unread.some((start) => path.startsWith(start)));
  expect(await check(names, findPhrases)).toEqual([]);
});

test.each([
  ['a.ts', '// Starts anew.', 'a.ts:1 says "anew"; write "again"'],
  ['a.ts', "\nfail('Mend the file.');", 'a.ts:2 says "Mend"; write "fix"'],
  ['a.md', 'One\nis no folder', 'a.md:2 says "is no folder"; write "is not a"'],
])('a planted phrase in %s is found: %j', (path, text, finding) => {
  expect(findPhrases(path, text)).toEqual([finding]);
});

test('names in code and code blocks are not prose', () => {
  expect(findPhrases('a.ts', 'const anew = mend();')).toEqual([]);
  expect(findPhrases('a.md', '```\nmend\n```')).toEqual([]);
});

test('a planted wide comment is found; code, tables and links are not', () => {
  const wide = 'a'.repeat(150);
  expect(findWideLines('a.ts', `/*\n * ${wide}\n */`)).toEqual([
    'a.ts:2 is 153 columns wide; wrap it at 120',
  ]);
  expect(findWideLines('a.ts', `const text = '${wide}';`)).toEqual([]);
  expect(findWideLines('a.md', `| ${wide} |\nhttps://${wide}\n`)).toEqual([]);
});
