import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext } from '../../../../pipeline/context.ts';
import { readPredictions } from '../../../../pipeline/evaluation/index.ts';
import { judge } from '../../../../pipeline/operations/judge.ts';
import { readCandidate } from '../../../../pipeline/record.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { serveModels } from '../../../helpers/serve-models.ts';
import { createTinyPlatform } from '../run/tiny-platform.ts';

/** A table in which one in five machines fails, the hotter the likelier. */
function machines(): string {
  const random = createRandom(3);
  const rows = Array.from({ length: 600 }, () => {
    const heat = random.normal();
    const fails = random.next() < 1 / (1 + Math.exp(2 - 1.5 * heat));
    return `${heat.toFixed(4)},${random.normal().toFixed(4)},${fails ? 'fails' : 'runs'}`;
  });
  return ['heat,noise,state', ...rows, ''].join('\n');
}

test('a class with a threshold of its own is named alike by evaluation, judge, package and server', {
  timeout: 400_000,
}, async () => {
  const { root, workspace, mainstem, edit } = await createTinyPlatform();
  await writeFile(join(root, 'machines.csv'), machines());
  const made = await mainstem('init', 'machines', '--from', 'machines.csv', '--label', 'state');
  expect(made.code, made.err).toBe(0);
  const project = 'pipeline/projects/machines';
  const text = await readFile(join(root, project, 'params.json'), 'utf8');
  const parameters = JSON.parse(text);
  parameters.thresholds.decision = { class: 'fails', cost: 9 };
  parameters.epochs = 10;
  await writeFile(join(root, project, 'params.json'), JSON.stringify(parameters));
  await edit(`${project}/project.ts`, /latencyMs: \d+/, 'latencyMs: 1000');
  expect((await mainstem('lock', 'machines')).code).toBe(0);
  const experiment = await mainstem('experiment', 'machines', '--json');
  expect(experiment.code, experiment.err).toBe(0);

  const record = await readCandidate(root, 'machines');
  if (!record) throw new Error('there is no candidate');
  const { decision, predictions, perClass } = record.evaluation;
  expect(decision).toEqual({ class: 'fails', threshold: 0.1 });
  const place = record.classes.indexOf('fails');
  const store = openStore(root);
  const answers = await readPredictions(store, predictions);
  const between = answers.filter(({ probabilities }) => {
    const likely = probabilities[place] ?? 0;
    return likely >= 0.1 && likely < 0.5;
  });
  expect(between.length).toBeGreaterThan(10);
  for (const { predicted, probabilities } of answers) {
    expect(predicted).toBe((probabilities[place] ?? 0) >= 0.1 ? 'fails' : 'runs');
  }
  expect(perClass[place]?.recall).toBeGreaterThan(0.8);
  expect(record.package.parity.classesDiffer).toBe(0);

  const context = await openContext(workspace, 'machines');
  const request = { candidate: record, champion: championOf(null), findings: [], records: [] };
  const judged = await judge(context, { ...request, cost: null });
  expect(judged.unmeasured).toBeNull();
  expect(judged.gates.filter(({ gate }) => gate.endsWith('as stated'))).toEqual([]);
  expect(judged.report.candidate.decision).toEqual(decision);

  const promoted = await mainstem('promote', 'machines');
  expect(promoted.code, promoted.err).toBe(0);
  const { app } = await serveModels(root, { model: 'machines' });
  onTestFinished(() => app.close());
  const payload = [-1, -0.5, 0, 0.5, 1].map((heat) => ({ heat, noise: 0 }));
  const served = await app.inject({ method: 'POST', url: '/predict', payload });
  for (const { class: named, probability } of served.json().results) {
    // The probability that is shown is that of the class that is named.
    const fails = named === 'fails' ? probability : 1 - probability;
    expect(named).toBe(fails >= 0.1 ? 'fails' : 'runs');
  }
});
