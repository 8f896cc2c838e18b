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

test.skipIf(process.platform === 'win32')(
  'a limit of open files is named, and the installation is not doubted',
  async () => {
    const bootstrap = join(repository, 'pipeline/cli/bootstrap.js');
    const said: string[] = [];
    for (let files = 18; files <= 32; files++) {
      const command = `ulimit -n ${files} && exec "$0" "$1" --exec node -v`;
      const args = ['-c', command, process.execPath, bootstrap];
      const { stderr } = await promisify(execFile)('sh', args).catch((error) => error);
      said.push(stderr);
    }
    expect(said.join('')).not.toContain('INSTALL_FAILED');
    expect(said.join('')).toMatch(/LIMIT_REACHED .*ulimit -n 4096/);
  },
);
