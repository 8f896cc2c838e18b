import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { serverJob } from '../../monitoring/metrics.ts';
import { scopeOfRoute } from '../../serving/access/route-scopes.ts';
import { readConfig, variables } from '../../serving/config.ts';
import { openCustomSchemas, type Resource } from '../helpers/custom-resources.ts';
import { test } from '../helpers/folder.ts';
import {
  components,
  kubernetes,
  kustomizations,
  readResources,
  render,
  renderWith,
} from '../helpers/kustomize.ts';
import { customResourceFiles, goPrograms, pythonPrograms } from '../helpers/tools.ts';

const hasKustomize = existsSync(goPrograms.kustomize);
const hasCoreSchemas = existsSync(pythonPrograms.kubernetesValidate);
const hasCustomSchemas = customResourceFiles.every((path) => existsSync(path));

const placeholder = 'RELEASE_COMMIT';
/** apply.sh rolls these out; KServe makes its own deployments. */
const applied = kustomizations.filter((folder) => folder !== 'kserve');
const isCustom = ({ apiVersion }: Resource) => /\.(coreos\.com|kserve\.io)\//.test(apiVersion);
/** Applied by people, once. */
const byHand = ['volume.yaml', 'runner.yaml', 'submitter.yaml'];

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: { readonly cpu: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
}

type Probe = { readonly httpGet: { readonly path: string; readonly port: string | number } };

const find = (resources: readonly Resource[], kind: string) =>
  resources.find((resource) => resource.kind === kind);

/** The container of a rendered deployment. */
function containerOf(resources: readonly Resource[]): Container {
  const [container] = Object(find(resources, 'Deployment')?.spec).template.spec.containers;
  return container;
}

const settingsOf = ({ env }: Container) =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

/** What Kubernetes' schemas say. */
async function validateCore(folder: string, resources: readonly Resource[]) {
  const path = join(folder, 'core.yaml');
  const text = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('---\n');
  await writeFile(path, text);
  const args = ['--strict', path];
  const run = spawnSync(pythonPrograms.kubernetesValidate, args, { encoding: 'utf8' });
  const output = run.stdout + run.stderr;
  return { status: run.status, output, passed: output.match(/ passed for resource /g)?.length };
}

