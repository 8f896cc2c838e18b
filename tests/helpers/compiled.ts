import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openContext } from '../../pipeline/context.ts';
import { compilePipeline, type Target } from '../../pipeline/operations/cluster/compile.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { cloneHere } from './clone.ts';

/** Settings that use every entry. */
export const allSettings = {
  image: 'ghcr.io/jen/farm:{commit}',
  secret: 'farm-keys',
  pullSecrets: ['farm-images'],
  serviceAccount: 'trainer',
  cpu: '4',
  memory: '8Gi',
  gpus: 1,
  minutes: 90,
  nodeSelector: { 'farm.example/gpu': 'yes' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
};

/**
 * Compiles the penguins of this repository as it is now, which are cloned once for all tests of a file.
 *
 * @param settings `mainstem.jobs` of package.json
 */
export async function compileHere(
  target: Target,
  kind: 'run' | 'sweep',
  {
    settings = allSettings,
    remote = 's3://farm/jobs',
  }: { settings?: object; remote?: string } = {},
): Promise<string> {
  clone ??= cloneOnce();
  const root = await clone;
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ ...manifest, mainstem: { jobs: settings } }),
  );
  const space = { learningRate: { real: [0.001, 0.1] }, 'model.hidden': { values: [[8], [4, 4]] } };
  const sweep = JSON.stringify({ method: 'sobol', trials: 3, space });
  await writeFile(join(root, 'pipeline/projects/penguins/sweep.json'), sweep);
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const context = await openContext(workspace, 'penguins');
  const request = { target, backend: 'wasm', remote, sweep: kind === 'sweep' } as const;
  return compilePipeline(context, request, '0.1.0');
}

let clone: Promise<string> | undefined;

async function cloneOnce(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-compiled-'));
  return cloneHere(folder);
}

/** Removes the clone, at the end of a file's tests. */
export async function removeCompiled(): Promise<void> {
  if (clone) await rm(dirname(await clone), { recursive: true, force: true });
}
