import { execFile } from 'node:child_process';
import { cp, mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { test } from '../../../helpers/folder.ts';

const repository = join(import.meta.dirname, '../../../..');

test.skipIf(process.platform === 'win32')(
  'after an installation npx finds the command, without installing it anywhere',
  async ({ folder }) => {
    for (const part of ['pipeline/cli/bootstrap.js', 'package.json'])
      await cp(join(repository, part), join(folder, part));
    // Packages as "npm ci" leaves them, of which there are none but Node.
    await writeFile(join(folder, 'package-lock.json'), '{ "packages": {} }');
    await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
    await writeFile(join(folder, 'node_modules/.package-lock.json'), '{ "packages": {} }');
    await symlink(join(repository, 'node_modules/node'), join(folder, 'node_modules/node'));
    const bootstrap = join(folder, 'pipeline/cli/bootstrap.js');
    // The second time the link is there.
    for (const run of [1, 2]) {
      const { stderr } = await promisify(execFile)(process.execPath, [
        bootstrap,
        '--exec',
        'node',
        '-v',
      ]);
      expect([run, stderr]).toEqual([run, '']);
      const link = join(folder, 'node_modules/.bin/mainstem');
      expect(join(folder, 'node_modules/.bin', await readlink(link))).toBe(bootstrap);
      await writeFile(join(folder, 'node_modules/.mainstem-lock.json'), 'of before');
    }
  },
);
