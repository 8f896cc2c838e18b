import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { writeFile } from '../../../../platform/lib/write-file.ts';
import { test } from '../../../helpers/folder.ts';

test('a file is written, and one that a full disk does not take is named', async ({ folder }) => {
  await writeFile(join(folder, 'a'), 'text');
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('text');
  await expect(writeFile(join(folder, 'a'), 'x', { flag: 'wx' })).rejects.toThrow('EEXIST');
  // Opens, and has no room: https://man7.org/linux/man-pages/man4/full.4.html
  await expect(writeFile('/dev/full', 'text')).rejects.toMatchObject({
    code: 'ENOSPC',
    path: '/dev/full',
  });
});
