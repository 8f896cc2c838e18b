import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { compileHere, removeCompiled } from '../../../helpers/compiled.ts';
import { openCustomSchemas, type Resource } from '../../../helpers/custom-resources.ts';
import { test } from '../../../helpers/folder.ts';
import { readResources } from '../../../helpers/kustomize.ts';
import { customResourceFiles, kubeflow, pythonPrograms } from '../../../helpers/tools.ts';

const hasArgo = customResourceFiles.every((path) => existsSync(path));
const kinds = ['run', 'sweep'] as const;

/** What Kubernetes' schemas say. */
async function validateJobs(folder: string, text: string) {
  const path = join(folder, 'jobs.yaml');
  await writeFile(path, text);
  const run = spawnSync(pythonPrograms.kubernetesValidate, ['--strict', path], {
    encoding: 'utf8',
  });
  const output = run.stdout + run.stderr;
  return { status: run.status, output, passed: output.match(/ passed for resource /g)?.length };
}

describe.skipIf(!existsSync(pythonPrograms.kubernetesValidate))("Kubernetes' schema", () => {
  test.for(kinds)('knows every field of the Jobs of a %s', async (kind, { folder }) => {
    const text = await compileHere('kubernetes', kind);
    const { status, output, passed } = await validateJobs(folder, text);
    expect(status, output).toBe(0);
    expect(passed).toBe(kind === 'run' ? 1 : 4);
    const wrong = text.replaceAll('backoffLimit', 'backofLimit');
    expect((await validateJobs(folder, wrong)).status).not.toBe(0);
  });
});

describe.skipIf(!hasArgo)("Argo's schema", () => {
  const validate = hasArgo ? openCustomSchemas() : () => [];

  test.for(kinds)('knows every field of the Workflow of a %s', async (kind) => {
    const [workflow] = readResources(await compileHere('argo', kind));
    expect(workflow && validate(workflow)).toEqual([]);
    const spec = { ...Object(workflow?.spec), entripoint: 'pipeline' };
    expect(validate({ ...(workflow as Resource), spec })).not.toEqual([]);
  });
});

/** Reads the pipeline as Kubeflow's own programs do, and every executor's settings of Kubernetes. */
const reading = `
import sys, yaml
from google.protobuf import json_format
from kfp import components
from kfp.pipeline_spec import pipeline_spec_pb2
import kfp.kubernetes.kubernetes_executor_config_pb2 as kubernetes
component = components.load_component_from_file(sys.argv[1])
spec, platform = yaml.safe_load_all(open(sys.argv[1]))
read = pipeline_spec_pb2.PipelineSpec()
json_format.ParseDict(spec, read)
executors = platform['platforms']['kubernetes']['deploymentSpec']['executors']
for settings in executors.values():
    json_format.ParseDict(settings, kubernetes.KubernetesExecutorConfig())
assert set(executors) == set(spec['deploymentSpec']['executors'])
print(component.name, *sorted(read.root.dag.tasks))
`;

afterAll(removeCompiled);

describe.skipIf(!existsSync(kubeflow.python))('Kubeflow Pipelines', () => {
  const read = async (folder: string, text: string) => {
    const path = join(folder, 'pipeline.yaml');
    await writeFile(path, text);
    return spawnSync(kubeflow.python, ['-c', reading, path], { encoding: 'utf8' });
  };

  test.for([
    ['s3://farm/jobs', 'secretAsEnv'],
    ['oci://ghcr.io/jen/farm/store', 'secretAsVolume'],
  ] as const)('reads what is compiled for %s', async ([remote, secret], { folder }) => {
    for (const kind of kinds) {
      const text = await compileHere('kfp', kind, { remote });
      expect(text).toContain(secret);
      const { status, stdout, stderr } = await read(folder, text);
      expect(status, stderr).toBe(0);
      const tasks =
        kind === 'run' ? 'evaluate package prepare train validate' : 'prepare trials validate';
      expect(stdout.trim()).toBe(`mainstem-penguins ${tasks}`);
    }
  });

  test('refuses a field that its format does not have', async ({ folder }) => {
    const text = await compileHere('kfp', 'run');
    expect((await read(folder, text.replaceAll('dependentTasks', 'dependant'))).status).not.toBe(0);
    expect((await read(folder, text.replaceAll('secretAsEnv', 'secretsAsEnv'))).status).not.toBe(0);
  });
});

