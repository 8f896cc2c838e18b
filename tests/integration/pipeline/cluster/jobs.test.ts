import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, onTestFinished, vi } from 'vitest';
import type { RunResult } from '../../../../pipeline/run.ts';
import type { SweepReport } from '../../../../platform/report/index.ts';
import { test } from '../../../helpers/folder.ts';
import { type JobCluster, plantJobCluster } from '../../../helpers/job-cluster.ts';
import {
  createBucket,
  goRegistry,
  localCredentials,
  motoServer,
  type Server,
} from '../../../helpers/servers.ts';
import { commitAll, createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

afterEach(() => vi.unstubAllEnvs());

const image = 'farm/penguins:1';
/** Each starts a dozen commands. */
const patience = { timeout: 600_000 };
const space = {
  learningRate: { real: [0.001, 0.1], scale: 'logarithmic' },
  'model.hidden': { values: [[4], [8], [16]] },
};

async function start(server: { start(): Promise<Server> }): Promise<string> {
  const { url, stop } = await server.start();
  onTestFinished(stop);
  return url;
}

/** A bucket of a server that knows one pair of keys, and a cluster with a secret that holds them. */
async function openFarm(folder: string, platform: TinyPlatform) {
  const endpoint = await start(motoServer);
  await createBucket(endpoint, 'farm');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = localCredentials;
  const cluster = await plantJobCluster(folder, {
    'farm-keys': { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
  });
  for (const [name, value] of Object.entries(localCredentials)) vi.stubEnv(name, value);
  await platform.edit(
    'package.json',
    '"private": true,',
    `"private": true, "mainstem": { "jobs": { "image": "${image}", "secret": "farm-keys" } },`,
  );
  await commitAll(platform.root);
  return { cluster, remote: `s3://farm/jobs?endpoint=${endpoint}` };
}

async function search(platform: TinyPlatform, definition: object): Promise<void> {
  const path = join(platform.root, 'pipeline/projects/penguins/sweep.json');
  await writeFile(path, JSON.stringify({ space, ...definition }));
  await platform.edit('pipeline/projects/penguins/params.json', '"epochs": 30', '"epochs": 6');
}

/** The same repository on another machine, which has nothing but what is committed, and the locked data. */
async function cloneTo(root: string, clone: string): Promise<void> {
  await cp(root, clone, { recursive: true, verbatimSymlinks: true });
  for (const part of ['records', 'packs/new']) {
    await rm(join(clone, '.mainstem/store', part), { recursive: true, force: true });
  }
  await rm(join(clone, '.mainstem/sweeps'), { recursive: true, force: true });
}

/** Runs the command line of a repository, whose code is what run keys are made of. @throws Error with what it said */
async function ask<Result>(root: string, ...args: string[]): Promise<Result> {
  const cli = join(root, 'pipeline/cli/cli.ts');
  const command = [cli, ...args, '--backend', 'wasm', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(error.stdout + error.stderr);
    },
  );
  return JSON.parse(stdout);
}

const sweepIn = (root: string, ...args: string[]) =>
  ask<SweepReport>(root, 'sweep', 'penguins', ...args);

/** What was chosen, and by what; not how long it took, nor how fast this machine was at that moment. */
const choiceOf = ({ best, front, comparison, id, trials }: SweepReport) =>
  JSON.stringify({
    ...{ best, front, comparison, id },
    trials: trials.map(({ seconds: _, metrics: { latencyMs: __, ...metrics }, ...trial }) => ({
      ...trial,
      metrics,
    })),
  });

const onCluster = (remote: string) => ['--on', 'kubernetes', '--share', remote];

describe.skipIf(!motoServer.found)('Jobs over a bucket', () => {
  test(
    'a sweep of Jobs chooses what one machine chooses, byte for byte, and trains nothing here',
    patience,
    async ({ folder }) => {
      const platform = await createTinyPlatform();
      await search(platform, { method: 'sobol', trials: 2, objectives: ['logLoss', 'modelBytes'] });
      const { cluster, remote } = await openFarm(join(folder, 'cluster'), platform);
      const { root } = platform;
      await cluster.build(image, root);
      const other = join(folder, 'other');
      await cloneTo(root, other);

      const report = await sweepIn(root, ...onCluster(remote));
      expect(Object.values(await cluster.jobs())).toEqual(['Complete', 'Complete', 'Complete']);
      expect(await cluster.pods()).toHaveLength(3);
      expect(choiceOf(report)).toBe(choiceOf(await sweepIn(other)));
      await expectUntouchedImages(cluster);

      // Another machine finds all of it by run keys, and needs no cluster: its kubectl would fail.
      const third = join(folder, 'third');
      await cloneTo(root, third);
      await breakKubectl(folder);
      const collected = await sweepIn(third, ...onCluster(remote));
      expect(choiceOf(collected)).toBe(choiceOf(report));
      const more = [...onCluster(remote), '--trials', '3'];
      await expect(sweepIn(third, ...more)).rejects.toThrow(/KUBECTL_FAILED.*Unauthorized/s);
    },
  );

  test(
    'a trial that fails there is noted as it would be here, an image of other code does nothing, and both are tried again on demand',
    patience,
    async ({ folder }) => {
      const platform = await createTinyPlatform();
      await search(platform, {
        method: 'grid',
        space: { 'model.hidden': { values: [[13], [8]] } },
      });
      const { cluster, remote } = await openFarm(join(folder, 'cluster'), platform);
      const { root } = platform;
      await cluster.build(image, root);
      await platform.edit(
        'pipeline/projects/penguins/model.ts',
        'const network = layers.sequential();',
        "if (hidden.includes(13)) throw new Error('thirteen units');\n  const network = layers.sequential();",
      );
      await commitAll(root);
      await expect(sweepIn(root, ...onCluster(remote))).rejects.toThrow(/JOB_FAILED.*JOB_DIFFERS/s);

      await cluster.build(image, root);
      const report = await sweepIn(root, ...onCluster(remote), '--restart');
      const [failed, ...others] = report.trials.filter(({ status }) => status === 'failed');
      expect(others).toEqual([]);
      expect(failed?.values).toEqual({ 'model.hidden': [13] });
      expect(failed?.error).toEqual({
        code: 'TRAINING_MODEL_INVALID',
        message: 'The network of project penguins does not fit: thirteen units.',
      });
      const before = await cluster.pods();
      expect((await sweepIn(root, ...onCluster(remote))).trials).toEqual(report.trials);
      expect(await cluster.pods()).toEqual(before);
    },
  );
});

describe.skipIf(!goRegistry.found)('Jobs over a registry', () => {
  test('every stage of a run is a Job of its own, and the model is the one that this machine would make', async ({
    folder,
  }) => {
    const platform = await createTinyPlatform();
    const { root } = platform;
    const address = await start(goRegistry);
    const remote = `oci://${new URL(address).host}/farm/store`;
    const cluster = await plantJobCluster(join(folder, 'cluster'));
    await cluster.build(image, root);
    const other = join(folder, 'other');
    await cloneTo(root, other);

    const there = await ask<RunResult>(
      ...([root, 'run', 'penguins', ...onCluster(remote), '--image', image] as const),
    );
    const stages = Object.values(await cluster.tasks()).map(
      (words) => words[words.indexOf('--to') + 1],
    );
    expect(stages.sort()).toEqual(['evaluate', 'package', 'prepare', 'train', 'validate']);
    expect(there.stages.every(({ action }) => action === 'reused')).toBe(true);
    await expectUntouchedImages(cluster);

    const here = await ask<RunResult>(other, 'run', 'penguins');
    expect(there.record?.run).toBe(here.record?.run);
    expect(there.record?.training.weights).toEqual(here.record?.training.weights);
    expect(there.record?.package.onnx).toEqual(here.record?.package.onnx);
  });
});

/** Puts a kubectl in front of the path that is refused whatever it asks for. */
async function breakKubectl(folder: string): Promise<void> {
  const bin = join(folder, 'refused');
  await mkdir(bin);
  await writeFile(join(bin, 'kubectl'), '#!/bin/sh\necho "error: Unauthorized" >&2\nexit 1\n');
  await chmod(join(bin, 'kubectl'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
}

/** A pod's root is read-only: it wrote nothing but what volumes hold. */
async function expectUntouchedImages(cluster: JobCluster): Promise<void> {
  for (const pod of await cluster.pods()) {
    expect((await readdir(pod)).sort()).toEqual(['app', 'log', 'tmp']);
    const found = await readdir(join(pod, 'app'));
    expect(found.sort()).toEqual([
      ...['.mainstem', 'data.lock.json', 'node_modules'],
      ...['package.json', 'pipeline', 'platform'],
    ]);
  }
}
