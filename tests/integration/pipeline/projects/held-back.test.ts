import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext } from '../../../../pipeline/context.ts';
import { measureHeldBack } from '../../../../pipeline/measure-held-back.ts';
import { run } from '../../../../pipeline/operations/run.ts';
import { settleHeldBack } from '../../../../pipeline/operations/settle-held-back.ts';
import { readIndex } from '../../../../pipeline/prepare/index.ts';
import { readCandidate } from '../../../../pipeline/record.ts';
import { git } from '../../../../platform/lib/git.ts';
import { readJson, writeJson } from '../../../../platform/lib/json-file.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import {
  buildPointer,
  type CheckResult,
  lookPath,
  pointerPath,
  renderJson,
} from '../../../../platform/registry/index.ts';
import type { TreesParameters } from '../../../../platform/schemas/define/index.ts';
import { ModelPointer } from '../../../../platform/schemas/index.ts';
import { openStore, readExamples } from '../../../../platform/storage/index.ts';
import { commitAll, createTinyPlatform } from '../run/tiny-platform.ts';

const rows = 800;
const project = 'pipeline/projects/valves';

/** A valve is open where two readings together say so, nine times out of ten. */
function valves(): string {
  const random = createRandom(5);
  const lines = Array.from({ length: rows }, () => {
    const [a, b] = [random.normal(), random.normal()];
    const isOpen = a + b > 0 === random.next() < 0.95;
    return `${a.toFixed(4)},${b.toFixed(4)},${isOpen ? 'open' : 'shut'}`;
  });
  return ['a,b,state', ...lines, ''].join('\n');
}

async function createValves() {
  const platform = await createTinyPlatform();
  const { root, mainstem, edit } = platform;
  await git(root, 'config', 'user.name', 'Jen');
  await git(root, 'config', 'user.email', 'jen@example.org');
  await writeFile(join(root, 'valves.csv'), valves());
  const made = await mainstem('init', 'valves', '--from', 'valves.csv', '--label', 'state');
  expect(made.code, made.err).toBe(0);
  await edit(`${project}/project.ts`, /split: \{/, 'split: { heldBack: 0.25,');
  // Gates of the test split would stop the bad model first.
  await edit(`${project}/project.ts`, /gates: \[[\s\S]*?\n {2}\],/, 'gates: [],');
  await edit(`${project}/project.ts`, /latencyMs: \d+/, 'latencyMs: 1000');
  const parameters = async (changed: Readonly<Record<string, unknown>>) => {
    const path = join(root, project, 'params.json');
    const text = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...text, ...changed }));
  };
  const experiment = async (changed: Readonly<Record<string, unknown>>) => {
    await parameters(changed);
    const done = await mainstem('experiment', 'valves', '--json');
    expect(done.code, done.err).toBe(0);
    return done;
  };
  await parameters({ epochs: 12 });
  expect((await mainstem('lock', 'valves')).code).toBe(0);
  await commitAll(root);
  return { ...platform, experiment };
}

const passing = { state: 'success', description: '' } as const;
const good = { epochs: 12, learningRate: 0.01, seed: 1 };
/** So slow that it has hardly begun to learn. */
const bad = { epochs: 1, learningRate: 1e-7, seed: 2 };

