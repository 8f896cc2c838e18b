import { execFile } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openContext } from '../../../../pipeline/context.ts';
import { readCandidate } from '../../../../pipeline/record.ts';
import { headCommit } from '../../../../platform/lib/git.ts';
import { commitAll, createTinyPlatform } from './tiny-platform.ts';

const parameters = 'pipeline/projects/penguins/params.json';
const stages = ['validate', 'prepare', 'train', 'evaluate', 'package'];

/** `stage action` of each stage as `--json` prints them. */
const actionsIn = ({ out }: { out: string }): string[] =>
  JSON.parse(out).stages.map(
    ({ stage, action }: { stage: string; action: string }) => `${stage} ${action}`,
  );

test('a run makes a record, reuses what is there, and says what made a stage stale', async () => {
  const { root, workspace, mainstem, edit } = await createTinyPlatform();

  const first = await mainstem('run', 'penguins', '--json');
  expect(actionsIn(first)).toEqual(stages.map((stage) => `${stage} ran`));
  const record = await readCandidate(root, 'penguins');
  expect(record).toMatchObject({
    model: 'penguins',
    commit: await headCommit(root),
    dirty: false,
    classes: ['Adelie', 'Chinstrap', 'Gentoo'],
  });
  expect(record?.run).toBe(record?.key.slice(7, 19));

  const second = await mainstem('run', 'penguins');
  expect(second.out).toContain(`Model penguins ${record?.run}`);
  expect(second.out.match(/reused/g)).toHaveLength(5);
  expect((await mainstem('run', 'penguins')).out).toBe(second.out);

  await edit(parameters, '"learningRate": 0.01', '"learningRate": 0.02');
  const plan = await mainstem('run', 'penguins', '--dry-run');
  expect(plan.out).toMatch(/train +would run .*params\.learningRate 0\.01 → 0\.02/);
  expect(plan.out).toMatch(/evaluate +may run .*depends on train/);

  await edit('pipeline/projects/penguins/model.ts', /^/, '// A note.\n');
  await edit(parameters, '"learningRate": 0.02', '"learningRate": 0.01');
  expect(actionsIn(await mainstem('run', 'penguins', '--json'))).toEqual(
    stages.map((stage) => `${stage} reused`),
  );
  expect(await readCandidate(root, 'penguins')).toMatchObject({ run: record?.run, dirty: true });
  await commitAll(root);
  await edit('pipeline/projects/penguins/penguins.csv', 'Torgersen', 'Elsewhere');
  expect((await mainstem('run', 'penguins')).err).toContain('takes the locked data');
  await edit('pipeline/projects/penguins/penguins.csv', 'Elsewhere', 'Torgersen');
  await mainstem('run', 'penguins');
  expect(await readCandidate(root, 'penguins')).toMatchObject({
    dirty: false,
    commit: await headCommit(root),
  });

  // On a machine that never ran it, the record alone proves the tree's key.
  await rm(join(root, '.mainstem'), { recursive: true });
  const { computeRunKey } = await import(join(root, 'pipeline/run-key.ts'));
  const context = await openContext(workspace, 'penguins');
  expect(await computeRunKey(context)).toMatchObject({ complete: false });
  expect(await computeRunKey(context, { record })).toMatchObject({
    complete: true,
    key: record?.key,
  });
});

test('an error in the data stops training, and so does data that was never locked', async () => {
  const { mainstem, edit, root } = await createTinyPlatform();
  await edit('pipeline/projects/penguins/project.ts', "'Gentoo'", "'Gentoo', 'Emperor'");
  const validated = await mainstem('validate', 'penguins');
  expect(validated.code).toBe(1);
  expect(validated.out).toContain('Emperor');
  const run = await mainstem('run', 'penguins');
  expect(run.code).toBe(1);
  expect(run.err).toContain('VALIDATION_FAILED');
  expect(await readCandidate(root, 'penguins')).toBeNull();

  await rm(join(root, 'data.lock.json'));
  const unlocked = await mainstem('run', 'penguins');
  expect(unlocked.code).toBe(1);
  expect(unlocked.err).toContain('DATA_UNLOCKED');
  expect(unlocked.err).toContain('npx mainstem lock penguins');
});

test('a candidate over its budgets gets its report, with failed gates', async () => {
  const { mainstem, edit } = await createTinyPlatform();
  const project = 'pipeline/projects/penguins/project.ts';
  await mainstem('run', 'penguins');
  await edit(project, /budgets: .*/, 'budgets: { modelBytes: 100, latencyMs: 0.001 },');
  // Budgets are judged, not measured: nothing is packaged again.
  expect(actionsIn(await mainstem('run', 'penguins', '--json'))).toEqual(
    stages.map((stage) => `${stage} reused`),
  );
  const report = await mainstem('experiment', 'penguins', '--json');
  expect(report.code).toBe(1);
  const { gates, metrics } = JSON.parse(report.out);
  expect(metrics[0]).toMatchObject({ name: 'accuracy' });
  expect(gates.filter(({ passed }: { passed: boolean }) => !passed)).toMatchObject([
    { gate: 'package size', passed: false, message: expect.stringContaining('> 100 B') },
    { gate: 'latency', passed: false, message: expect.stringContaining('> 0.001 ms') },
  ]);
  const promoted = await mainstem('promote', 'penguins');
  expect([promoted.code, promoted.err]).toEqual([1, expect.stringContaining('package size')]);
});

test('an answer is remembered until something it depends on changes', async () => {
  const { root, mainstem, edit } = await createTinyPlatform();
  const ask = async () => (await mainstem('run', 'penguins')).out;
  await ask();
  await sleep(150);
  expect(await ask()).toMatch(/train +reused/);
  // Marked, so that a remembered answer differs from one that was worked out.
  await edit('.mainstem/unchanged/run-penguins-auto.json', /reused/g, 'recalled');
  expect(await ask()).toMatch(/train +recalled/);

  await edit('pipeline/cli/commands/serve.ts', /$/, 'throw new Error();\n');
  await edit('pipeline/projects/penguins/model.ts', /^/, '// A note.\n');
  expect(await ask()).toMatch(/train +recalled/);
  // bootstrap.js finds it too, before it starts the pinned Node.
  await copyFile(
    join(import.meta.dirname, '../../../../package-lock.json'),
    join(root, 'package-lock.json'),
  );
  const bootstrap = join(root, 'pipeline', 'cli', 'bootstrap.js');
  const { stdout } = await promisify(execFile)(process.execPath, [bootstrap, 'run', 'penguins']);
  expect(stdout).toMatch(/train +recalled/);

  // In no key, but it words the answer.
  await edit('pipeline/engine/render.ts', "'reused'", "'as before'");
  expect(await ask()).toMatch(/train +as before/);
});
