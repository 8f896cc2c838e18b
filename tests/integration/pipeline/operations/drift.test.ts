import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { binNames, metrics } from '../../../../monitoring/index.ts';
import { buildBins } from '../../../../pipeline/evaluation/build-profile.ts';
import { measureDrift } from '../../../../pipeline/operations/drift/drift.ts';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { stabilityIndex } from '../../../../platform/quality/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { cloneHere } from '../../../helpers/clone.ts';
import { test } from '../../../helpers/folder.ts';
import { mainstem } from '../../../helpers/mainstem.ts';
import { valueIn } from '../../../helpers/metric-of.ts';
import { createModelRepository, gourds, pumpkins } from '../../../helpers/model-repository.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { buildProject } from '../../../helpers/project.ts';
import { serveModels } from '../../../helpers/serve-models.ts';

const table = 'pipeline/projects/penguins/penguins.csv';

/** A clone in which a model of the penguins is promoted, whose profile is that of the penguins. */
async function openPenguins(folder: string) {
  const clone = await cloneHere(folder);
  const { rows } = parseCsv(await readFile(join(clone, table)), table);
  const numbers = ['bill_length_mm', 'body_mass_g'];
  const bins = [
    ...numbers.map((name) => ({ name, categories: null })),
    { name: 'sex', categories: ['female', 'male'] },
  ].flatMap(({ name, categories }) => {
    const values = rows.map((row) =>
      /^(NA|)$/.test(row[name] ?? '') ? null : (row[name] ?? null),
    );
    return buildBins({ name, categories, values }) ?? [];
  });
  const models = await createModelRepository({
    ...gourds,
    ...{ model: 'penguins', bins, classes: ['Adelie', 'Chinstrap', 'Gentoo'] },
    preprocessing: {
      kind: 'table',
      columns: [
        ...numbers.map((name) => ({ name, kind: 'number' as const, mean: 0, deviation: 1 })),
        { name: 'sex', kind: 'category', values: ['female', 'male'] },
      ],
    },
  });
  await cp(join(models.root, 'models/penguins'), join(clone, 'models/penguins'), {
    recursive: true,
  });
  await models.remove();
  const drift = async (...args: string[]) => {
    const { code, stdout, stderr } = await mainstem(clone, 'drift', 'penguins', ...args, '--json');
    return { code, report: stdout === '' ? null : JSON.parse(stdout), stderr };
  };
  return { clone, rows, drift };
}

const statesOf = (report: { properties: { property: string; state: string }[] }) =>
  Object.fromEntries(report.properties.map(({ property, state }) => [property, state]));