describe('what is compiled', () => {
  test('holds no secret, asks for what the settings say, and needs nothing special of its node', async () => {
    const text = await compileHere('kubernetes', 'run');
    const { metadata, spec } = parse(text);
    const pod = spec.template.spec;
    const [container] = pod.containers;
    expect(container.image).toMatch(/^ghcr\.io\/jen\/farm:[0-9a-f]{40}$/);
    expect(metadata.annotations['mainstem.commit']).toBe(container.image.split(':')[1]);
    const { limits, requests } = container.resources;
    expect(limits).toEqual({ cpu: '4', memory: '8Gi', 'nvidia.com/gpu': 1 });
    expect(requests).toEqual({ cpu: '4', memory: '8Gi' });
    expect(spec.activeDeadlineSeconds).toBe(90 * 60);
    const secret = { secretKeyRef: { name: 'farm-keys', key: 'AWS_SECRET_ACCESS_KEY' } };
    expect(container.env).toContainEqual({ name: 'AWS_SECRET_ACCESS_KEY', valueFrom: secret });
    expect(pod).toMatchObject({
      ...{ serviceAccountName: 'trainer', automountServiceAccountToken: false },
      ...{ restartPolicy: 'Never', imagePullSecrets: [{ name: 'farm-images' }] },
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ['ALL'] },
    });
  });

  test('gives a registry’s credentials as a file, and none where the account has them', async () => {
    const remote = 'oci://ghcr.io/jen/farm/store';
    const mounted = parse(await compileHere('argo', 'run', { remote }));
    const [, { container }] = mounted.spec.templates;
    const file = container.env.find(({ name }: { name: string }) => name === 'REGISTRY_AUTH_FILE');
    const mount = container.volumeMounts.find(({ name }: { name: string }) => name === 'registry');
    expect(file.value).toBe(`${mount.mountPath}/.dockerconfigjson`);
    expect(mounted.spec.volumes).toContainEqual({
      ...{ name: 'registry', secret: { secretName: 'farm-keys' } },
    });
    const settings = { image: 'farm', serviceAccount: 'trainer' };
    expect(await compileHere('kubernetes', 'run', { settings })).not.toContain('secret');
  });

  test('runs each stage after those it needs, and of a sweep every trial after what all share', async () => {
    const { spec } = parse(await compileHere('argo', 'run'));
    const tasks: { name: string; dependencies?: string[] }[] = spec.templates[0].dag.tasks;
    const needs = Object.fromEntries(
      tasks.map(({ name, dependencies = [] }) => [name, dependencies]),
    );
    expect(needs.train?.toSorted()).toEqual(['prepare', 'validate']);
    expect(needs.package).toContain('evaluate');

    const swept = parse(await compileHere('argo', 'sweep'));
    const trials = swept.spec.templates[0].dag.tasks.at(-1);
    expect(trials.dependencies).toEqual(['validate', 'prepare']);
    const values = trials.withItems.map((item: { values: string }) => JSON.parse(item.values));
    expect(values).toHaveLength(4);
    expect(values[0]).toEqual({});
    for (const one of values.slice(1)) {
      expect(Object.keys(one)).toEqual(['learningRate', 'model.hidden']);
    }
  });

  test('is the same, byte for byte, whenever it is compiled', async () => {
    const first = await compileHere('kfp', 'sweep');
    expect(await compileHere('kfp', 'sweep')).toBe(first);
    expect(parseAllDocuments(first)).toHaveLength(2);
  });
});
