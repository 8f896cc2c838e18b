import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { writeDigitsProject } from './digits-project.ts';
import { execute, executeTimed, setAside, writeDigits } from './files.ts';

const repository = join(import.meta.dirname, '..', '..');
const copied = ['platform', 'pipeline', 'monitoring', 'package.json'];

/** Mainstem in a repository with one project, by its command line on the pinned Node. */
export async function createMainstem(root: string, files: number): Promise<Contender> {
  await mkdir(root);
  await execute(root, 'git', ['init', '-q']);
  const filter = (source: string) => !source.includes(join('pipeline', 'projects'));
  for (const part of copied) {
    await cp(join(repository, part), join(root, part), { recursive: true, filter });
  }
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  await writeDigitsProject(root);
  writeDigits(join(root, 'data', 'digits'), files);
  const node = join(repository, 'node_modules', 'node', 'bin', 'node');
  // As pipeline/cli/bootstrap.js starts it: compiled code is kept, as Python keeps DVC's, and TypeBox is bundled.
  const environment = { NODE_COMPILE_CACHE: join(root, 'compile-cache') };
  const mainstem = async (...args: string[]) => {
    const cli = join(root, 'pipeline', 'cli', 'cli.ts');
    const preload = join(root, 'platform', 'lib', 'use-bundles.js');
    return (await executeTimed(root, node, ['--import', preload, cli, ...args], environment))
      .processor;
  };
  await mainstem('--version');
  return {
    name: 'Mainstem',
    add: () => mainstem('lock', 'digits'),
    status: () => mainstem('status', '--check'),
    checkout: () => mainstem('checkout'),
    push: (bucket, endpoint) => mainstem('push', '--remote', `${bucket}?endpoint=${endpoint}`),
    fetch: (bucket, endpoint) => mainstem('pull', '--remote', `${bucket}?endpoint=${endpoint}`),
    loseBytes: () => setAside(root, '.mainstem'),
    loseData: () => setAside(root, 'data'),
    async loseStore() {
      await setAside(root, '.mainstem');
      await setAside(root, 'data.lock.json');
    },
  };
}