describe.skipIf(!hasKustomize)('every folder that can be rolled out', () => {
  test('is known here, so that none goes unrendered', () => {
    expect(kustomizations).toEqual([
      '.',
      'base',
      'kserve',
      'overlays/production',
      'overlays/regions/eu',
      'overlays/regions/us',
      'overlays/staging',
    ]);
  });

  test.for(applied)('%s names the release wherever base does, and no namespace', (folder) => {
    const text = render(join(kubernetes, folder));
    const count = (one: string) => one.split(placeholder).length;
    expect(count(text)).toBe(count(render(join(kubernetes, 'base'))));
    const resources = readResources(text);
    for (const { metadata } of resources) expect(metadata).not.toHaveProperty('namespace');
    const pods = { matchLabels: { 'app.kubernetes.io/name': 'mainstem' } };
    const deployment = find(resources, 'Deployment');
    // What apply.sh waits for, and by which labels.
    expect(deployment).toMatchObject({ metadata: { name: 'mainstem' }, spec: { selector: pods } });
    expect(deployment?.spec).toMatchObject({
      template: {
        metadata: {
          labels: { 'app.kubernetes.io/name': 'mainstem', 'mainstem.release': placeholder },
        },
      },
    });
    expect(deployment?.spec).not.toHaveProperty('replicas');
    for (const kind of ['PodDisruptionBudget', 'ServiceMonitor']) {
      const found = find(resources, kind);
      if (found) expect(found.spec).toMatchObject({ selector: pods });
    }
  });

  test.for(applied)(
    '%s is applied by apply.sh with the commit in every place',
    async (given, { folder }) => {
      const commit = '0123456789abcdef0123456789abcdef01234567';
      await mkdir(join(folder, 'bin'));
      const said = join(folder, 'said');
      await writeFile(
        join(folder, 'bin/kubectl'),
        `#!/bin/sh\necho "$*" >>"${said}"\ncase $1 in\n` +
          `kustomize) exec "${goPrograms.kustomize}" build "$2" ;;\napply) cat >"${said}.yaml" ;;\nesac\n`,
      );
      await chmod(join(folder, 'bin/kubectl'), 0o755);
      const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, MAINSTEM_RELEASE: commit };
      const args = [join(kubernetes, 'apply.sh'), join(kubernetes, given)];
      const { status, stderr } = spawnSync('sh', args, { env, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      const text = await readFile(`${said}.yaml`, 'utf8');
      expect(text).not.toContain(placeholder);
      expect(text).toContain(`/var/lib/mainstem/${commit}/serving/server.ts`);
      const [, , , rollout = '', wait = ''] = (await readFile(said, 'utf8')).split('\n').sort();
      expect(rollout).toContain('deployment/mainstem');
      expect(wait).toContain(`mainstem.release!=${commit}`);
    },
  );

  test('a runner with the rights of runner.yaml may apply all that it applies', async ({
    folder,
  }) => {
    const role = parse(await readFile(join(kubernetes, 'runner.yaml'), 'utf8'));
    const rights: string[] = role.rules.flatMap(
      (rule: { apiGroups: string[]; resources: string[]; verbs: string[] }) =>
        rule.verbs.includes('patch') && rule.verbs.includes('create')
          ? rule.resources.map((name) => `${rule.apiGroups}/${name}`)
          : [],
    );
    const all = readResources(await renderWith(folder, ...components));
    const plural = (kind: string) =>
      kind
        .toLowerCase()
        .replace(/y$/, 'ies')
        .replace(/(?<!ies)$/, 's');
    const needed = all.map(({ apiVersion, kind }) => {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      return `${group}/${plural(kind)}`;
    });
    expect([...new Set(needed)].sort()).toEqual(rights.sort());
  });
});

describe.skipIf(!hasKustomize || !hasCoreSchemas)("Kubernetes' schemas", () => {
  test.for(kustomizations)('know every field of its own kinds in %s', async (given, { folder }) => {
    const resources = readResources(render(join(kubernetes, given))).filter(
      (one) => !isCustom(one),
    );
    if (given === 'kserve') return expect(resources).toEqual([]);
    const { status, output, passed } = await validateCore(folder, resources);
    expect(status, output).toBe(0);
    expect(passed).toBe(resources.length);
  });

  test('know every field of base with all components, and of what is applied by hand', async ({
    folder,
  }) => {
    const whole = readResources(await renderWith(folder, ...components));
    const texts = await Promise.all(byHand.map((name) => readFile(join(kubernetes, name), 'utf8')));
    const resources = [...whole, ...texts.flatMap(readResources)].filter((one) => !isCustom(one));
    const { status, output, passed } = await validateCore(folder, resources);
    expect(status, output).toBe(0);
    expect(passed).toBe(resources.length);
  });

  test('refuse a field that a kind does not have', async ({ folder }) => {
    const resources = readResources(render(join(kubernetes, 'overlays/production')));
    for (const kind of ['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy']) {
      const resource = find(resources, kind);
      expect(resource).toBeDefined();
      if (!resource) continue;
      const wrong = { ...resource, spec: { ...Object(resource.spec), maxUnavailabel: 1 } };
      expect((await validateCore(folder, [wrong])).status, kind).not.toBe(0);
    }
  });
});

describe.skipIf(!hasKustomize || !hasCustomSchemas)('the schemas of operators', () => {
  const custom = kustomizations.flatMap((folder) =>
    hasKustomize ? readResources(render(join(kubernetes, folder))).filter(isCustom) : [],
  );
  const validate = hasCustomSchemas ? openCustomSchemas() : () => [];

  test('know every field of their kinds in all folders', () => {
    expect(new Set(custom.map(({ kind }) => kind))).toEqual(
      new Set(['ServiceMonitor', 'PrometheusRule', 'ServingRuntime', 'InferenceService']),
    );
    expect(custom.flatMap(validate)).toEqual([]);
  });

  test.for([
    ['ServiceMonitor', { endpoint: [] }],
    ['ServiceMonitor', { endpoints: 'http' }],
    ['PrometheusRule', { groups: [{ rules: [] }] }],
    ['ServingRuntime', { containers: [{ image: 'a' }] }],
    ['InferenceService', { predictor: { minReplicas: 'two' } }],
    ['InferenceService', { predictor: { storageUri: 'pvc://a' } }],
  ] as const)('refuse a %s with %j', ([kind, wrong]) => {
    const resource = find(custom, kind);
    if (!resource) throw new Error(`There is no ${kind}.`);
    const faults = validate({ ...resource, spec: { ...Object(resource.spec), ...wrong } });
    expect(faults).not.toEqual([]);
  });
});

describe.skipIf(!hasKustomize)('the parts of an overlay fit together', () => {
  const resources = hasKustomize
    ? readResources(render(join(kubernetes, 'overlays/production')))
    : [];

  test('Prometheus scrapes a port of the service, at a path that asks for its scope, as the job of the alerts', () => {
    const monitor = Object(find(resources, 'ServiceMonitor')?.spec);
    const service = find(resources, 'Service');
    const [endpoint] = monitor.endpoints;
    const ports: { name: string }[] = Object(service?.spec).ports;
    expect(ports.map(({ name }) => name)).toContain(endpoint.port);
    expect(scopeOfRoute(endpoint.path)).toBe('metrics');
    expect(endpoint.authorization.credentials).toEqual({
      name: 'mainstem-metrics-key',
      key: 'key',
    });
    expect(service?.metadata.labels?.[monitor.jobLabel]).toBe(serverJob);
  });

  test('what is let in are the ports of the pods, and nothing else', () => {
    const { ingress, policyTypes } = Object(find(resources, 'NetworkPolicy')?.spec);
    const admitted = ingress.flatMap(({ ports }: { ports: { port: string }[] }) =>
      ports.map(({ port }) => port),
    );
    expect(admitted).toEqual(containerOf(resources).ports.map(({ name }) => name));
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
  });

  test('the autoscaler counts by processor time, and a pod has as many threads as it requests cores', () => {
    const autoscaler = Object(find(resources, 'HorizontalPodAutoscaler')?.spec);
    const { kind, name } = autoscaler.scaleTargetRef;
    expect(find(resources, kind)?.metadata.name).toBe(name);
    expect(autoscaler.metrics).toMatchObject([{ type: 'Resource', resource: { name: 'cpu' } }]);
    expect(autoscaler.minReplicas).toBeGreaterThan(1);
    const container = containerOf(resources);
    expect(settingsOf(container).MAINSTEM_WORKERS).toBe(container.resources.requests.cpu);
  });

  test('each pod keeps corrections and answers in folders of its own, on the one volume that it may write', async ({
    folder,
  }) => {
    const container = containerOf(readResources(await renderWith(folder, 'components/records')));
    const writable = container.volumeMounts.filter(({ readOnly = false }) => !readOnly);
    expect(writable.map(({ name }) => name).sort()).toEqual(['records', 'tmp']);
    const names = container.env.map(({ name }) => name);
    for (const name of ['MAINSTEM_FEEDBACK_FOLDER', 'MAINSTEM_PREDICTION_FOLDER']) {
      expect(settingsOf(container)[name]).toContain('/$(POD_NAME)/');
      // A variable can name those before it only.
      expect(names.indexOf('POD_NAME')).toBeLessThan(names.indexOf(name));
    }
  });
});

test.skipIf(!hasKustomize)(
  'pods that follow a remote run the same server as others, and write what they pull to a volume of their own',
  async ({ folder }) => {
    const plain = containerOf(readResources(render(join(kubernetes, 'base'))));
    const following = containerOf(readResources(await renderWith(folder, 'components/follow')));
    const [root, followed] = [plain, following].map(({ args }) => args.at(-1));
    expect(following.args.slice(0, -1)).toEqual(plain.args.slice(0, -1));
    expect(root).not.toBe(followed);
    const writable = following.volumeMounts.filter(({ readOnly = false }) => !readOnly);
    expect(writable).toContainEqual({ name: 'followed', mountPath: followed });
    expect(settingsOf(following).MAINSTEM_FEATURES_FOLDER).toBe(`${root}/.mainstem/features`);
  },
);

test.skipIf(!hasKustomize)(
  'every variable of the pods is a setting that the server takes',
  async ({ folder }) => {
    const { env } = containerOf(readResources(await renderWith(folder, ...components)));
    const known = new Set<string>(Object.values(variables));
    const named = env
      .map(({ name }) => name)
      .filter((name) => /^MAINSTEM_|PORT$|^HOST$/.test(name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const set = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    const config = readConfig([], Object.fromEntries(set));
    expect(config).toMatchObject({
      port: 8080,
      grpcPort: 8081,
      predictionLog: 'sample',
      workers: 2,
    });
    expect(config.feedbackBytes).toBeGreaterThan(0);
  },
);

describe('the runtime of KServe', async () => {
  const read = async (name: string) =>
    parse(await readFile(join(kubernetes, 'kserve', name), 'utf8'));
  const runtime = await read('serving-runtime.yaml');
  const service = await read('inference-service.yaml');
  const [container] = runtime.spec.containers;
  const settings = settingsOf(container);

  test('speaks both forms of the protocol on the ports that it names, REST first', () => {
    expect(runtime.spec.protocolVersions).toEqual(['v2', 'grpc-v2']);
    expect(container.name).toBe('kserve-container');
    expect(
      container.ports.map(({ containerPort }: { containerPort: number }) => containerPort),
    ).toEqual([Number(settings.PORT), Number(settings.GRPC_PORT)]);
  });

  test('is probed without a key, at the port of REST', () => {
    for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { httpGet }: Probe = container[name];
      expect(scopeOfRoute(httpGet.path)).toBeNull();
      expect(httpGet.port).toBe(Number(settings.PORT));
    }
    expect(container.readinessProbe.httpGet.path).toBe('/v2/health/ready');
  });

  test('is what the service asks for, with the release from the volume of the releases', async () => {
    const { runtime: name, modelFormat, env, storageUri } = service.spec.predictor.model;
    expect(name).toBe(runtime.metadata.name);
    const [{ name: format, version }] = runtime.spec.supportedModelFormats;
    expect(modelFormat).toEqual({ name: format, version });
    const [claim] = (await readFile(join(kubernetes, 'volume.yaml'), 'utf8'))
      .split('---\n')
      .slice(1)
      .map((text) => parse(text));
    expect(storageUri).toBe(`pvc://${claim.metadata.name}`);
    expect(env).toContainEqual({ name: 'MAINSTEM_ROOT', value: `/mnt/models/${placeholder}` });
  });
});
