import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import type { Digest } from '../../../../platform/lib/hash.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { keepCorrections, renderCorrections } from '../../../../platform/report/index.ts';
import type { Project } from '../../../../platform/schemas/define/index.ts';
import {
  applyCorrections,
  lockProject,
  openStore,
  readExamples,
} from '../../../../platform/storage/index.ts';
import { reportOf } from '../../../fixtures/reports.ts';
import { test } from '../../../helpers/folder.ts';
import { buildProject } from '../../../helpers/project.ts';

const workspaceOf = (root: string) => ({
  ...{ root, reporter: silentReporter, signal: new AbortController().signal },
});

/** A corrections file: digest → corrected label, '' for a sound one. */
const fileOf = (...lines: readonly (readonly [Digest, string])[]) =>
  [
    'id,digest,corrected',
    ...lines.map(([digest, label], at) => `e${at},${digest},${label}`),
    '',
  ].join('\n');

describe('corrections of photos', () => {
  test('move each photo to the folder of its class, and its metadata with it', async ({
    folder,
  }) => {
    const project = buildProject(folder);
    const photos = { 'good/a.jpg': 'A', 'good/b.jpg': 'B', 'ok/b.jpg': 'C', 'bad/d.jpg': 'D' };
    for (const [path, text] of Object.entries(photos)) {
      await mkdir(join(folder, 'data/pumpkins/2026', path, '..'), { recursive: true });
      await writeFile(join(folder, 'data/pumpkins/2026', path), text);
    }
    const metadata = 'file,light\r\n2026/good/a.jpg, "noon, late"\r\n\r\n2026/bad/d.jpg,dark\r\n';
    await writeFile(join(folder, 'data/pumpkins/metadata.csv'), metadata);
    const file = join(folder, 'corrections.csv');
    const of = (text: string) => digestBytes(text);
    await writeFile(
      file,
      fileOf(
        ...[[of('A'), 'bad'] as const, [of('B'), 'ok'] as const, [of('D'), ''] as const],
        ...[[of('gone'), 'ok'] as const, [of('C'), 'ok'] as const],
      ),
    );
    expect(await applyCorrections(workspaceOf(folder), project, file)).toEqual({
      ...{ changed: ['e0', 'e1'], missing: ['e3'], left: ['e4'] },
    });
    const found = await readdir(join(folder, 'data/pumpkins/2026'), { recursive: true });
    expect(found.filter((name) => name.endsWith('.jpg')).sort()).toEqual([
      ...['bad/a.jpg', 'bad/d.jpg', 'ok/b-2.jpg', 'ok/b.jpg'],
    ]);
    expect(await readFile(join(folder, 'data/pumpkins/metadata.csv'), 'utf8')).toBe(
      'file,light\r\n2026/bad/a.jpg,"noon, late"\r\n\r\n2026/bad/d.jpg,dark\r\n',
    );
    expect((await applyCorrections(workspaceOf(folder), project, file)).changed).toEqual([]);
  });

  test('move photos that are numbered alike in every class, swaps and metadata included', async ({
    folder,
  }) => {
    const project = buildProject(folder);
    const data = join(folder, 'data/pumpkins');
    const labels = ['good', 'ok', 'bad'];
    const numbers = [1, 2, 3, 4];
    const photos = labels.flatMap((label) => numbers.map((number) => `${label}/${number}.jpg`));
    for (const label of labels) await mkdir(join(data, label), { recursive: true });
    for (const photo of photos) await writeFile(join(data, photo), photo);
    const rows = photos.map((photo) => `${photo},"light, of ${photo}"`);
    await writeFile(join(data, 'metadata.csv'), ['file,light', ...rows, ''].join('\n'));
    const next = (photo: string) =>
      labels[(labels.indexOf(photo.split('/')[0] ?? '') + 1) % 3] ?? '';
    const file = join(folder, 'corrections.csv');
    const lines = photos.map((photo) => [digestBytes(photo), next(photo)] as const);
    await writeFile(file, fileOf(...lines));
    const { changed } = await applyCorrections(workspaceOf(folder), project, file);
    expect(changed).toHaveLength(photos.length);
    const metadata = parseCsv(await readFile(join(data, 'metadata.csv')), 'metadata.csv').rows;
    expect(metadata).toHaveLength(photos.length);
    for (const { file: path = '', light = '' } of metadata) {
      const photo = await readFile(join(data, path), 'utf8');
      expect(light).toBe(`light, of ${photo}`);
      expect(path.split('/')[0]).toBe(next(photo));
    }
  });

  test('a label that is not one of the classes is refused before anything moves', async ({
    folder,
  }) => {
    const file = join(folder, 'corrections.csv');
    await writeFile(file, fileOf([digestBytes('A'), '../../elsewhere']));
    await expect(applyCorrections(workspaceOf(folder), buildProject(folder), file)).rejects.toThrow(
      /is not one of the classes good, ok, bad/,
    );
  });
});

test.for([';', '\t'])(
  'a file whose cells a spreadsheet has separated by %o is refused with that reason',
  async (separator, { folder }) => {
    const file = join(folder, 'corrections.csv');
    const text = fileOf([digestBytes('A'), 'ok']).replaceAll(',', separator);
    await writeFile(file, text.replaceAll('\n', '\r\n'));
    await expect(
      applyCorrections(workspaceOf(folder), buildProject(folder), file),
    ).rejects.toMatchObject({
      code: 'INIT_SEPARATOR',
      message: expect.stringContaining('corrections.csv'),
    });
  },
);

