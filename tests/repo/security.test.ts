import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/security.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!threat |---)/.test(line));

test.each(rows)('a threat names the test of its control: %s', async (row) => {
  const [, control = '', proof = ''] = row.slice(2, -2).split(' | ');
  expect(control).not.toBe('');
  const [, path = '', title = ''] = /^`(tests\/\S+)`: "([^"]+)"$/.exec(proof) ?? [];
  expect(existsSync(join(root, path)), `${path} in: ${row}`).toBe(true);
  expect(await readFile(join(root, path), 'utf8')).toContain(title);
});