test('a table is compared with the profile of what is promoted: as it is locked, at a commit, in a file, in feedback', async ({
  folder,
}) => {
  const { clone, rows, drift } = await openPenguins(folder);
  expect((await mainstem(clone, 'lock', 'penguins')).code).toBe(0);
  const locked = await drift();
  expect([locked.code, locked.report.state], locked.stderr).toEqual([0, 'ok']);
  expect(locked.report).toMatchObject({ project: 'penguins', run: '0123456789ab', inputs: 344 });
  const at = await drift('--rev', 'HEAD');
  expect(at.report).toEqual(locked.report);

  const columns = Object.keys(rows[0] ?? {});
  const write = (name: string, some: readonly Record<string, string>[]) => {
    const lines = some.map((row) => columns.map((column) => row[column] ?? '').join(','));
    return writeFile(join(folder, name), [columns.join(','), ...lines, ''].join('\n'));
  };
  const heavier = rows.map((row) => ({
    ...row,
    body_mass_g: row.body_mass_g === 'NA' ? 'NA' : String(Number(row.body_mass_g) + 900),
  }));
  await write('heavy.csv', heavier);
  const heavy = await drift('--from', join(folder, 'heavy.csv'));
  expect([heavy.code, heavy.report.state]).toEqual([1, 'drift']);
  expect(statesOf(heavy.report)).toEqual({
    ...{ bill_length_mm: 'ok', body_mass_g: 'drift', sex: 'ok' },
  });
  await write('few.csv', heavier.slice(0, 20));
  const few = await drift('--from', join(folder, 'few.csv'));
  expect([few.code, few.report.state]).toEqual([0, 'insufficient']);

  const feedback = join(folder, 'feedback', 'penguins');
  await mkdir(feedback, { recursive: true });
  const line = ({ body_mass_g: mass, sex }: Record<string, string>, at: number) =>
    JSON.stringify({ digest: String(at), row: { body_mass_g: Number(mass), sex: sex ?? null } });
  const known = heavier.filter((row) => row.body_mass_g !== 'NA').slice(0, 150);
  // A label by the id of an answer need not hold the row.
  const labelled = JSON.stringify({ digest: 'labelled', id: 'harvest 7', label: 'adelie' });
  const lines = [...known, ...known].map((row, at) => line(row, at % 150)).concat(labelled);
  await writeFile(join(feedback, '2026-11-26.jsonl'), `${lines.join('\n')}\n{"digest":"torn`);
  const corrected = await drift('--feedback', join(folder, 'feedback'));
  expect([corrected.code, corrected.report.inputs], corrected.stderr).toEqual([1, 150]);

  for (const [option, error] of [
    ['--from', 'FILE_UNREADABLE'],
    ['--feedback', 'FEEDBACK_MISSING'],
  ] as const) {
    const missing = await drift(option, join(folder, 'nowhere'));
    expect([missing.code, missing.report.error.code]).toEqual([3, error]);
    expect(missing.report.error.hint).not.toContain('git checkout');
  }
  expect((await drift('--feedback')).report.error.code).toBe('FEEDBACK_MISSING');
  await writeFile(join(folder, 'file'), '');
  const file = await drift('--feedback', join(folder, 'file'));
  expect([file.code, file.report.error.code]).toEqual([3, 'FILE_UNREADABLE']);
  // Nobody has corrected an answer of this model yet.
  await mkdir(join(folder, 'others', 'pumpkins'), { recursive: true });
  const none = await drift('--feedback', join(folder, 'others'));
  expect([none.code, none.report.inputs]).toEqual([0, 0]);
  await writeFile(join(folder, 'photo.jpg'), 'a photo');
  for (const path of [folder, join(folder, 'photo.jpg')]) {
    const unfit = await drift('--from', path);
    expect([unfit.code, unfit.report.error.code]).toEqual([2, 'INPUTS_UNFIT']);
    expect(unfit.report.error.message).toContain('the data of the project is one table');
  }
  await write('header.csv', []);
  const nothing = await drift('--from', join(folder, 'header.csv'));
  expect([nothing.code, JSON.stringify(nothing.report)]).toEqual([
    1,
    expect.stringContaining('it holds no row'),
  ]);
  const renamed = heavier.map(({ body_mass_g: mass = '', ...row }) => ({ ...row, Mass: mass }));
  await write('renamed.csv', renamed);
  const gone = await drift('--from', join(folder, 'renamed.csv'));
  expect([gone.code, statesOf(gone.report).body_mass_g]).toEqual([1, 'drift']);
  // Empty cells are no absent column.
  expect([gone.report.absent, heavy.report.absent]).toEqual([[], []]);
  const lacking = rows.map((row) => `${row.bill_length_mm},${row.sex}`);
  await writeFile(join(folder, 'lacking.csv'), ['bill_length_mm,sex', ...lacking, ''].join('\n'));
  const absent = await drift('--from', join(folder, 'lacking.csv'));
  expect([absent.code, absent.report.absent]).toEqual([1, ['body_mass_g']]);
  const said = await mainstem(clone, 'drift', 'penguins', '--from', join(folder, 'lacking.csv'));
  expect(said.stdout).toContain('Not in these inputs, not even empty: body_mass_g');
  // Neither another table, nor one without a header, nor one whose names differ by case only.
  for (const [name, text] of [
    ['other.csv', 'zzz\n1\n'],
    ['headless.csv', '39.1,3750,male\n39.5,3800,female\n'],
    ['capitals.csv', 'Bill_length_mm,BODY_MASS_G,Sex\n39.1,3750,male\n'],
  ] as const) {
    await writeFile(join(folder, name), text);
    const unfit = await drift('--from', join(folder, name));
    expect([unfit.code, unfit.report.error.code], name).toEqual([2, 'INPUTS_UNFIT']);
    expect(unfit.report.error.message).toContain("none of the model's columns, bill_length_mm, ");
  }
  const unlogged = await drift('--since', '7d');
  expect([unlogged.code, JSON.stringify(unlogged.report)]).toEqual([
    3,
    expect.stringContaining('PREDICTIONS_MISSING'),
  ]);
  for (const since of ['yesterday', '0d', '2026-02-30', '6']) {
    const asked = await drift('--predictions', '--since', since);
    expect([asked.code, asked.stderr.includes('Write how long ago')], since).toEqual([2, true]);
  }
  const both = await drift('--from', 'x', '--rev', 'HEAD');
  expect(both.code).toBe(2);
  const text = await mainstem(clone, 'drift', 'penguins', '--from', join(folder, 'heavy.csv'));
  expect(text.stdout).toMatch(
    /344 inputs against .* 1 of 3 properties drift\.\n {2}body_mass_g +DRIFT/,
  );
  expect((await mainstem(clone, 'drift', 'pumpkins')).stderr).toContain('MODEL_NOT_PROMOTED');
});

