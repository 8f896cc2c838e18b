import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext, type ProjectContext } from '../../../../pipeline/context.ts';
import { measureHeldBack } from '../../../../pipeline/measure-held-back.ts';
import { judge } from '../../../../pipeline/operations/judge.ts';
import { readCandidate } from '../../../../pipeline/record.ts';
import { git } from '../../../../platform/lib/git.ts';
import { loadPromoted } from '../../../../platform/registry/index.ts';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

const folder = 'pipeline/projects/penguins';
const project = `${folder}/project.ts`;
const lost = /takes the column .{1,6}bill\\?_length\\?_mm.{1,6}, which the data no longer has/;

/** A penguins project that serves a good model and holds some birds back. */
async function createServing(): Promise<TinyPlatform> {
  const platform = await createTinyPlatform();
  const { root, edit, mainstem } = platform;
  await git(root, 'config', 'user.name', 'Jen');
  await git(root, 'config', 'user.email', 'jen@example.org');
  await edit(project, 'split: { seed: 1,', 'split: { seed: 1, heldBack: 0.15,');
  await edit(project, 'atLeast: 0.93', 'atLeast: 0.3');
  await edit(
    project,
    "{ slices: 'accuracy', atLeast: 0.8 }",
    "{ slices: 'accuracy', notWorseBy: 0.1 }",
  );
  await edit(project, 'latencyMs: 2', 'latencyMs: 1000');
  for (const words of [['lock'], ['experiment'], ['promote']]) {
    const { code, out, err } = await mainstem(...words, 'penguins');
    expect(code, `${words} ${out} ${err}`).toBe(0);
  }
  return platform;
}

async function renameColumn({ root, edit, mainstem }: TinyPlatform): Promise<void> {
  const path = join(root, folder, 'penguins.csv');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('bill_length_mm', 'bill_length'));
  await edit(project, 'bill_length_mm:', 'bill_length:');
  await edit(`${folder}/params.json`, /"epochs": \d+/, '"epochs": 12');
  expect((await mainstem('lock', 'penguins')).code).toBe(0);
}

/** A module is loaded once in a process: the definition as the edits above have left it on disk. */
function asEdited(context: ProjectContext): ProjectContext {
  const { definition } = context.project;
  const { table, split } = definition;
  if (!table) throw new Error('penguins are a table');
  const features = Object.fromEntries(
    Object.entries(table.features).map(([name, feature]) => [
      name.replace('bill_length_mm', 'bill_length'),
      feature,
    ]),
  );
  const gates = [
    { metric: 'accuracy', notWorseBy: 0.07 },
    { slices: 'accuracy', notWorseBy: 0.1 },
  ] as const;
  const edited = {
    ...{ ...definition, table: { ...table, features } },
    ...{ split: { ...split, heldBack: 0.15 }, gates },
  };
  return { ...context, project: { ...context.project, definition: edited } };
}

test('a champion whose column was renamed is compared nowhere, and replacing it is a decision that everything names', {
  timeout: 900_000,
}, async () => {
  const platform = await createServing();
  const { root, workspace, mainstem, edit } = platform;
  await renameColumn(platform);

  const report = JSON.parse((await mainstem('experiment', 'penguins', '--json')).out);
  expect(report).toMatchObject({
    verdict: 'cannot tell',
    comparison: null,
    validation: expect.anything(),
  });
  expect(report.reason).toMatch(lost);
  const failed = report.gates.filter(({ passed }: { passed: boolean }) => !passed);
  expect(failed.map(({ gate }: { gate: string }) => gate)).toEqual([
    'accuracy not worse',
    'slices not worse',
  ]);
  for (const { message } of failed) expect(message).toMatch(lost);
  expect((await mainstem('report', 'penguins')).out.slice(0, 600).replaceAll(/\s+/g, ' ')).toMatch(
    lost,
  );
  expect((await mainstem('report', 'penguins', '--markdown')).out.slice(0, 600)).toMatch(lost);
  expect((await mainstem('report', 'penguins', '--html', 'page.html')).code).toBe(0);
  expect(await readFile(join(root, 'page.html'), 'utf8')).toMatch(lost);
  const refused = await mainstem('promote', 'penguins');
  expect(refused.code).not.toBe(0);
  expect(refused.err).toMatch(lost);

  const context = asEdited(await openContext(workspace, 'penguins'));
  const candidate = await readCandidate(root, 'penguins');
  const serving = await loadPromoted(root, 'penguins');
  if (!candidate || !serving) throw new Error('there are both');
  const champion = championOf(serving.record);
  const judged = await judge(context, {
    candidate,
    champion,
    findings: [],
    cost: null,
    records: [],
  });
  expect(judged.unmeasured).toBeNull();
  expect(judged.report).toMatchObject({ verdict: 'cannot tell', comparison: null });
  expect(judged.report.reason).toMatch(lost);
  expect(judged.gates.filter(({ passed, message }) => !passed && lost.test(message))).toHaveLength(
    2,
  );
  const heldBack = await measureHeldBack(context, candidate, champion);
  expect(heldBack.comparison).toBeNull();
  const told = heldBack.gates.find(({ gate }) => gate === 'accuracy not worse');
  expect(told?.message).toMatch(/^cannot tell: /);
  expect(told?.message).toMatch(lost);

  await edit(project, "{ metric: 'accuracy', notWorseBy: 0.07 },", '');
  await edit(project, "{ slices: 'accuracy', notWorseBy: 0.1 },", '');
  expect((await mainstem('experiment', 'penguins')).code).toBe(0);
  const promoted = await mainstem('promote', 'penguins');
  expect(promoted.code, promoted.err).toBe(0);
  expect(promoted.err).toMatch(/was not compared with the model that serves, and may be worse/);
  expect(promoted.err).toMatch(lost);
  const verified = await mainstem('verify', 'penguins', '--base', 'HEAD~1');
  expect(verified.code, verified.out).toBe(0);
  expect(verified.out).toMatch(lost);
});