test('what is held back is looked at by promotions alone, each look is counted, and who is shown to be worse is refused', {
  timeout: 600_000,
}, async () => {
  const { root, workspace, mainstem, edit, experiment } = await createValves();
  const store = openStore(root);
  const pointer = () => readJson(join(root, 'models/valves/production.json'), ModelPointer);
  const looks = () => readdir(join(root, 'models/valves/held-back'));

  const first = await experiment(good);
  const context = await openContext(workspace, 'valves');
  const { valves: dataset } = context.lock.datasets;
  const { split, table } = context.project.definition;
  if (!dataset) throw new Error('nothing is locked');
  const held = await readExamples(store, dataset, { split, table, part: 'heldBack' });
  expect(held.length).toBeGreaterThan(150);
  expect(dataset.splits.heldBack).toBeDefined();
  expect(first.out).toContain(`"heldBack": ${held.length}`);
  const candidate = await readCandidate(root, 'valves');
  if (!candidate) throw new Error('there is no candidate');
  const index = await readIndex(store, candidate.prepared);
  expect(index.rows).toHaveLength(rows - held.length);
  const prepared = new Set(index.rows.map(({ digest }) => digest));
  expect(held.filter(({ digest }) => prepared.has(digest))).toEqual([]);
  expect(existsSync(join(root, 'models/valves/held-back'))).toBe(false);

  const promoted = await mainstem('promote', 'valves');
  expect(promoted.code, promoted.err).toBe(0);
  expect(promoted.out).toMatch(
    /On \d+ held-back examples: accuracy .* No other model was measured/,
  );
  expect((await pointer()).heldBack).toMatchObject({
    ...{ examples: held.length, looks: 1, comparison: null },
  });
  expect(await looks()).toEqual([`${candidate.run}.json`]);
  expect(await git(root, 'status', '--porcelain', '--', 'models')).toBe('');

  await experiment(bad);
  const worse = await readCandidate(root, 'valves');
  if (!worse) throw new Error('there is no second candidate');
  const served = await pointer();
  const due = buildPointer(worse, [], served);
  const settle = (asked: boolean) =>
    settleHeldBack(
      context,
      {
        gates: { state: 'success', description: '' },
        promotion: { state: 'pending', description: '' },
        files: { [pointerPath('valves', 'production')]: renderJson(due) },
      },
      {
        change: { base: 'HEAD', head: 'HEAD', asked },
        ...{ candidate: worse, champion: championOf(candidate), due, brought: null },
      },
    );
  // As the judge of a pull request: without being asked it does not look.
  expect(await settle(false)).toMatchObject({ files: {}, promotion: { state: 'success' } });
  const judged = await settle(true);
  expect(judged.promotion.state).toBe('failure');
  expect(judged.promotion.description).toMatch(/^Refused by what is held back: worse against/);
  expect(Object.keys(judged.files)).toEqual([lookPath('valves', worse.run)]);

  const refused = await mainstem('promote', 'valves');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('HELD_BACK_REFUSED');
  expect(refused.err).toContain('worse against');
  expect((await pointer()).run).toBe(candidate.run);
  expect(await looks()).toContain(`${worse.run}.json`);

  await experiment({ ...good, seed: 3 });
  const again = await mainstem('promote', 'valves', '--json');
  expect(again.code, again.err).toBe(0);
  const { heldBack } = await pointer();
  expect(heldBack).toMatchObject({ looks: 3, examples: held.length });
  expect(heldBack?.comparison).toMatchObject({ champion: candidate.run, seen: 0 });
  expect(JSON.stringify(heldBack)).not.toContain('row-');
  expect(await git(root, 'status', '--porcelain', '--', 'models')).toBe('');
  expect(await git(root, 'log', '-1', '--format=%B')).toContain(
    '3 models were measured on some of them',
  );

  const checks = async () => {
    const { out } = await mainstem('verify', 'valves', '--base', 'HEAD~1', '--json');
    const [{ checks: all }]: [{ checks: CheckResult[] }] = JSON.parse(out);
    return all.filter(({ check, passed }) => check === 'held-back' || !passed);
  };
  expect(await checks()).toMatchObject([{ check: 'held-back', passed: true }]);
  const honest = await pointer();
  if (!honest.heldBack) throw new Error('the pointer says nothing of it');
  const [accuracy, ...others] = honest.heldBack.metrics;
  if (!accuracy) throw new Error('nothing was measured');
  const metrics = [{ ...accuracy, value: 1 }, ...others];
  const path = join(root, 'models/valves/production.json');
  await writeJson(path, { ...honest, heldBack: { ...honest.heldBack, metrics } });
  expect(await checks()).toMatchObject([
    { check: 'held-back', passed: false, message: expect.stringContaining('states another') },
  ]);
  const { heldBack: _, ...silent } = honest;
  await writeJson(path, silent);
  expect(await checks()).toMatchObject([
    { check: 'held-back', passed: false, message: expect.stringContaining('says nothing') },
  ]);
  await writeJson(path, honest);

  // What HEAD serves already is not checked again, and that is said.
  const plain = await mainstem('verify', 'valves');
  expect(plain.code).toBe(0);
  expect(plain.out).toContain(
    '– valves: not checked: key, gates and held-back examples, since HEAD',
  );
  expect(plain.out).toContain('Compared with HEAD, since --base was not given');

  // A revert deletes the notes of what it undoes; they count all the same.
  await git(root, 'revert', '--no-edit', 'HEAD');
  expect(await looks()).toHaveLength(1);
  await experiment({ ...good, seed: 4 });
  const fourth = await mainstem('promote', 'valves');
  expect(fourth.code, fourth.err).toBe(0);
  expect((await pointer()).heldBack).toMatchObject({ looks: 4 });
  expect(await checks()).toMatchObject([{ check: 'held-back', passed: true }]);
  // So does the judge count them, of a pointer that a pull request brings.
  const brought = await pointer();
  const last = await readCandidate(root, 'valves');
  if (!last) throw new Error('there is no fourth candidate');
  const settled = await settleHeldBack(
    context,
    { gates: passing, promotion: passing, files: {} },
    {
      change: { base: 'HEAD~1', head: 'HEAD', asked: true },
      ...{ candidate: last, champion: championOf(candidate), due: brought, brought },
    },
  );
  expect(settled.promotion).toEqual(passing);

  const back = await mainstem('rollback', 'valves');
  expect(back.code, back.err).toBe(0);
  expect((await pointer()).heldBack).toMatchObject({ looks: 1 });
  expect(await looks()).toHaveLength(2);

  // Another share is another set, but most of its examples have been looked at.
  await edit(`${project}/project.ts`, 'heldBack: 0.25', 'heldBack: 0.26');
  expect((await mainstem('lock', 'valves')).code).toBe(0);
  await commitAll(root);
  await experiment({ ...good, seed: 5 });
  const wider = await mainstem('promote', 'valves');
  expect(wider.code, wider.err).toBe(0);
  const { heldBack: found } = await pointer();
  expect(found?.set).not.toBe(heldBack?.set);
  expect(found?.looks).toBe(5);
});

