import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, onTestFinished } from 'vitest';
import { describeIngest } from '../../../../pipeline/operations/ingest/describe-ingest.ts';
import { ingestFeedback } from '../../../../pipeline/operations/ingest/ingest-feedback.ts';
import { type Digest, digestBytes, digestJson, hexOf } from '../../../../platform/lib/hash.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { loadProject, type ProjectInput } from '../../../../platform/schemas/define/index.ts';
import type { Row } from '../../../../platform/schemas/index.ts';
import {
  lockProject,
  openStore,
  readAllExamples,
  readLock,
} from '../../../../platform/storage/index.ts';
import { type Feedback, openFeedback } from '../../../../serving/feedback/store.ts';
import { chromiumPath, launchBrowser } from '../../../helpers/browser.ts';
import { test } from '../../../helpers/folder.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { buildProject } from '../../../helpers/project.ts';

const noon = Date.parse('2026-11-26T12:00:00.000Z');
const place = 'Jen at 52.5 N 13.4 E';

/** A farm with data, locked, and the feedback that a server has written. */
async function openFarm(
  root: string,
  changed: Partial<ProjectInput>,
  files: Record<string, Buffer | string>,
) {
  const project = buildProject(root, changed);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const store = openStore(root);
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const lock = () => lockProject(workspace, store, project);
  await lock();
  const feedback = join(root, '.mainstem/feedback');
  const journal = await openFeedback(feedback, { bytes: 1e9, daily: 1000 });
  const said = (digest: Digest, label: string, more: Partial<Feedback> = {}) => ({
    ...{ model: project.definition.name, version: '0123456789ab', digest, label },
    ...{ predicted: 'good', accepted: true, at: new Date(noon).toISOString(), ...more },
  });
  return {
    ...{ root, project, store, lock, feedback, sheet: join(root, 'sheet.html') },
    sendPhoto: (bytes: Buffer, label: string, more: Partial<Feedback> = {}) =>
      journal.put(said(digestBytes(bytes), label, more), {
        kind: 'photo',
        bytes,
        extension: 'jpg',
      }),
    sendRow: (row: Row, label: string, more: Partial<Feedback> = {}) =>
      journal.put(said(digestJson(row), label, more), { kind: 'row', row }),
    sendLabel: (digest: Digest, label: string, id: string) =>
      journal.put(said(digest, label, { id, index: 0 }), { kind: 'digest' }),
    async ingest(now = noon + 1000) {
      const context = { workspace, project, store, lock: await readLock(root) };
      const sheet = join(root, 'sheet.html');
      return ingestFeedback(context, { feedback, sheet, now });
    },
    async examples() {
      const { datasets } = await readLock(root);
      const { data, split, table } = project.definition;
      const dataset = datasets[data.name];
      if (!dataset) throw new Error('not locked');
      return readAllExamples(store, dataset, {
        split: { ...split, ...dataset.split },
        ...(table && { table }),
      });
    },
  };
}

const shade = (value: number) => photoOf([value, value, value]);
const located = (bytes: Buffer) =>
  sharp(bytes)
    .keepExif()
    .withExifMerge({ IFD0: { Artist: place } })
    .jpeg({ quality: 95 })
    .toBuffer();

async function filesIn(folder: string) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

async function pumpkinFarm(
  folder: string,
  changed: Partial<ProjectInput> = {},
  more: Record<string, Buffer | string> = {},
) {
  const files = { ...more };
  for (let at = 0; at < 12; at++)
    files[`data/pumpkins/2025/${['good', 'ok', 'bad'][at % 3]}/${at}.jpg`] = await shade(at / 30);
  return openFarm(folder, changed, files);
}

