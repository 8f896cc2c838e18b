import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildDashboard } from '../../monitoring/dashboards/index.ts';
import { serverFiles } from '../../platform/registry/index.ts';

const root = join(import.meta.dirname, '../..');
const compose = join(root, 'infra/compose');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes?: readonly string[];
}

async function services(): Promise<Record<string, Service>> {
  return parse(await readFile(join(compose, 'compose.yaml'), 'utf8')).services;
}

test('everything that compose mounts or builds from is in the repository or created by npm start', async () => {
  const madeByStart = ['models', '.mainstem/store'];
  for (const { volumes = [], build } of Object.values(await services())) {
    const sources = volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => source.startsWith('.'));
    for (const source of sources) {
      const path = join(compose, source);
      expect(
        existsSync(path) || madeByStart.some((made) => path === join(root, made)),
        source,
      ).toBe(true);
    }
    if (build) expect(existsSync(join(compose, build.context, build.dockerfile))).toBe(true);
  }
});

test('the build id covers exactly what the container copies', async () => {
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const copied = [...final.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, path]) => path);
  expect(copied.sort()).toEqual([...serverFiles].sort());
});

test('images are named with a version', async () => {
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  const images = Object.values(await services()).flatMap(({ image }) => image ?? []);
  for (const image of [...bases, ...images]) expect(image).toMatch(/:v?\d+\.\d+\.\d+/);
});

test('the container runs the Node that the repository pins', async () => {
  const manifest: { dependencies: { node: string } } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`FROM node:${manifest.dependencies.node}-`);
});

test('the generated dashboard is what its source builds', async () => {
  const generated = await readFile(join(root, 'monitoring/generated/mainstem.json'), 'utf8');
  expect(JSON.parse(generated), 'run "npm run dashboards"').toEqual(
    JSON.parse(JSON.stringify(buildDashboard())),
  );
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!promtool)('promtool accepts the Prometheus configuration', () => {
  const { status, stdout, stderr } = spawnSync(
    'promtool',
    ['check', 'config', join(compose, 'prometheus.yml')],
    { encoding: 'utf8' },
  );
  expect(status, stdout + stderr).toBe(0);
});
