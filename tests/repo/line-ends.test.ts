import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../platform/lib/git.ts';
import { test } from '../helpers/folder.ts';

const root = join(import.meta.dirname, '../..');

/** What digests are taken of, with bytes that a conversion of line ends would change. */
const files: Readonly<Record<string, string>> = {
  'data.lock.json': '{\n  "version": 1\n}\n',
  'models/pumpkins/production.json': '{\n}\n',
  'models/pumpkins/records/0123456789ab.json': '{\n}\n',
  'pipeline/projects/fruit/fruit.csv': 'a,b\r\n1,2\n3,4\r\n',
  'pipeline/projects/fruit/params.json': '{\n  "seed": 1\n}\n',
  'pipeline/projects/fruit/model.ts': 'export const text = `a\nb`;\n',
};

test.for(['true', 'input', 'false'])(
  'a clone with core.autocrlf=%s has the bytes that were committed',
  async (autocrlf, { folder }) => {
    const origin = join(folder, 'origin');
    await mkdir(origin);
    await git(origin, 'init', '--quiet');
    await cp(join(root, '.gitattributes'), join(origin, '.gitattributes'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(origin, path, '..'), { recursive: true });
      await writeFile(join(origin, path), text);
    }
    await git(origin, 'add', '--all');
    const who = ['-c', 'user.name=Jen', '-c', 'user.email=jen@example.org'];
    await git(origin, ...who, 'commit', '--quiet', '-m', 'Start');
    await git(folder, 'clone', '--quiet', '-c', `core.autocrlf=${autocrlf}`, origin, 'clone');
    for (const [path, text] of Object.entries(files)) {
      expect(await readFile(join(folder, 'clone', path), 'utf8'), path).toBe(text);
    }
    expect(await git(join(folder, 'clone'), 'status', '--porcelain')).toBe('');
  },
);

test('nothing that is committed here would change its line ends', async () => {
  const listed = await git(root, 'ls-files', '--eol');
  const converted = listed.split('\n').filter((line) => /^i\/(crlf|mixed)/.test(line));
  expect(converted.filter((line) => !line.includes('-text'))).toEqual([]);
});
