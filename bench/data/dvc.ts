import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { execute, executeTimed, setAside, writeDigits } from './files.ts';

/** DVC with its defaults, but no telemetry, and its caches inside the repository's folder. */
export async function createDvc(
  root: string,
  files: number,
  installed: string | undefined,
): Promise<Contender> {
  await mkdir(root);
  const program = installed ?? (await installDvc(root));
  const dvc = async (...args: string[]) => {
    return executeTimed(root, program, args, {
      DVC_NO_ANALYTICS: '1',
      DVC_SITE_CACHE_DIR: join(root, 'site-cache'),
    });
  };
  const useRemote = async (bucket: string, endpoint: string) => {
    await dvc('remote', 'add', '-q', '-f', 'bench', bucket);
    await dvc('remote', 'modify', 'bench', 'endpointurl', endpoint);
  };
  await execute(root, 'git', ['init', '-q']);
  await dvc('init', '-q');
  const name = `DVC ${(await dvc('--version')).stdout.trim()}`;
  writeDigits(join(root, 'data', 'digits'), files);
  return {
    name,
    add: async () => (await dvc('add', '-q', 'data/digits')).processor,
    async status() {
      const { stdout, processor } = await dvc('status');
      if (!stdout.includes('up to date')) throw new Error(`DVC says: ${stdout}`);
      return processor;
    },
    checkout: async () => (await dvc('checkout', '-q')).processor,
    async push(bucket, endpoint) {
      await useRemote(bucket, endpoint);
      return (await dvc('push', '-q', '-r', 'bench')).processor;
    },
    async fetch(bucket, endpoint) {
      await useRemote(bucket, endpoint);
      return (await dvc('fetch', '-q', '-r', 'bench')).processor;
    },
    async loseBytes() {
      await setAside(root, join('.dvc', 'cache'));
      await setAside(root, join('.dvc', 'tmp'));
      await setAside(root, 'site-cache');
    },
    loseData: () => setAside(root, join('data', 'digits')),
    async loseStore() {
      await setAside(root, join('.dvc', 'cache'));
      await setAside(root, join('.dvc', 'tmp'));
      await setAside(root, 'site-cache');
      await setAside(root, join('data', 'digits.dvc'));
    },
  };
}

async function installDvc(root: string): Promise<string> {
  const venv = join(root, 'venv');
  await execute(root, 'python3', ['-m', 'venv', venv]);
  await execute(root, join(venv, 'bin', 'pip'), ['install', '--quiet', 'dvc[s3]']);
  return join(venv, 'bin', 'dvc');
}
