import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { readCandidate } from '../../pipeline/record.ts';
import { cloneHere } from '../helpers/clone.ts';
import { test } from '../helpers/folder.ts';
import { plantSpots } from '../integration/pipeline/template/init/template.ts';

const run = promisify(execFile);

/** `mainstem <args>` in a clone. */
async function mainstem(clone: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['pipeline/cli/cli.ts', ...args], { cwd: clone });
  return stdout;
}

/** Trains for fewer epochs than init chose: the test needs no better model. */
async function shorten(clone: string, name: string, epochs: number): Promise<void> {
  const path = join(clone, 'pipeline/projects', name, 'params.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/"epochs": \d+/, `"epochs": ${epochs}`));
}

async function qualityOf(clone: string, name: string, metric: string): Promise<number> {
  const record = await readCandidate(clone, name);
  const found = record?.evaluation.metrics.find((entry) => entry.name === metric);
  return found?.value ?? Number.NaN;
}

test('from one folder of photos to a model that passes its gates', async ({ folder }) => {
  const clone = await cloneHere(folder);
  await plantSpots(join(folder, 'photos'), { red: 40, green: 40, blue: 40 });
  const said = await mainstem(clone, 'init', 'spots', '--from', join(folder, 'photos'));
  expect(said).toContain('Found 120 photos for image-classification: blue 40, green 40, red 40.');
  await shorten(clone, 'spots', 4);
  await mainstem(clone, 'lock', 'spots');
  expect(await mainstem(clone, 'validate', 'spots')).not.toContain('error');
  await mainstem(clone, 'run', 'spots', '--backend', 'wasm');
  expect(await qualityOf(clone, 'spots', 'accuracy')).toBeGreaterThan(0.9);
});

test('from a table to a classifier, and to a regression', async ({ folder }) => {
  const clone = await cloneHere(folder);
  const from = join(clone, 'pipeline/projects/penguins/penguins.csv');
  await mainstem(clone, 'init', 'birds', '--from', from, '--label', 'species');
  await shorten(clone, 'birds', 40);
  await mainstem(clone, 'lock', 'birds');
  await mainstem(clone, 'run', 'birds', '--backend', 'wasm');
  expect(await qualityOf(clone, 'birds', 'accuracy')).toBeGreaterThan(0.93);

  const table = (await readFile(from, 'utf8')).split('\n').filter((row) => !row.includes(',,'));
  const complete = join(folder, 'complete.csv');
  await writeFile(complete, table.join('\n'));
  await mainstem(clone, 'init', 'mass', '--from', complete, '--label', 'body_mass_g');
  await shorten(clone, 'mass', 40);
  await mainstem(clone, 'lock', 'mass');
  await mainstem(clone, 'run', 'mass', '--backend', 'wasm');
  expect(await qualityOf(clone, 'mass', 'r2')).toBeGreaterThan(0.7);
});
