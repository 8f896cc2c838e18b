import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { imageCommand, imageFolder } from '../../../pipeline/cluster/pod.ts';
import { test } from '../../helpers/folder.ts';
import { createTinyPlatform, type TinyPlatform } from '../pipeline/run/tiny-platform.ts';

const root = join(import.meta.dirname, '../../..');
const dockerfile = await readFile(join(root, 'infra/container/training.Dockerfile'), 'utf8');
const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
/** What is copied from the repository into the image that runs. */
const copied = [...final.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, path = '']) => path);

/** The packages that `npm ci --omit=dev` installs, as folders relative to the repository. */
async function packages(): Promise<string[]> {
  const args = ['ls', '--omit=dev', '--all', '--parseable'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root });
  const folders = stdout.split('\n').map((path) => relative(root, path));
  return folders.filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
}

/** The image's folder, without git beside it. @param without a path that is left out */
async function plantImage(from: string, folder: string, without = ''): Promise<void> {
  for (const path of copied) {
    if (path === without) continue;
    await cp(join(from, path), join(folder, path), { recursive: true });
  }
  for (const path of await packages()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(root, path), join(folder, path));
  }
  await mkdir(join(folder, '.mainstem'));
}

/** Runs the image's command as a Job does: with Node alone on the path. */
async function runIn(folder: string, words: readonly string[]) {
  const [, ...args] = imageCommand;
  const env = { PATH: dirname(process.execPath), HOME: '/tmp', NO_COLOR: '1' };
  try {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [...args, ...words], { cwd: folder, env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { code, said: `${stdout}${stderr}` };
  }
}

/** A remote with the data of a project, and the words of a Job that runs its first stages. */
async function publish({ root: from, mainstem }: TinyPlatform, remote: string) {
  const pushed = await mainstem('push', '--remote', remote);
  expect(pushed.code, pushed.err).toBe(0);
  const compiled = await mainstem(
    ...['compile', 'penguins', '--to', 'kubernetes', '--image', 'x', '--remote', 's3://x'],
  );
  expect(compiled.code, compiled.err).toBe(0);
  const { args } = parse(compiled.out).spec.template.spec.containers[0];
  const expected: string = args[args.indexOf('--expect') + 1];
  const words = ['run', 'penguins', '--to', 'prepare', '--share', remote, '--backend', 'wasm'];
  return { from, words: [...words, '--expect', expected] };
}

test('the image is where the manifests say, and a Job in a tree of exactly what it copies has the run keys of the repository', async ({
  folder,
}) => {
  expect(final).toContain(`WORKDIR ${imageFolder}\n`);
  expect(final).toContain(`ENTRYPOINT ${JSON.stringify(imageCommand).replaceAll(',', ', ')}`);
  const remote = join(folder, 'remote');
  const { from, words } = await publish(await createTinyPlatform(), remote);
  const image = join(folder, 'image');
  await plantImage(from, image);
  const { code, said } = await runIn(image, words);
  expect(code, said).toBe(0);
  expect(said).toMatch(/prepare/);
});

describe('everything that the image copies is needed', () => {
  test('without any one of it the Job does not run', async ({ folder }) => {
    const { from, words } = await publish(await createTinyPlatform(), join(folder, 'remote'));
    for (const [at, path] of copied.entries()) {
      const image = join(folder, `${at}`);
      await plantImage(from, image, path);
      expect((await runIn(image, words)).code, path).not.toBe(0);
    }
  });
});
