import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { readJson } from '../../../platform/lib/json-file.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { ModelRecord } from '../../../platform/schemas/index.ts';
import { createFolderRemote, openStore, pull } from '../../../platform/storage/index.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { mainstem } from '../../helpers/mainstem.ts';
import { runAction } from '../../helpers/run-action.ts';

const penguins = 'pipeline/projects/penguins';

test('validate-data reports the findings of a clean table only as notices', async ({ folder }) => {
  const root = await cloneHere(folder);
  const result = await runAction({
    root,
    action: 'validate-data',
    inputs: { projects: 'penguins' },
  });
  expect(result.code, result.log).toBe(0);
  expect(result.outputs.errors).toBe('0');
});

test('validate-data annotates the pull request with errors and fails', async ({ folder }) => {
  const root = await cloneHere(folder);
  const path = join(root, penguins, 'penguins.csv');
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('Gentoo', 'Dodo'));
  const lock = await runAction({ root, action: 'validate-data', inputs: { projects: 'penguins' } });
  expect(lock.code).toBe(1);
  expect(lock.log).toContain('DATA_NOT_AS_LOCKED');
  await git(root, 'checkout', '--quiet', 'data.lock.json');
});

test('a finding is shown at the dataset’s entry in the lock', async ({ folder }) => {
  const root = await cloneHere(folder);
  const path = join(root, penguins, 'penguins.csv');
  const [header = '', ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${[header, ...rows, ...rows.slice(0, 100)].join('\n')}\n`);
  await mainstem(root, 'lock', 'penguins');
  const { log } = await runAction({
    ...{ root, action: 'validate-data', inputs: { projects: 'penguins' } },
  });
  const lock = (await readFile(join(root, 'data.lock.json'), 'utf8')).split('\n');
  const line = lock.findIndex((text) => text.includes('"penguins": {')) + 1;
  expect(line).toBeGreaterThan(1);
  expect(log).toMatch(new RegExp(`::(error|warning) .*file=data.lock.json,line=${line}::`));
});

test('train writes record and artefacts, and names the runs', async ({ folder }) => {
  const root = await cloneHere(folder);
  const results = join(folder, 'results');
  const inputs = { projects: 'penguins', seeds: '2', folder: results };
  const { code, log, outputs, summary } = await runAction({ root, action: 'train', inputs });
  expect(code, log).toBe(0);
  const own = join(results, 'penguins');
  const record = await readJson(join(own, 'candidate.json'), ModelRecord);
  expect(outputs).toEqual({ runs: `penguins=${record.run}`, 'gates-passed': 'true' });
  expect(summary).toContain('penguins: first model');
  expect(record.seeds?.seeds).toEqual([7, 8]);
  const card = await readFile(join(own, 'cards/card.md'), 'utf8');
  expect(card).toContain('model-index');
  expect(card).toMatch(/\| accuracy \| higher \| [\d.]+ % \| [\d.]+ … [\d.]+ % \|/);
  const store = openStore(folder);
  const workspace = {
    root: folder,
    reporter: silentReporter,
    signal: new AbortController().signal,
  };
  const wanted = new Map([[record.package.onnx.digest, 'served']]);
  const references = async () => ({ blobs: wanted, records: new Map() });
  await pull({ workspace, store, remote: createFolderRemote(join(own, 'blobs')) }, references);
  expect(await store.has(record.package.onnx.digest)).toBe(true);
});

test('train takes no number of seeds that is none', async ({ folder }) => {
  const root = await cloneHere(folder);
  const inputs = { projects: 'penguins', seeds: 'many', folder };
  const { code, log } = await runAction({ root, action: 'train', inputs });
  expect(code).toBe(1);
  expect(log).toMatch(/INPUT_INVALID.*seeds.*a whole number from 1 to 20/);
});

test('train says that a gate fails, but leaves the decision and the record to the judge', async ({
  folder,
}) => {
  const root = await cloneHere(folder);
  const path = join(root, penguins, 'params.json');
  await writeFile(
    path,
    (await readFile(path, 'utf8'))
      .replace(/"epochs": \d+/, '"epochs": 1')
      .replace(/"learningRate": [\d.]+/, '"learningRate": 0.00001'),
  );
  const results = join(folder, 'results');
  const inputs = { projects: 'penguins', folder: results };
  const { code, outputs } = await runAction({ root, action: 'train', inputs });
  expect(code).toBe(0);
  expect(outputs['gates-passed']).toBe('false');
  await readJson(join(results, 'penguins/candidate.json'), ModelRecord);
});
