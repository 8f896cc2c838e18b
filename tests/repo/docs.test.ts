import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedPages } from '../../docs/pages.ts';
import { errorCodes } from '../../platform/lib/error-codes.ts';
import { git } from '../../platform/lib/git.ts';
import { stageNames } from '../../platform/schemas/stage-names.ts';

const root = join(import.meta.dirname, '../..');

test.each([...(await generatedPages())])('docs/%s says what the code says', async (name, text) => {
  expect(await readFile(join(root, 'docs', name), 'utf8'), 'run "npm run docs"').toBe(text);
});

test('the page of concepts lists what every stage reads and produces, in the order of the flow', async () => {
  const page = await readFile(join(root, 'docs/concepts.md'), 'utf8');
  const [, table = ''] = page.split('| stage | reads | produces |\n| --- | --- | --- |\n');
  const [rows = ''] = table.split('\n\n');
  expect(rows.split('\n').map((row) => row.split('|')[1]?.trim())).toEqual([...stageNames]);
});

test('every error code is thrown somewhere', async () => {
  const files = (await git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '*.ts'))
    .split('\n')
    .filter((path) => !path.startsWith('tests/'));
  const sources = await Promise.all(files.map((path) => readFile(join(root, path), 'utf8')));
  const all = sources
    .filter((text) => !text.includes('as const satisfies Record<string, ErrorText>'))
    .join('\n');
  expect(Object.keys(errorCodes).filter((code) => !all.includes(`'${code}'`))).toEqual([]);
});

test('every relative link in README and docs leads to a file', async () => {
  const pages = (await git(root, 'ls-files', '*.md')).split('\n').filter(Boolean);
  const broken: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const exists = await readFile(join(root, page, '..', target)).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'EISDIR',
      );
      if (!exists) broken.push(`${page} → ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test('the README shows the first command by line 25 and stays within 150 lines', async () => {
  const lines = (await readFile(join(root, 'README.md'), 'utf8')).split('\n');
  expect(lines.findIndex((line) => line.startsWith('```'))).toBeLessThan(25);
  expect(lines.length).toBeLessThanOrEqual(150);
});