test('two lines that want different labels for one example are refused, and equal ones are one', async ({
  folder,
}) => {
  const file = join(folder, 'corrections.csv');
  const [a, b] = [digestBytes('A'), digestBytes('B')];
  await writeFile(file, fileOf([a, 'ok'], [b, 'bad'], [a, 'bad']));
  await expect(applyCorrections(workspaceOf(folder), buildProject(folder), file)).rejects.toThrow(
    /two lines correct the same example, to "ok" \(e0\) and "bad" \(e2\)/,
  );
  await writeFile(file, fileOf([a, 'ok'], [b, 'bad'], [a, 'ok']));
  expect(await applyCorrections(workspaceOf(folder), buildProject(folder), file)).toMatchObject({
    missing: ['e0', 'e1'],
  });
});

describe('a corrections file that is to be written again', () => {
  const text = renderCorrections(reportOf((index) => index < 9, null));
  test.each([
    ['in which nobody has written anything', text, null],
    ['with a label', text.replace(/\n$/, 'ok\n'), /^1 correction that somebody has typed/],
    [
      'with a column more',
      text.replaceAll('\n', ',\n').replace(',\n', ',note\n'),
      /note would be lost/,
    ],
    ['that is another table', 'a,b\n1,2\n', /not a file of corrections/],
    ['that is no table', '{"epochs": 3}', /not a file of corrections/],
    ['that is empty', '', /not a file of corrections/],
    ['that is a picture', '\x89PNG\r\n\0\0', /not a file of corrections/],
  ])('%s', (_, content, reason) => {
    const found = keepCorrections(Buffer.from(content, 'latin1'));
    if (reason === null) expect(found).toBeNull();
    else expect(found).toMatch(reason);
  });
});

describe('corrections of a table', () => {
  const tabular = {
    task: 'tabular-classification',
    data: { name: 'tab', path: 'tab.csv', source: 'test', licence: 'CC0-1.0' },
    table: { label: 'kind', features: { mass: { kind: 'number' } } },
  } as const;

  /** The examples of the table as it is locked. */
  async function readLocked(folder: string, project: Project) {
    const store = openStore(folder);
    const lock = await lockProject(workspaceOf(folder), store, project);
    const dataset = lock.datasets.tab;
    if (!dataset) throw new Error('tab is not locked');
    const { split, table } = project.definition;
    return readExamples(store, dataset, { split, ...(table && { table }) });
  }

  test('change the cell of the label alone, wherever the row is now', async ({ folder }) => {
    const project = buildProject(folder, tabular);
    const rows = ['mass,kind', '1.0,good', '"2" , good', '3,ok'];
    await writeFile(join(folder, 'tab.csv'), `${rows.join('\n')}\n`);
    const examples = await readLocked(folder, project);
    const second = examples.find(({ metadata }) => metadata.mass === '2');
    const [head = '', ...others] = rows;
    await writeFile(join(folder, 'tab.csv'), `${[head, '9,bad', ...others].join('\n')}\n`);
    const file = join(folder, 'corrections.csv');
    await writeFile(file, fileOf([second?.digest ?? digestBytes(''), 'bad']));
    const applied = await applyCorrections(workspaceOf(folder), project, file);
    expect(applied).toEqual({ changed: ['e0'], missing: [], left: [] });
    const text = await readFile(join(folder, 'tab.csv'), 'utf8');
    expect(text).toBe('mass,kind\n9,bad\n1.0,good\n2,bad\n3,ok\n');
  });

  test.for([1, 2, 3])(
    'change row %i of equal ones alone where these are apart',
    async (row, { folder }) => {
      const project = buildProject(folder, { ...tabular, split: { seed: 7, equalRows: 'apart' } });
      const rows = ['mass,kind', '1,good', '1.0,good', '1,good', '3,ok'];
      await writeFile(join(folder, 'tab.csv'), `${rows.join('\n')}\n`);
      const examples = await readLocked(folder, project);
      const found = examples.find((example) => example.row === row);
      const file = join(folder, 'corrections.csv');
      await writeFile(file, fileOf([found?.digest ?? digestBytes(''), 'bad']));
      const applied = await applyCorrections(workspaceOf(folder), project, file);
      expect(applied).toEqual({ changed: ['e0'], missing: [], left: [] });
      const after = rows.with(row, (rows[row] ?? '').replace('good', 'bad'));
      expect(await readFile(join(folder, 'tab.csv'), 'utf8')).toBe(`${after.join('\n')}\n`);
    },
  );
});

test('the file that a report writes changes nothing until somebody fills it in', async ({
  folder,
}) => {
  const report = reportOf((index) => index < 9, null);
  const written = renderCorrections({
    ...report,
    ...(report.analysis && {
      analysis: {
        ...report.analysis,
        labels: {
          ...report.analysis.labels,
          shown: report.analysis.labels.shown.map((one) => ({ ...one, id: `=cmd|"${one.id}` })),
        },
      },
    }),
  });
  const file = join(folder, 'corrections.csv');
  await writeFile(file, written);
  const [head, first = ''] = written.split('\n');
  expect(head).toBe('id,row,label,suggestion,confidence,digest,corrected');
  expect(first).toMatch(/^"'=cmd\|""/);
  expect(await applyCorrections(workspaceOf(folder), buildProject(folder), file)).toEqual({
    ...{ changed: [], missing: [], left: [] },
  });
});

test.for(['nothing', 'folder', 'pipe'] as const)(
  'a corrections file that is %s is named',
  async (kind, { folder }) => {
    const file = join(folder, 'corrections.csv');
    if (kind === 'folder') await mkdir(file);
    if (kind === 'pipe') execFileSync('mkfifo', [file]);
    const reason = { nothing: 'ENOENT', folder: 'EISDIR', pipe: 'ENOTFILE' }[kind];
    const applied = applyCorrections(workspaceOf(folder), buildProject(folder), file);
    await expect(applied).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      details: { path: file, reason },
    });
  },
);
