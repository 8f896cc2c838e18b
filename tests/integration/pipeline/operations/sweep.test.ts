import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openContext } from '../../../../pipeline/context.ts';
import { applyTrial } from '../../../../pipeline/operations/sweep/apply-trial.ts';
import { readStageRecords } from '../../../../pipeline/trials.ts';
import { hexOf } from '../../../../platform/lib/hash.ts';
import type { SweepReport } from '../../../../platform/report/index.ts';
import type { SweepTrial } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { commitAll, createTinyPlatform } from '../run/tiny-platform.ts';

const parameters = 'pipeline/projects/penguins/params.json';
const space = {
  learningRate: { real: [0.001, 0.1], scale: 'logarithmic' },
  'model.hidden': { values: [[4], [8], [16]] },
};

async function createSearched(definition: object) {
  const platform = await createTinyPlatform();
  const { root, mainstem, edit } = platform;
  await edit(parameters, '"epochs": 30', '"epochs": 9');
  const path = join(root, 'pipeline/projects/penguins/sweep.json');
  const define = (search: object) => writeFile(path, JSON.stringify(search));
  await define(definition);
  await commitAll(root);
  const sweep = async (...args: string[]) => {
    const { code, out, err } = await mainstem('sweep', 'penguins', '--json', ...args);
    if (!out.startsWith('{')) throw new Error(`${code}: ${err}`);
    const report: SweepReport = JSON.parse(out);
    return { code, report };
  };
  return { ...platform, define, sweep };
}

/** What decides whether two sweeps are the same: not how long they took. */
const resultsOf = ({ trials, best, front, comparison }: SweepReport) => ({
  ...{ best, front, comparison },
  trials: trials.map(({ seconds: _, ...trial }) => trial),
});

test('a sweep looks at validation alone, finds the same in parallel and again, and writes params.json', async () => {
  const search = { space, objectives: ['logLoss', 'modelBytes'] };
  const { root, sweep, define, mainstem } = await createSearched(search);
  const { report } = await sweep('--trials', '3', '--parallel', '1');
  expect(report.trials).toHaveLength(4);
  expect(report.trials.every(({ status }) => status === 'done')).toBe(true);
  expect(report.front).toContain(report.best);

  const records = await readStageRecords(openStore(root), 'penguins');
  const ran = new Set(records.map(({ ingredients }) => ingredients.stage));
  // Nothing was evaluated, so no trial counts as one that has seen the test split.
  expect([...ran].sort()).toEqual(['footprint', 'prepare', 'train', 'validate', 'validation']);
  const validation = records.find(({ ingredients }) => ingredients.stage === 'validation');
  expect(JSON.stringify(validation)).not.toContain('"test"');

  // Another process, two at a time, without what the first one noted: every result is found by its key.
  const state = join(root, '.mainstem/sweeps/penguins');
  const [noted = ''] = await readdir(state);
  await writeFile(join(state, noted), '{ "version": 1, "trials": [');
  const again = await sweep('--trials', '3', '--parallel', '2');
  expect(resultsOf(again.report)).toEqual(resultsOf(report));
  expect(await readStageRecords(openStore(root), 'penguins')).toHaveLength(records.length);

  // What was done alone is there for others, once it is shared: no trial begins for that, so the time does not matter.
  const remote = await mkdtemp(join(tmpdir(), 'mainstem-shared-'));
  onTestFinished(() => rm(remote, { recursive: true, force: true }));
  await define({ ...search, minutes: 1e-6 });
  const shared = await sweep('--trials', '3', '--share', remote);
  expect(shared.report.ended).toBe('complete');
  expect(resultsOf(shared.report)).toEqual(resultsOf(report));
  const there = await readdir(join(remote, 'records'));
  expect(there).toEqual(expect.arrayContaining(records.map(({ key }) => `${hexOf(key)}.json`)));
  const late = await sweep('--trials', '4');
  expect(late.report.ended).toBe('time');
  expect(late.report.trials).toHaveLength(4);

  const chosen = report.trials.find(({ trial }) => trial === 3);
  const applied = await mainstem('sweep', 'penguins', '--trials', '3', '--apply', '3');
  expect(applied.out).toContain('has the values of trial 3 now');
  const written = JSON.parse(await readFile(join(root, parameters), 'utf8'));
  expect(written.learningRate).toBe(chosen?.values.learningRate);
  expect(written.model.hidden).toEqual(chosen?.values['model.hidden']);
  expect(written.epochs).toBe(9);
});

