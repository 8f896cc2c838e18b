import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildGenerated } from '../../monitoring/build-generated.ts';
import { objectives } from '../../monitoring/objectives.ts';
import { serverFlags, serverMemory } from '../../platform/lib/server-flags.ts';
import { serverFiles } from '../../platform/registry/index.ts';
import { createHostCheck } from '../../serving/plugins/hosts.ts';

const root = join(import.meta.dirname, '../..');
const compose = join(root, 'infra/compose');
const kubernetes = join(root, 'infra/kubernetes');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

async function services(): Promise<Record<string, Service>> {
  return parse(await readFile(join(compose, 'compose.yaml'), 'utf8')).services;
}

test('everything that compose mounts or builds from is in the repository, made by npm start, or a folder of secrets', async () => {
  const madeElsewhere = ['models', '.mainstem/store', '.mainstem/features', '.mainstem/bridge'];
  for (const { volumes = [], build } of Object.values(await services())) {
    const sources = volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => source.startsWith('.'));
    for (const source of sources) {
      const path = join(compose, source);
      expect(
        existsSync(path) || madeElsewhere.some((made) => path === join(root, made)),
        source,
      ).toBe(true);
    }
    if (build) expect(existsSync(join(compose, build.context, build.dockerfile))).toBe(true);
  }
});

test('the open server of compose answers no name that a web site points at this machine', async () => {
  const { serving } = await services();
  const { MAINSTEM_ACCESS: access, MAINSTEM_HOSTS: hosts = '' } = serving?.environment ?? {};
  expect(access).toBe('open');
  const accepts = createHostCheck({ host: '0.0.0.0', hosts });
  const asked = ['localhost:8080', '127.0.0.1:8080', 'serving:8080', 'evil.example:8080'];
  expect(asked.map(accepts)).toEqual([true, true, true, false]);
});

test('the unit of systemd lets the server write to every folder that the supervisor gives it', async () => {
  const read = (name: string) => readFile(join(root, 'infra/process', name), 'utf8');
  const [script, unit] = [await read('supervise.sh'), await read('mainstem.service')];
  const given = [...script.matchAll(/^export MAINSTEM_\w+_FOLDER=.*-\$folder\/(\w+)\}"$/gm)];
  const [, writable = ''] = /^ReadWritePaths=(.*)$/m.exec(unit) ?? [];
  const folders = given.map(([, name]) => `/var/lib/mainstem/${name}`);
  expect(folders.length).toBeGreaterThan(0);
  expect(writable.split(' ').map((path) => path.replace(/^-/, ''))).toEqual(folders);
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

test('container and pods run the Node that the repository pins', async () => {
  const manifest: { dependencies: { node: string } } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const dockerfile = await readFile(join(root, 'infra/container/Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`FROM node:${manifest.dependencies.node}-`);
  const pods = await readFile(join(kubernetes, 'base/deployment.yaml'), 'utf8');
  expect(pods).toContain(`image: node:${manifest.dependencies.node}-`);
});

test('a pod may write nothing but /tmp, needs no root, and has no token of the cluster', async () => {
  const text = await readFile(join(kubernetes, 'base/deployment.yaml'), 'utf8');
  const { spec } = parse(text).spec.template;
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  const [container] = spec.containers;
  expect(container).toMatchObject({
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { limits: { cpu: expect.any(String), memory: expect.any(String) } },
  });
  const writable = container.volumeMounts.filter(({ readOnly = false }) => !readOnly);
  expect(writable).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    expect(container).toHaveProperty(probe);
});

test('what Prometheus and Grafana load is what its source builds', async () => {
  const expected = buildGenerated(objectives);
  const folder = join(root, 'monitoring/generated');
  const entries = await readdir(folder, { recursive: true });
  const files = entries
    .map((name) => name.split(sep).join('/'))
    .filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) {
    const generated = await readFile(join(folder, name), 'utf8');
    expect(JSON.parse(generated), `${name}: run "npm run dashboards"`).toEqual(
      JSON.parse(JSON.stringify(content)),
    );
  }
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!promtool)('promtool accepts the Prometheus configuration with its rules', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-compose-'));
  await cp(join(compose, 'prometheus.yml'), join(folder, 'prometheus.yml'));
  await cp(join(root, 'monitoring/generated/rules'), join(folder, 'rules'), { recursive: true });
  const args = ['check', 'config', join(folder, 'prometheus.yml')];
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  await rm(folder, { recursive: true });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

const starts = ['container/Dockerfile', 'process/supervise.sh', 'kubernetes/base/deployment.yaml'];

test.each(starts)('%s has memory given back, as mainstem serve with a bound', async (path) => {
  const text = await readFile(join(root, 'infra', path), 'utf8');
  for (const [name, value] of Object.entries(serverMemory)) {
    const assigned = `=|="\\$\\{${name}:-|, value: '`;
    expect(text).toMatch(new RegExp(`^[^#]*\\b${name}(${assigned})${value}\\b`, 'm'));
  }
});

test.each(starts)('%s starts the server with the same flags as mainstem serve', async (path) => {
  const lines = (await readFile(join(root, 'infra', path), 'utf8')).replaceAll(/["',\n]/g, ' ');
  const start = lines.search(/serving\/server\.ts/);
  const before = lines.slice(Math.max(0, start - 120), start);
  for (const flag of serverFlags) expect(before).toContain(flag);
});
