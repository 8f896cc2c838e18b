import { existsSync } from 'node:fs';
import { readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeFolder, makeFolderSync } from '../../../../platform/lib/make-folder.ts';
import { test } from '../../../helpers/folder.ts';

const makers = { makeFolder, makeFolderSync: async (path: string) => makeFolderSync(path) };

for (const [name, make] of Object.entries(makers)) {
  test(`${name} makes the folders above too, and a second time changes nothing`, async ({
    folder,
  }) => {
    await make(join(folder, 'a/b/c'));
    await make(`${folder}/a/b/c/`);
    expect((await stat(join(folder, 'a/b/c'))).isDirectory()).toBe(true);
    expect(await readdir(folder)).toEqual(['a']);
  });

  test(`${name} refuses where a file or a link that leads nowhere is in the place`, async ({
    folder,
  }) => {
    await writeFile(join(folder, 'file'), '');
    await symlink('gone', join(folder, 'link'));
    await expect(make(join(folder, 'file'))).rejects.toThrow('EEXIST');
    await expect(make(join(folder, 'file/below'))).rejects.toThrow('ENOTDIR');
    await expect(make(join(folder, 'link'))).rejects.toThrow('EEXIST');
  });

  test.skipIf(!existsSync('/proc/self'))(
    `${name} ends where the system makes no folders and says that there is none`,
    async () => {
      await expect(make('/proc/mainstem/a/b')).rejects.toThrow('ENOENT');
    },
  );
}
