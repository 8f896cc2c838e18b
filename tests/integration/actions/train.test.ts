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
import { startGitHub } from '../../helpers/github.ts';
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

test('train writes record and artefacts, and names the runs', async ({ folder }) => {
  const root = await cloneHere(folder);
  const results = join(folder, 'results');
  const inputs = { projects: 'penguins', folder: results };
  const { code, log, outputs, summary } = await runAction({ root, action: 'train', inputs });
  expect(code, log).toBe(0);
  const own = join(results, 'penguins');
  const record = await readJson(join(own, 'candidate.json'), ModelRecord);
  expect(outputs).toEqual({ runs: `penguins=${record.run}`, 'gates-passed': 'true' });
  expect(summary).toContain('penguins: first model');
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

test('retrain proposes a changed lock in one pull request and updates it the next time', async ({
  folder,
}) => {
  const root = await cloneHere(folder);
  const project = join(root, penguins, 'project.ts');
  // A harvest adds a row to the table.
  const collect = `
  collect: async ({ root: folder, harvest }) => {
    const { appendFile } = await import('node:fs/promises');
    const row = 'Gentoo,Biscoe,50.1,15.2,225,5500,male\\n';
    if (harvest) await appendFile(\`\${folder}/${penguins}/penguins.csv\`, row);
  },
});
`;
  await writeFile(
    project,
    (await readFile(project, 'utf8')).replace(/\n}\);\s*$/, () => collect),
  );
  await git(root, 'commit', '--quiet', '--all', '-m', 'Collect');
  const github = await startGitHub(root);
  const call = () =>
    runAction({
      root,
      action: 'retrain',
      inputs: {
        'github-token': 'token',
        project: 'penguins',
        harvest: '2027',
        remote: join(folder, 'remote'),
      },
      env: { GITHUB_API_URL: github.url },
    });
  const first = await call();
  expect(first.code, first.log).toBe(0);
  expect(first.outputs['pull-request']).toBe('1');
  expect(github.pulls[0]?.body).toContain('penguins');
  const proposed = await git(root, 'rev-parse', 'retrain/penguins');
  expect(await git(root, 'diff', '--name-only', 'main', proposed)).toBe('data.lock.json');
  await git(root, 'checkout', '--quiet', '.');
  const again = await call();
  expect(again.outputs['pull-request'], again.log).toBe('1');
  expect(github.pulls).toHaveLength(1);
  expect(await git(root, 'rev-parse', 'retrain/penguins^')).toBe(
    await git(root, 'rev-parse', 'main'),
  );
  await github.close();
});