test('photos have the numbers that the server counts of the same photos', async ({ folder }) => {
  const models = await createModelRepository(pumpkins);
  const photos = join(folder, 'new', 'good');
  await mkdir(photos, { recursive: true });
  const serving = await serveModels(models.root);
  for (let at = 0; at < 110; at++) {
    const shade = 0.05 + (at % 11) / 20;
    const photo = await photoOf([shade, shade, shade]);
    await writeFile(join(photos, `${at}.jpg`), photo);
    const headers = { 'content-type': 'image/jpeg' };
    await serving.app.inject({ method: 'POST', url: '/predict', headers, payload: photo });
  }
  await writeFile(join(photos, 'broken.jpg'), 'no photo');
  await writeFile(join(photos, 'notes.txt'), 'not asked for');
  const project = buildProject(models.root);
  const context = {
    workspace: {
      ...{ root: models.root, reporter: silentReporter },
      signal: new AbortController().signal,
    },
    ...{ project, lock: { version: 1 as const, datasets: {} }, store: openStore(models.root) },
  };
  const report = await measureDrift(context, { kind: 'files', path: join(folder, 'new') });
  expect(report).toMatchObject({ state: 'drift', inputs: 111, unreadable: 1 });
  const [bins] = pumpkins.bins;
  if (!bins) throw new Error('the fixture has a property');
  const exposed = (await serving.app.inject('/metrics')).body;
  const live = binNames(bins).map(
    (bin) => valueIn(exposed, metrics.inputBins.name, { property: bins.name, bin }) ?? Number.NaN,
  );
  expect(live.reduce((sum, count) => sum + count, 0)).toBe(110);
  const reference = bins.ratios.map((ratio) => ratio * 100);
  const [brightness, ...others] = report.properties;
  expect(brightness).toMatchObject({ property: 'brightness', inputs: 110, state: 'drift' });
  expect(brightness?.index).toBe(stabilityIndex({ reference, live }));
  // The score is the model's own, and is watched where it answers.
  expect(others).toEqual([]);
  for (let at = 0; at < 40; at++) await writeFile(join(photos, `cut-${at}.jpg`), 'no photo');
  const cut = await measureDrift(context, { kind: 'files', path: join(folder, 'new') });
  expect(cut).toMatchObject({ state: 'drift', unreadable: 41, tooManyUnreadable: true });
  await mkdir(join(folder, 'empty'));
  const empty = measureDrift(context, { kind: 'files', path: join(folder, 'empty') });
  await expect(empty).rejects.toThrow('it holds no photo');
  const table = measureDrift(context, { kind: 'files', path: join(photos, 'notes.txt') });
  await expect(table).rejects.toMatchObject({ code: 'INPUTS_UNFIT' });
  const none = await measureDrift(context, { kind: 'locked' });
  expect(none).toMatchObject({ state: 'insufficient', inputs: 0 });
  await serving.app.close();
  await models.remove();
});

test('lines of a journal of feedback count, are listed as unfinished, or are named as wrong', async ({
  folder,
}) => {
  const { drift } = await openPenguins(folder);
  const journal = join(folder, 'feedback', 'penguins', '2026-11-26.jsonl');
  await mkdir(join(journal, '..'), { recursive: true });
  const line = (digest: string) =>
    JSON.stringify({ digest, row: { body_mass_g: 4000, sex: 'male' } });
  const measure = async (...lines: string[]) => {
    await writeFile(journal, lines.join('\n'));
    return drift('--feedback', join(folder, 'feedback'));
  };
  // Wherever a server was killed within a line, the next one ends it.
  for (const end of [1, 12, line('b').length - 1]) {
    const torn = await measure(line('a'), '', line('b').slice(0, end), line('c'), '');
    expect([torn.code, torn.report.inputs], torn.stderr).toEqual([0, 2]);
    expect(torn.report.unfinished).toEqual([`${journal}, line 3`]);
  }
  const odd = ['null', '[]', '3', '"text"', '\0\0\0', 'x{}', '{}', '{"digest":1}', '{"row":{}}'];
  odd.push('{"digest":"a","row":[]}', '{"digest":"a","row":{"sex":{}}}');
  for (const some of odd) {
    const refused = await measure(line('a'), '', some, line('b'), '');
    expect([refused.code, refused.report.error?.code], some).toEqual([2, 'JSON_INVALID']);
    expect(refused.report.error.message, some).toContain(`${journal}, line 3 is not valid`);
  }
});