test('values are written into params.json as it is by then', async () => {
  const { root, workspace } = await createSearched({ space });
  const context = await openContext(workspace, 'penguins');
  const path = join(root, parameters);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"epochs": 9', '"epochs": 10'));
  const trial: SweepTrial = {
    ...{ trial: 1, status: 'done', values: { learningRate: 0.0123 }, epochs: null, loss: null },
    ...{ metrics: { logLoss: 0.1 }, predictions: null, error: null, seconds: 1 },
  };
  await applyTrial(context, { best: 1, trials: [trial] });
  const written = JSON.parse(await readFile(path, 'utf8'));
  expect(written).toMatchObject({ epochs: 10, learningRate: 0.0123 });
});

test('a sweep that is killed goes on where it was, and ends as if nothing had happened', async () => {
  const { root, sweep } = await createSearched({ method: 'random', space, trials: 4 });
  const cli = join(root, 'pipeline/cli/cli.ts');
  const killed = spawn(process.execPath, [cli, 'sweep', 'penguins', '--parallel', '2'], {
    cwd: root,
  });
  const trained = async () =>
    (await readStageRecords(openStore(root), 'penguins')).filter(
      ({ ingredients }) => ingredients.stage === 'train',
    );
  while ((await trained()).length < 2) await sleep(100);
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const before = await trained();
  const { report } = await sweep();
  expect(report.trials.map(({ status }) => status)).toEqual(Array(5).fill('done'));
  const after = await trained();
  // What had been trained was not trained again.
  for (const { key, startedAt } of before) {
    expect(after.find((record) => record.key === key)?.startedAt).toBe(startedAt);
  }
});

test('a trial that fails is noted with its error, and the sweep goes on', async () => {
  const hidden = { values: [[13], [8]] };
  const { sweep, edit } = await createSearched({
    ...{ method: 'grid', space: { 'model.hidden': hidden } },
  });
  await edit(
    'pipeline/projects/penguins/model.ts',
    'const network = layers.sequential();',
    "if (hidden.includes(13)) throw new Error('thirteen units');\n  const network = layers.sequential();",
  );
  const { report } = await sweep();
  expect(report).toMatchObject({ planned: 2, ended: 'complete' });
  const [failed, ...others] = report.trials.filter(({ status }) => status === 'failed');
  expect(others).toEqual([]);
  expect(failed?.values).toEqual({ 'model.hidden': [13] });
  expect(failed?.error?.message).toContain('thirteen units');
  expect(report.front).not.toContain(failed?.trial);
});

test('halving gives up early, goes on from checkpoints, and ends with the training that a run would do', async () => {
  const { root, sweep, mainstem } = await createSearched({
    method: 'halving',
    factor: 3,
    space,
    trials: 4,
  });
  const { report } = await sweep('--parallel', '2');
  const count = (status: string) => report.trials.filter((one) => one.status === status).length;
  expect([count('done'), count('stopped'), count('failed')]).toEqual([2, 3, 0]);
  const stopped = report.trials.filter(({ status }) => status === 'stopped');
  expect(stopped.map(({ epochs }) => epochs)).toEqual([3, 3, 3]);

  // A run with these parameters finds the weights of the trial, bit for bit those of a training in one go.
  const whole = report.trials.find(({ trial, status }) => trial > 0 && status === 'done');
  await mainstem('sweep', 'penguins', '--apply', String(whole?.trial));
  const plan = await mainstem('run', 'penguins', '--dry-run', '--json');
  const train = JSON.parse(plan.out).stages.find(
    ({ stage }: { stage: string }) => stage === 'train',
  );
  expect(train.action).toBe('reused');
  const weights = (await openStore(root).readRecord(train.key))?.outputs;
  await mainstem('run', 'penguins', '--from', 'train', '--to', 'train');
  expect((await openStore(root).readRecord(train.key))?.outputs).toEqual(weights);
});