describe('photos that people labelled', () => {
  test('become examples of their class, without place and camera, and lock takes them', async ({
    folder,
  }) => {
    const farm = await pumpkinFarm(folder);
    const sent = await located(await shade(0.71));
    expect(sent.includes(place)).toBe(true);
    await farm.sendPhoto(sent, 'bad');
    await farm.sendPhoto(await shade(0.75), 'good', { predicted: 'good' });
    const report = await farm.ingest();
    expect(report).toMatchObject({ added: { bad: 1, good: 1 }, written: 2, known: 0, leftOut: {} });
    const added = await filesIn(join(folder, 'data/pumpkins/feedback'));
    expect(added.map((path) => path.split('/').at(-2))).toEqual(['bad', 'good']);
    for (const path of added) expect((await readFile(path)).includes(place)).toBe(false);
    await farm.lock();
    const examples = await farm.examples();
    expect(examples).toHaveLength(14);
    expect(examples.filter(({ id }) => id.startsWith('feedback/'))).toHaveLength(2);
  });

  test('are in the slices that people named, as far as metadata.csv has such columns', async ({
    folder,
  }) => {
    const metadata = 'file,light\r\n2025/good/0.jpg,sun\r\n';
    const farm = await pumpkinFarm(folder, {}, { 'data/pumpkins/metadata.csv': metadata });
    const slices = { light: 'under "trees", wet', camera: 'phone', file: 'other.jpg' };
    await farm.sendPhoto(await shade(0.71), 'bad', { slices });
    await farm.sendPhoto(await shade(0.75), 'good', { slices: { light: 'a\0b' } });
    await farm.sendPhoto(await shade(0.79), 'ok');
    await farm.ingest();
    const path = join(folder, 'data/pumpkins/metadata.csv');
    const after = await readFile(path, 'utf8');
    const [file = ''] = await filesIn(join(folder, 'data/pumpkins/feedback/bad'));
    const own = `feedback/bad/${file.split('/').at(-1)}`;
    expect(after).toBe(`${metadata}${own},"under ""trees"", wet"\r\n`);
    // A second call writes no second line, and makes up for one that was killed before it wrote the first.
    await farm.ingest();
    expect(await readFile(path, 'utf8')).toBe(after);
    await writeFile(path, metadata);
    await farm.ingest();
    expect(await readFile(path, 'utf8')).toBe(after);
    await farm.lock();
    const described = (await farm.examples()).filter(({ metadata: { light } }) => light);
    expect(described.map(({ id }) => id)).toEqual(['2025/good/0.jpg', own]);
  });

  test('that lie elsewhere in the data get no line about a file that is not there', async ({
    folder,
  }) => {
    const metadata = 'file,light\n2025/good/0.jpg,sun\n';
    const farm = await pumpkinFarm(folder, {}, { 'data/pumpkins/metadata.csv': metadata });
    const photo = await shade(0.71);
    await mkdir(join(folder, 'data/pumpkins/2026/bad'), { recursive: true });
    await writeFile(join(folder, 'data/pumpkins/2026/bad/new.jpg'), photo);
    await farm.sendPhoto(photo, 'bad', { slices: { light: 'evening' } });
    expect(await farm.ingest()).toMatchObject({ added: { bad: 1 }, written: 0 });
    expect(await readFile(join(folder, 'data/pumpkins/metadata.csv'), 'utf8')).toBe(metadata);
  });

  test('change nothing when they are taken a second time, before the lock and after it', async ({
    folder,
  }) => {
    const farm = await pumpkinFarm(folder);
    await farm.sendPhoto(await shade(0.71), 'bad');
    await farm.sendPhoto(await shade(0.0), 'bad');
    const state = async () => [
      ...(await filesIn(join(folder, 'data'))),
      await readFile(farm.sheet, 'utf8'),
    ];
    expect(await farm.ingest()).toMatchObject({ written: 1 });
    const first = await state();
    expect(await farm.ingest(noon + 60_000)).toMatchObject({ written: 0, added: { bad: 1 } });
    expect(await state()).toEqual(first);
    await farm.lock();
    expect(await farm.ingest()).toMatchObject({ written: 0, added: {}, known: 1 });
  });

  test('with two answers, or another one in the data, are for a person to decide', async ({
    folder,
  }) => {
    const farm = await pumpkinFarm(folder);
    const twice = await shade(0.71);
    await farm.sendPhoto(twice, 'bad');
    await farm.sendPhoto(twice, 'ok');
    // The same picture with and without a place is one thing.
    const plain = await shade(0.81);
    await farm.sendPhoto(plain, 'ok');
    const marked = Buffer.concat([
      plain.subarray(0, 2),
      Buffer.from([0xff, 0xfe, 0, 6]),
      Buffer.from('home'),
      plain.subarray(2),
    ]);
    await farm.sendPhoto(marked, 'good');
    const known = await readFile(join(folder, 'data/pumpkins/2025/good/0.jpg'));
    await farm.sendPhoto(known, 'bad');
    const before = await filesIn(join(folder, 'data'));
    const report = await farm.ingest();
    expect(report).toMatchObject({ added: {}, leftOut: { contradicted: 3, differs: 1 } });
    expect(await filesIn(join(folder, 'data'))).toEqual(before);
    const sheet = await readFile(farm.sheet, 'utf8');
    expect(sheet).toContain('To decide: nothing of this was added (4)');
    expect(sheet).toContain('bad and ok');
    expect(sheet).toContain('bad; the data says good');
    expect(sheet.match(/<img src="data:image\/webp;base64,/g)).toHaveLength(4);
    expect(sheet).not.toContain(hexOf(digestBytes(twice)));
  });

  test('that cannot be learnt from are counted by reason and never written', async ({ folder }) => {
    const farm = await pumpkinFarm(folder);
    await farm.sendPhoto(await shade(0.71), 'other');
    await farm.sendPhoto(await shade(0.72), 'squash');
    await farm.sendPhoto(await shade(0.73), 'bad', { at: '2026-01-01T12:00:00.000Z' });
    await farm.sendPhoto(Buffer.from('no photo at all'), 'bad');
    await farm.sendLabel(digestBytes('a photo that nobody kept'), 'bad', 'harvest 7');
    await appendFile(join(farm.feedback, 'pumpkins/2026-11-26.jsonl'), '{"torn\n');
    const before = await filesIn(join(folder, 'data'));
    expect(await farm.ingest()).toMatchObject({
      added: {},
      leftOut: { other: 1, unknownClass: 1, old: 1, unreadable: 1, noContent: 1 },
      damaged: 1,
    });
    expect(await filesIn(join(folder, 'data'))).toEqual(before);
  });

  test('of something else go to what must be refused, where the project has such data', async ({
    folder,
  }) => {
    const outOfDistribution = {
      ...{ name: 'other-things', path: 'data/other', source: 'test', licence: 'CC0-1.0' },
    };
    const melon = { 'data/other/melon/1.jpg': await photoOf([0.2, 0.75, 0.35]) };
    const farm = await pumpkinFarm(folder, { outOfDistribution }, melon);
    await farm.sendPhoto(await photoOf([0.2, 0.75, 0.5]), 'other');
    expect(await farm.ingest()).toMatchObject({ added: { other: 1 }, written: 1 });
    expect(await filesIn(join(folder, 'data/other/feedback'))).toHaveLength(1);
    await farm.lock();
    expect(await farm.ingest()).toMatchObject({ added: {}, known: 1 });
  });

  test('leave the data that was there its share: the newest are taken', async ({ folder }) => {
    const farm = await pumpkinFarm(folder, { retraining: { replay: 0.75 } });
    for (let at = 0; at < 6; at++) {
      const time = new Date(noon - at * 1000).toISOString();
      await farm.sendPhoto(await shade(0.6 + at / 20), 'bad', { at: time });
    }
    expect(await farm.ingest()).toMatchObject({ added: { bad: 4 }, leftOut: { beyond: 2 } });
  });

  test('never move what is tested or held back: every split stays as it was', async ({
    folder,
  }) => {
    const split = { seed: 1, heldBack: 0.2 };
    const farm = await pumpkinFarm(folder, { split });
    const before = await farm.examples();
    expect(new Set(before.map(({ split: part }) => part)).size).toBeGreaterThan(2);
    for (const { id } of before)
      await farm.sendPhoto(await readFile(join(folder, 'data/pumpkins', id)), 'good');
    for (let at = 0; at < 8; at++) await farm.sendPhoto(await shade(0.6 + at / 20), 'good');
    await farm.ingest();
    await farm.lock();
    const after = await farm.examples();
    expect(after).toHaveLength(before.length + 8);
    const kept = after.filter(({ id }) => !id.startsWith('feedback/'));
    expect(kept.map(({ id, split: part, label }) => [id, part, label])).toEqual(
      before.map(({ id, split: part, label }) => [id, part, label]),
    );
  });
});

describe('rows that people labelled', () => {
  const features = { weight: { kind: 'number' }, colour: { kind: 'category' } } as const;
  const definition: Partial<ProjectInput> = {
    ...{ name: 'gourds', task: 'tabular-classification', classes: ['big', 'small'] },
    data: { name: 'gourds', path: 'data/gourds.csv', source: 'test', licence: 'CC0-1.0' },
    table: { label: 'size', features },
  };
  const table =
    'id,weight,colour,size\r\na,9,"orange, dark",big\r\nb,1,green,small\r\nc,2.50,green,small';
  const tableFarm = (folder: string, changed: Partial<ProjectInput> = {}) =>
    openFarm(folder, { ...definition, ...changed }, { 'data/gourds.csv': table });

  test('are added at the end of the table, once, and what was there stays byte by byte', async ({
    folder,
  }) => {
    const farm = await tableFarm(folder);
    const path = join(folder, 'data/gourds.csv');
    await farm.sendRow({ weight: 7, colour: 'orange, "light"' }, 'big');
    await farm.sendRow({ weight: 3 }, 'small', { at: new Date(noon + 1).toISOString() });
    await farm.sendRow({ weight: 2.5, colour: 'green' }, 'small');
    const report = await farm.ingest();
    expect(report).toMatchObject({ added: { big: 1, small: 1 }, written: 2, known: 1 });
    const after = await readFile(path, 'utf8');
    expect(after).toBe(`${table}\r\n,7,"orange, ""light""",big\r\n,3,,small\r\n`);
    expect(await farm.ingest()).toMatchObject({ written: 0 });
    expect(await readFile(path, 'utf8')).toBe(after);
    await farm.lock();
    expect(await farm.examples()).toHaveLength(5);
    const sheet = await readFile(farm.sheet, 'utf8');
    expect(sheet).toContain('<td>orange, &quot;light&quot;</td>');
  });

  test('change the data of every project that has the same file, and each is named', async ({
    folder,
  }) => {
    const farm = await tableFarm(folder);
    await farm.sendRow({ weight: 9, colour: 'orange, dark' }, 'big');
    const others = { near: 'data/gourds.csv', around: 'data', beside: 'data/gourds.csv.old' };
    for (const [name, path] of Object.entries(others)) await plantProject(folder, name, path);
    // Nothing is added, so nothing changes for anybody.
    expect(await farm.ingest()).toMatchObject({ written: 0, shared: null });
    await farm.sendRow({ weight: 7, colour: 'green' }, 'big');
    const report = await farm.ingest();
    const shared = { path: 'data/gourds.csv', projects: ['around', 'near'] };
    expect(report).toMatchObject({ written: 1, shared });
    expect(describeIngest(report)[1]).toMatch(
      /^data\/gourds\.csv is the data of around and near, too: .* Lock and train them as well\.$/,
    );
  });
  /** A project in the farm's repository, with its data at a path. */
  const plantProject = async (root: string, name: string, path: string) => {
    const place = join(root, 'pipeline/projects', name);
    const data = { name, path, source: 'test', licence: 'CC0-1.0' };
    const own = buildProject(root, { ...definition, name, data });
    await mkdir(place, { recursive: true });
    const code = `{ ...${JSON.stringify(own.definition)}, model: ({ layers }) => layers.sequential() }`;
    await writeFile(join(place, 'project.ts'), `export default ${code};\n`);
    await writeFile(join(place, 'params.json'), JSON.stringify(own.parameters));
    await loadProject(root, name);
  };

  test.skipIf(!chromiumPath)(
    'stand on a page that is no wider than a phone',
    async ({ folder }) => {
      const farm = await tableFarm(folder);
      await farm.sendRow({ weight: 7, colour: 'orange'.repeat(40) }, 'big');
      await farm.ingest();
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
      await page.setContent(await readFile(farm.sheet, 'utf8'));
      const widths = await page.evaluate(() => {
        const { clientWidth, scrollWidth } = document.documentElement;
        return { clientWidth, scrollWidth };
      });
      expect(widths).toEqual({ clientWidth: 320, scrollWidth: 320 });
      // What does not fit is reached by scrolling the table, by the keyboard as well.
      await page.getByRole('region', { name: 'Rows' }).focus();
      await page.keyboard.press('End');
      await page.locator('th', { hasText: 'when' }).scrollIntoViewIfNeeded();
      const end = await page.locator('th', { hasText: 'when' }).boundingBox();
      expect((end?.x ?? 999) + (end?.width ?? 0)).toBeLessThanOrEqual(320);
    },
  );

  test('have what people said beside them in columns that they lack themselves, and nowhere else', async ({
    folder,
  }) => {
    const farm = await tableFarm(folder);
    const slices = { id: 'field 7', colour: 'green', size: 'big', day: 'monday' };
    await farm.sendRow({ weight: 3, colour: 'yellow' }, 'small', { slices });
    await farm.sendRow({ weight: 4 }, 'small', { slices: { id: 'a\0b', colour: 'green' } });
    expect(await farm.ingest()).toMatchObject({ added: { small: 2 }, leftOut: {} });
    const path = join(folder, 'data/gourds.csv');
    const after = await readFile(path, 'utf8');
    const added = after.slice(table.length).trim().split('\r\n').sort();
    expect(added).toEqual([',4,green,small', 'field 7,3,yellow,small']);
    expect(await farm.ingest()).toMatchObject({ written: 0 });
    expect(await readFile(path, 'utf8')).toBe(after);
  });

  test('with two answers, another one in the table or an unknown column are not added', async ({
    folder,
  }) => {
    const farm = await tableFarm(folder);
    await farm.sendRow({ weight: 9, colour: 'orange, dark' }, 'small');
    await farm.sendRow({ weight: 5, colour: 'green' }, 'small');
    await farm.sendRow({ weight: '5.0', colour: 'green' }, 'big');
    await farm.sendRow({ weight: 5, taste: 'sweet' }, 'big');
    await farm.sendRow({ weight: 6, colour: null }, 'other');
    expect(await farm.ingest()).toMatchObject({
      added: {},
      leftOut: { differs: 1, contradicted: 2, unfit: 1, other: 1 },
    });
    expect(await readFile(join(folder, 'data/gourds.csv'), 'utf8')).toBe(table);
  });

  test('take the day of their label where the split goes by time', async ({ folder }) => {
    const farm = await openFarm(
      folder,
      { ...definition, split: { seed: 1, by: 'time', time: 'day' } },
      {
        'data/gourds.csv':
          'day,weight,colour,size\n2026-01-01,9,orange,big\n2026-02-01,1,green,small\n2026-03-01,4,green,small\n',
      },
    );
    await farm.sendRow({ weight: 7, colour: 'green' }, 'big');
    await farm.ingest();
    expect(await readFile(join(folder, 'data/gourds.csv'), 'utf8')).toContain(
      '2026-11-26,7,green,big\n',
    );
    await farm.lock();
    expect(await farm.examples()).toHaveLength(4);
  });
});

test('without feedback, and without data, it says so', async ({ folder }) => {
  const farm = await pumpkinFarm(folder);
  expect(await farm.ingest()).toMatchObject({ added: {}, known: 0, leftOut: {}, damaged: 0 });
  await rm(join(folder, 'data/pumpkins'), { recursive: true });
  await expect(farm.ingest()).rejects.toMatchObject({ code: 'DATA_MISSING' });
});