test('of numbers over time the newest rows are held back, and trees are measured there too', {
  timeout: 400_000,
}, async () => {
  const { root, workspace, mainstem, edit } = await createTinyPlatform();
  const random = createRandom(9);
  const lines = Array.from({ length: 500 }, (_, at) => {
    const day = new Date(Date.UTC(2024, 0, at)).toISOString().slice(0, 10);
    const [a, b] = [random.normal(), random.normal()];
    return `${day},${a.toFixed(3)},${b.toFixed(3)},${(3 * a + b + random.normal() / 4).toFixed(3)}`;
  });
  await writeFile(join(root, 'flows.csv'), ['day,a,b,flow', ...lines, ''].join('\n'));
  const made = await mainstem('init', 'flows', '--from', 'flows.csv', '--label', 'flow');
  expect(made.code, made.err).toBe(0);
  const held = "split: { by: 'time', time: 'day', heldBack: 0.2, seed: 1 },";
  await edit('pipeline/projects/flows/project.ts', / {2}split: \{.*\},/, `  ${held}`);
  await edit('pipeline/projects/flows/project.ts', /import \{ model, .*\n/, '');
  const network = / {2}parameters: modelParameters,\n {2}model,\n/;
  await edit('pipeline/projects/flows/project.ts', network, "  model: { kind: 'trees' },\n");
  const parameters: TreesParameters = {
    ...{ seed: 7, learningRate: 0.1, earlyStopping: 10, thresholds: { acceptance: 0.95 } },
    model: { trees: 50, leaves: 8, minimumRows: 5, l2: 1, bins: 255, columnShare: 1 },
  };
  const path = join(root, 'pipeline/projects/flows/params.json');
  await writeFile(path, JSON.stringify(parameters));
  expect((await mainstem('lock', 'flows')).code).toBe(0);
  const context = await openContext(workspace, 'flows');
  const { record } = await run(context, { backend: 'auto' });
  if (!record) throw new Error('the run left no record');
  expect(record.training.kind).toBe('trees');
  const found = await measureHeldBack(context, record, championOf(null));
  expect(found).toMatchObject({ examples: 100, comparison: null });
  const [error] = found.metrics;
  expect(error).toMatchObject({ name: 'mae' });
  expect(error?.low).toBeLessThan(error?.value ?? 0);
  expect(error?.high).toBeGreaterThan(error?.value ?? 0);
});
