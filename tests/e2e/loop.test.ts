import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { git } from '../../platform/lib/git.ts';
import { ownMark } from '../../platform/lib/process-mark.ts';
import { cloneHere } from '../helpers/clone.ts';
import { test } from '../helpers/folder.ts';
import { mainstem, start } from '../helpers/mainstem.ts';

const gentoo = {
  bill_length_mm: 50,
  bill_depth_mm: 15.3,
  flipper_length_mm: 224,
  body_mass_g: 5550,
  sex: 'male',
};

async function setParameter(clone: string, name: string, value: number): Promise<void> {
  const path = join(clone, 'pipeline/projects/penguins/params.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(new RegExp(`("${name}": )[^,\\n]+`), `$1${value}`));
}

test('from a clone to a served model, on to a better one, and back', async ({ folder }) => {
  const clone = await cloneHere(folder);

  const server = await start(clone, 'penguins', '--port', '0');
  // What compose mounts is there, and nobody else's.
  expect(await readdir(join(clone, '.mainstem/features'))).toEqual([]);
  onTestFinished(async () => void (await server.stop()));
  const answer = await fetch(`${server.url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(gentoo),
  });
  expect(await answer.json()).toMatchObject({ model: 'penguins', results: [{ class: 'Gentoo' }] });
  expect(await server.stop()).toBe(0);

  expect(await git(clone, 'log', '--oneline')).toMatch(/^\w+ Start$/);
  await setParameter(clone, 'learningRate', 0.02);
  const planned = await mainstem(clone, 'run', 'penguins', '--dry-run');
  expect(planned.stdout).toMatch(/params\.learningRate \S+ → 0\.02/);
  const experiment = await mainstem(clone, 'experiment', 'penguins', '--json');
  expect(experiment.code, experiment.stderr).toBe(0);
  const report = JSON.parse(experiment.stdout);
  expect(report.verdict).toMatch(/better|no detectable change|cannot tell/);

  const promoted = await mainstem(clone, 'promote', 'penguins');
  expect(promoted.code, promoted.stderr).toBe(0);
  expect(await git(clone, 'status', '--porcelain')).toBe('');
  const verified = await mainstem(clone, 'verify', 'penguins', '--base', 'HEAD^');
  expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  expect(verified.stdout).toContain("the record's key is the tree's");

  const card = await mainstem(clone, 'card', 'penguins');
  const own = report.metrics.find(({ name }: { name: string }) => name === 'accuracy').own;
  const ends = `${(100 * own.low).toFixed(1)} … ${(100 * own.high).toFixed(1)} %`;
  expect(card.stdout).toContain(`| ${ends} |`);
  const written = await readFile(join(clone, '.mainstem/runs/penguins/card.md'), 'utf8');
  expect(card.stdout).toBe(written);

  const history = JSON.parse((await mainstem(clone, 'history', 'penguins', '--json')).stdout);
  expect(history).toHaveLength(2);
  // As a process leaves it that is killed while it rebuilds.
  const ended = ownMark().replace(/-\d+-/, '-99999999-');
  const left = join(folder, `mainstem-reproduce-${ended}-left`);
  await git(clone, 'worktree', 'add', '--quiet', '--detach', left, 'HEAD');
  const reproduced = await mainstem(clone, 'reproduce', history[0].run);
  expect(reproduced.code, reproduced.stderr).toBe(0);
  expect(reproduced.stdout).toContain('bit for bit');
  expect(await git(clone, 'worktree', 'list')).not.toContain('mainstem-reproduce');

  const back = await mainstem(clone, 'rollback', 'penguins');
  expect(back.stdout).toContain(`to ${history[1].run}`);
  expect((await mainstem(clone, 'show', 'penguins')).stdout).toContain(history[1].run);
});

test('new data is compared on the same examples: the champion predicts them too', async ({
  folder,
}) => {
  const clone = await cloneHere(folder);
  expect((await mainstem(clone, 'experiment', 'penguins')).code).toBe(0);
  expect((await mainstem(clone, 'promote', 'penguins')).code).toBe(0);
  const table = join(clone, 'pipeline/projects/penguins/penguins.csv');
  const [header = '', ...rows] = (await readFile(table, 'utf8')).trim().split('\n');
  const more = rows
    .filter((row) => row.startsWith('Adelie'))
    .map((row) => row.replace(/,(\d\d)\.(\d),/, ',$1.9,'));
  await writeFile(table, [header, ...rows, ...more, ''].join('\n'));
  expect((await mainstem(clone, 'lock', 'penguins')).stdout).toMatch(/Adelie +\d+ → \d+/);
  const experiment = await mainstem(clone, 'experiment', 'penguins', '--json');
  const report = JSON.parse(experiment.stdout);
  expect(report.comparison.examples, experiment.stderr).toBeGreaterThan(80);
  expect(experiment.stdout).toContain('Adelie');
});

test('a candidate that became stale since its experiment is not promoted', async ({ folder }) => {
  const clone = await cloneHere(folder);
  const ran = await mainstem(clone, 'experiment', 'penguins');
  expect(ran.code, ran.stderr).toBe(0);
  await setParameter(clone, 'batchSize', 16);
  const refused = await mainstem(clone, 'promote', 'penguins');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('PROMOTE_STALE');
});

test('wrong input is answered with what is wrong and how to fix it', async ({ folder }) => {
  const clone = await cloneHere(folder);
  const unknown = await mainstem(clone, 'experiment', 'tomatoes');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('Known projects: penguins, pumpkins');
  await setParameter(clone, 'learningRate', -1);
  const bad = await mainstem(clone, 'experiment', 'penguins', '--json');
  expect(bad.code).toBe(2);
  expect(JSON.parse(bad.stdout).error).toMatchObject({
    code: 'PARAMETER_INVALID',
    details: { key: 'learningRate' },
  });
  expect((await mainstem(clone, 'fly')).code).toBe(2);
  expect((await mainstem(clone, 'promote', 'penguins', '--help')).stdout).toContain('Example:');
});
