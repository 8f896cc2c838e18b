import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { addProjects, exportHere } from '../../../helpers/exported-page.ts';
import { test } from '../../../helpers/folder.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../../helpers/model-repository.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await createModelRepository(pumpkins, gourds);
  await addProjects(repository, 'pumpkins', 'gourds', 'apples');
});
afterAll(() => repository.remove());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error) => (isMainstemError(error) ? error.code : (error.code ?? String(error))),
  );
const textOf = (folder: string, name: string) => readFile(join(folder, name), 'utf8');

test('the list names every file with its size and digest', async ({ folder }) => {
  const out = join(folder, 'deep/er/page');
  const list = await exportHere(repository, 'pumpkins', out);
  expect(JSON.parse(await textOf(out, 'export.json'))).toEqual(list);
  const names = (await readdir(out)).filter((name) => name !== 'export.json').sort();
  expect(list.files.map(({ path }) => path).sort()).toEqual(names);
  for (const { path, bytes, digest } of list.files) {
    const content = await readFile(join(out, path));
    expect([content.length, digestBytes(content)]).toEqual([bytes, digest]);
  }
});

test('the same model is exported to the same bytes', async ({ folder }) => {
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  await exportHere(repository, 'pumpkins', a);
  await exportHere(repository, 'pumpkins', b);
  for (const name of await readdir(a)) {
    expect(await readFile(join(a, name)), name).toEqual(await readFile(join(b, name)));
  }
});

test('the service worker keeps every file but itself, by digest', async ({ folder }) => {
  const list = await exportHere(repository, 'pumpkins', folder);
  const worker = await textOf(folder, 'service-worker.js');
  const files = JSON.parse(/^const files = (\{.*?\n\});$/ms.exec(worker)?.[1] ?? '');
  const others = list.files.filter(({ path }) => path !== 'service-worker.js');
  expect(Object.keys(files)).toEqual(others.map(({ path }) => path));
  for (const { path, digest } of others) {
    const base64 = Buffer.from(digest.replace('sha256:', ''), 'hex').toString('base64');
    expect(files[path].digest).toBe(`sha256-${base64}`);
  }
});

test('a page of photos stays below 15 MB without its model, and a form carries no decoder', async ({
  folder,
}) => {
  const photos = await exportHere(repository, 'pumpkins', join(folder, 'photos'));
  const bytes = photos.files.reduce((sum, file) => sum + file.bytes, 0);
  expect(bytes).toBeLessThan(15_000_000);
  const table = await exportHere(repository, 'gourds', join(folder, 'table'));
  const names = table.files.map(({ path }) => path);
  expect(names).not.toContain('jpeg-turbo.wasm');
  expect(names).not.toContain('kernels.wasm');
});

test('nothing of the record but what answering needs is published', async ({ folder }) => {
  await exportHere(repository, 'pumpkins', folder);
  const { model } = JSON.parse(await textOf(folder, 'model.json'));
  expect(Object.keys(model.record)).toEqual([
    ...['task', 'classes', 'createdAt', 'preprocessing', 'page', 'evaluation'],
  ]);
  expect(Object.keys(model.record.evaluation).sort()).toEqual(['outOfDistribution', 'temperature']);
});

test('only the server that takes corrections may be reached', async ({ folder }) => {
  const policyOf = async (server: string | null) => {
    await exportHere(repository, 'pumpkins', folder, server);
    return /http-equiv="content-security-policy" content="(.*?)"/.exec(
      await textOf(folder, 'index.html'),
    )?.[1];
  };
  expect(await policyOf(null)).toContain('connect-src &#39;self&#39;;');
  expect(await policyOf('https://farm.example/api')).toContain('https://farm.example;');
});

test('an earlier export is replaced whole, with nothing beside it', async ({ folder }) => {
  const out = join(folder, 'page');
  await exportHere(repository, 'pumpkins', out);
  await exportHere(repository, 'gourds', out);
  expect(await readdir(out)).not.toContain('jpeg-turbo.wasm');
  expect(await readdir(folder)).toEqual(['page']);
});

test('a folder with anything else is left as it is', async ({ folder }) => {
  await writeFile(join(folder, 'diary.txt'), 'dear');
  expect(await codeOf(exportHere(repository, 'pumpkins', folder))).toBe('OUTPUT_TAKEN');
  expect(await readdir(folder)).toEqual(['diary.txt']);
  const out = join(folder, 'page');
  await exportHere(repository, 'pumpkins', out);
  await writeFile(join(out, 'diary.txt'), 'dear');
  await expect(exportHere(repository, 'pumpkins', out)).rejects.toThrow(/diary\.txt/);
  await writeFile(join(folder, 'file'), '');
  expect(await codeOf(exportHere(repository, 'pumpkins', join(folder, 'file')))).toBe(
    'OUTPUT_TAKEN',
  );
  await mkdir(join(folder, 'forged'));
  await writeFile(join(folder, 'forged/export.json'), '{"version": 1}');
  expect(await codeOf(exportHere(repository, 'pumpkins', join(folder, 'forged')))).toBe(
    'OUTPUT_TAKEN',
  );
});

test('a place that cannot be written is named, and nothing is left there', async ({ folder }) => {
  await writeFile(join(folder, 'file'), '');
  const out = join(folder, 'file/page');
  await expect(exportHere(repository, 'pumpkins', out)).rejects.toThrow(out);
  expect(await codeOf(exportHere(repository, 'pumpkins', '/proc/page'))).toMatch(/ENOENT|EACCES/);
  expect(await readdir(folder)).toEqual(['file']);
});

test('a project that is unknown, and one of which nothing is promoted, are said', async ({
  folder,
}) => {
  const out = join(folder, 'page');
  expect(await codeOf(exportHere(repository, 'pears', out))).toBe('PROJECT_UNKNOWN');
  expect(await codeOf(exportHere(repository, 'apples', out))).toBe('MODEL_NOT_PROMOTED');
  expect(await readdir(folder)).toEqual([]);
});
