import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import { digestBytes, hexOf } from '../../../../platform/lib/hash.ts';
import {
  type FeedbackContent,
  type FeedbackStore,
  openFeedback,
} from '../../../../serving/feedback/store.ts';
import { test } from '../../../helpers/folder.ts';

const mebibyte = 1024 ** 2;
const limits = { bytes: mebibyte, daily: 1000 };
const noon = '2026-11-26T12:00:00.000Z';

/** What `du` says that the files take. */
function diskBytes(folder: string): number {
  const out = execFileSync('find', [folder, '-type', 'f', '-printf', '%b\n'], { encoding: 'utf8' });
  return out.split('\n').reduce((sum, blocks) => sum + Number(blocks) * 512, 0);
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

function putPhoto(store: FeedbackStore, bytes: Uint8Array, others = {}): Promise<boolean> {
  const content: FeedbackContent = { kind: 'photo', bytes, extension: 'jpg' };
  return store.put(lineOf(digestBytes(bytes), others), content);
}

function putRow(store: FeedbackStore, weight: number, others = {}): Promise<boolean> {
  const row = { weight };
  return store.put(lineOf(digestBytes(String(weight)), others), { kind: 'row', row });
}

const lineOf = (digest: ReturnType<typeof digestBytes>, others: object) => ({
  ...{ model: 'fruit', version: '0123456789ab', digest, label: 'ripe' },
  ...{ predicted: 'rotten', accepted: true, at: noon, ...others },
});

describe('equal corrections', () => {
  test('sent at once are stored once', async ({ folder }) => {
    const store = await openFeedback(folder, limits);
    const photo = Buffer.alloc(20_000, 7);
    const stored = await Promise.all(Array.from({ length: 40 }, () => putPhoto(store, photo)));
    expect(stored.filter(Boolean)).toHaveLength(1);
    const rows = await Promise.all(Array.from({ length: 40 }, () => putRow(store, 3)));
    expect(rows.filter(Boolean)).toHaveLength(1);
    expect(store.storedBytes).toBe(diskBytes(folder));
    expect(filesIn(folder)).toHaveLength(2);
  });

  test('are known after a restart: a photo forever, a row until the day ends', async ({
    folder,
  }) => {
    const first = await openFeedback(folder, limits);
    await putPhoto(first, Buffer.from('a photo'));
    await putRow(first, 3);
    const second = await openFeedback(folder, limits);
    expect(await putPhoto(second, Buffer.from('a photo'))).toBe(false);
    expect(await putRow(second, 3)).toBe(false);
    const tomorrow = { at: '2026-11-27T00:00:00.000Z' };
    expect(await putPhoto(second, Buffer.from('a photo'), tomorrow)).toBe(false);
    expect(await putRow(second, 3, tomorrow)).toBe(true);
  });

  test('with another label replace the earlier one, also with a label that it had before', async ({
    folder,
  }) => {
    const store = await openFeedback(folder, limits);
    const photo = Buffer.alloc(9000, 1);
    const sent = ['ripe', 'rotten', 'rotten', 'ripe', 'other'];
    const stored = [];
    for (const label of sent) {
      stored.push([await putPhoto(store, photo, { label }), await putRow(store, 3, { label })]);
    }
    const news = [true, true, false, true, true];
    expect(stored).toEqual(news.map((isNew) => [isNew, isNew]));
    const name = `${hexOf(digestBytes(photo))}.jpg`;
    const found = readdirSync(join(folder, 'fruit'), { recursive: true }).map(String);
    expect(found.filter((path) => path.endsWith(name))).toEqual([join('other', name)]);
    const lines = readFileSync(join(folder, 'fruit', '2026-11-26.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ label: 'other', row: { weight: 3 } });
    expect(store.storedBytes).toBe(diskBytes(folder));
    expect(store.storedFiles).toBe(filesIn(folder).length);
  });

  test('with another label replace the earlier one after a restart and on another day', async ({
    folder,
  }) => {
    const photo = Buffer.from('a photo');
    await putPhoto(await openFeedback(folder, limits), photo);
    const tomorrow = { at: '2026-11-27T00:00:00.000Z', label: 'rotten' };
    const store = await openFeedback(folder, limits);
    expect(await putPhoto(store, photo, tomorrow)).toBe(true);
    expect(await putPhoto(store, photo, tomorrow)).toBe(false);
    const photos = filesIn(folder).filter((entry) => entry.name.endsWith('.jpg'));
    expect(photos.map((entry) => entry.parentPath)).toEqual([join(folder, 'fruit', 'rotten')]);
  });
});

describe('what is said by slice', () => {
  const linesIn = (folder: string) =>
    readFileSync(join(folder, 'fruit', '2026-11-26.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  type Put = (store: FeedbackStore, others: object) => Promise<boolean>;
  test.for<readonly [string, Put]>([
    ['a row', (store, others) => putRow(store, 3, others)],
    ['a photo', (store, others) => putPhoto(store, Buffer.of(1), others)],
    [
      'an answer that is named',
      (store, others) =>
        store.put(lineOf(digestBytes('x'), { ...others, id: 'a', index: 0 }), { kind: 'digest' }),
    ],
  ])(
    'of %s is kept with a label that is known, and corrected; once',
    async ([, put], { folder }) => {
      const first = await openFeedback(folder, limits);
      const sent = [
        [{}, true],
        [{ slices: { island: 'Dream' } }, true],
        [{ slices: { island: 'Dream' } }, false],
        [{}, false],
        [{ slices: { island: 'Torgersen' } }, true],
        [{ slices: { year: '2009' } }, true],
        [{ slices: { year: '2009', island: 'Torgersen' } }, false],
      ] as const;
      for (const [others, isNew] of sent) expect(await put(first, others)).toBe(isNew);
      const again = await openFeedback(folder, limits);
      expect(await put(again, { slices: { island: 'Torgersen' } })).toBe(false);
      expect(await put(again, { slices: { island: 'Biscoe' } })).toBe(true);
      expect(linesIn(folder).map(({ slices }) => slices?.island)).toEqual([
        ...[undefined, 'Dream', 'Torgersen', undefined, 'Biscoe'],
      ]);
    },
  );

  test('of a photo is kept on another day, too', async ({ folder }) => {
    await putPhoto(await openFeedback(folder, limits), Buffer.of(1), {
      at: '2026-11-25T12:00:00.000Z',
    });
    const store = await openFeedback(folder, limits);
    const said = { slices: { island: 'Dream' } };
    expect(await putPhoto(store, Buffer.of(1), said)).toBe(true);
    expect(await putPhoto(store, Buffer.of(1), said)).toBe(false);
    expect(linesIn(folder)).toMatchObject([said]);
    expect(filesIn(folder).filter(({ name }) => name.endsWith('.jpg'))).toHaveLength(1);
  });
});

describe('space that is made while a server runs', () => {
  const small = { ...limits, bytes: 20_480 };
  const photo = (fill: number) => Buffer.alloc(9000, fill);
  const full = { code: 'FEEDBACK_FULL' };
  const away = (folder: string) => rmSync(join(folder, 'fruit'), { recursive: true });

  test('is used at once, and what is written then is counted', async ({ folder }) => {
    const store = await openFeedback(folder, small);
    await putPhoto(store, photo(1));
    await expect(putPhoto(store, photo(2))).rejects.toMatchObject(full);
    const later = await openFeedback(folder, small);
    away(folder);
    await expect(later.assertOpen('fruit', noon)).resolves.toBeUndefined();
    expect(await putPhoto(later, photo(2))).toBe(true);
    expect(later.storedBytes).toBeLessThanOrEqual(small.bytes);
    expect(later.storedBytes).toBeGreaterThanOrEqual(diskBytes(folder));
  });

  test('is looked for at intervals, not for each correction', async ({ folder }) => {
    const store = await openFeedback(folder, { ...small, recountMs: 300 });
    await putPhoto(store, photo(1));
    await expect(putPhoto(store, photo(2))).rejects.toMatchObject(full);
    away(folder);
    await expect(putPhoto(store, photo(2))).rejects.toMatchObject(full);
    await vi.waitFor(async () => expect(await putPhoto(store, photo(2))).toBe(true), 5000);
  });

  test('is shown once it is asked for, full or not', async ({ folder }) => {
    const store = await openFeedback(folder, limits);
    await putPhoto(store, photo(1));
    away(folder);
    await store.recount();
    expect(store).toMatchObject({ storedBytes: 0, storedFiles: 0 });
    await putPhoto(store, photo(2));
    expect(store.storedBytes).toBe(diskBytes(folder));
  });
});

describe('the space', () => {
  test('is counted as the disk gives it, whatever is sent, and never exceeded', async ({
    folder,
  }) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.constant('row'), fc.constant(1)),
          {
            maxLength: 40,
          },
        ),
        async (sent) => {
          const place = join(folder, String(round++));
          const bytes = 100_000;
          const store = await openFeedback(place, { ...limits, bytes });
          const puts = sent.map((item, index) =>
            typeof item === 'number'
              ? putPhoto(store, Buffer.alloc(item, index))
              : putRow(store, index),
          );
          await Promise.allSettled(puts);
          const used = sent.length === 0 ? 0 : diskBytes(place);
          expect(store.storedBytes).toBeLessThanOrEqual(bytes);
          expect(used).toBe(store.storedBytes);
          const again = await openFeedback(place, { ...limits, bytes });
          expect(again.storedBytes).toBeGreaterThanOrEqual(used);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('is not lost to many small rows: they share one file', async ({ folder }) => {
    const store = await openFeedback(folder, { ...limits, bytes: 40_960 });
    const puts = Array.from({ length: 500 }, (_, weight) => putRow(store, weight));
    const settled = await Promise.allSettled(puts);
    const stored = settled.filter(({ status }) => status === 'fulfilled').length;
    expect(stored).toBeGreaterThan(100);
    expect(settled.at(-1)).toMatchObject({ reason: { code: 'FEEDBACK_FULL' } });
    expect(filesIn(folder)).toHaveLength(1);
    expect(diskBytes(folder)).toBeLessThanOrEqual(40_960);
  });

  test('that others need on the disk is left to them, and nothing stays behind', async ({
    folder,
  }) => {
    for (const kept of [
      { bytes: 2 ** 60, files: 0 },
      { bytes: 0, files: 2 ** 50 },
    ]) {
      const store = await openFeedback(join(folder, 'feedback'), { ...limits, kept });
      const refused = expect(putPhoto(store, Buffer.from('a photo'))).rejects;
      await refused.toMatchObject({ code: 'FEEDBACK_DISK_FULL' });
      expect(store.storedBytes).toBe(0);
      expect(filesIn(folder)).toEqual([]);
    }
  });

  test('holds what was there before, temporary files of killed processes apart', async ({
    folder,
  }) => {
    const old = new Date(Date.now() - 3_600_000);
    for (const name of ['a.jpg.0123.tmp', 'b.jpg.4567.tmp', 'c.jpg']) {
      writeFileSync(join(folder, name), 'x');
    }
    utimesSync(join(folder, 'a.jpg.0123.tmp'), old, old);
    const store = await openFeedback(folder, limits);
    expect(store).toMatchObject({ storedBytes: 8192, storedFiles: 2 });
    expect(readdirSync(folder).sort()).toEqual(['b.jpg.4567.tmp', 'c.jpg']);
  });
});

describe('the day', () => {
  test('has a number of corrections for each model', async ({ folder }) => {
    const store = await openFeedback(folder, { ...limits, daily: 2 });
    await putRow(store, 1);
    await putPhoto(store, Buffer.from('a photo'));
    await expect(putRow(store, 3)).rejects.toMatchObject({
      code: 'FEEDBACK_DAILY_LIMIT',
      message: 'Model "fruit" takes no more than 2 corrections a day.',
    });
    await expect(store.assertOpen('fruit', noon)).rejects.toMatchObject({
      code: 'FEEDBACK_DAILY_LIMIT',
    });
    await expect(store.assertOpen('vegetables', noon)).resolves.toBeUndefined();
    expect(await putRow(store, 3, { model: 'vegetables' })).toBe(true);
    expect(await putRow(store, 3, { at: '2026-11-27T00:00:00.000Z' })).toBe(true);
  });

  test('is not forgotten by a restart', async ({ folder }) => {
    await putRow(await openFeedback(folder, limits), 1);
    const store = await openFeedback(folder, { ...limits, daily: 1 });
    await expect(putRow(store, 2)).rejects.toMatchObject({ code: 'FEEDBACK_DAILY_LIMIT' });
  });
});

describe('a journal', () => {
  test('with a line that a killed process did not finish goes on in a new line', async ({
    folder,
  }) => {
    const journal = join(folder, 'fruit', '2026-11-26.jsonl');
    await putRow(await openFeedback(folder, limits), 1);
    appendFileSync(journal, '{"digest":"sha256:0');
    const store = await openFeedback(folder, limits);
    expect(await putRow(store, 1)).toBe(false);
    expect(await putRow(store, 2)).toBe(true);
    expect(await putRow(store, 3)).toBe(true);
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const rows = [lines[0], lines[2], lines[3]].map((line) => JSON.parse(line ?? '').row.weight);
    expect(rows).toEqual([1, 2, 3]);
    const folderBytes = 4096;
    expect(store.storedBytes).toBe(diskBytes(folder) + folderBytes);
  });

  test('of a hostile class name stays in its folder', async ({ folder }) => {
    const store = await openFeedback(join(folder, 'inside'), limits);
    for (const label of ['..', '../../x', '/etc', 'a\0b', '.hidden', 'a\\b', '']) {
      expect(await putPhoto(store, Buffer.from(label || 'none'), { label })).toBe(true);
    }
    expect(readdirSync(folder)).toEqual(['inside']);
    expect(readdirSync(join(folder, 'inside'))).toEqual(['fruit']);
  });
});

test('feedback that is off takes nothing and looks at nothing', async ({ folder }) => {
  writeFileSync(join(folder, 'kept'), 'x');
  const store = await openFeedback(folder, { ...limits, bytes: 0 });
  expect(store.storedBytes).toBe(0);
  await expect(store.assertOpen('fruit', noon)).rejects.toMatchObject({ code: 'FEEDBACK_OFF' });
  await expect(putRow(store, 1)).rejects.toMatchObject({ code: 'FEEDBACK_OFF' });
});

describe('a folder that cannot be written', () => {
  const put = (store: FeedbackStore) => putPhoto(store, Buffer.from('a photo'));
  const refusal = { code: 'FEEDBACK_UNWRITABLE', message: expect.not.stringContaining('/') };

  test('because a file or a pipe is in its place is refused without its path', async ({
    folder,
  }) => {
    const place = join(folder, 'feedback');
    const store = await openFeedback(place, limits);
    for (const make of ['touch', 'mkfifo']) {
      execFileSync(make, [place]);
      await expect(put(store)).rejects.toMatchObject(refusal);
      rmSync(place);
    }
    expect(await put(store)).toBe(true);
  });

  test('because a pipe is in the place of the journal stops nobody for good', async ({
    folder,
  }) => {
    const store = await openFeedback(folder, limits);
    mkdirSync(join(folder, 'fruit'));
    execFileSync('mkfifo', [join(folder, 'fruit/2026-11-26.jsonl')]);
    await expect(put(store)).rejects.toMatchObject(refusal);
    rmSync(join(folder, 'fruit'), { recursive: true });
    expect(await put(store)).toBe(true);
  });

  test('is none because a pipe is in the place of a photo', async ({ folder }) => {
    const store = await openFeedback(folder, limits);
    const photo = join(folder, 'fruit/ripe', `${hexOf(digestBytes(Buffer.from('a photo')))}.jpg`);
    mkdirSync(join(folder, 'fruit/ripe'), { recursive: true });
    execFileSync('mkfifo', [photo]);
    expect(await put(store)).toBe(true);
    expect(readFileSync(photo, 'utf8')).toBe('a photo');
  });

  test('for long is said to everybody who waits, and what did not begin is never stored', async ({
    folder,
  }) => {
    const store = await openFeedback(folder, { ...limits, patienceMs: 0 });
    const puts = Array.from({ length: 20 }, (_, weight) => putRow(store, weight));
    const late = (await Promise.allSettled(puts)).filter(({ status }) => status === 'rejected');
    expect(late.length).toBeGreaterThan(15);
    expect(late[0]).toMatchObject({ reason: { message: expect.stringContaining('the disk') } });
    const patient = await openFeedback(folder, limits);
    await putRow(patient, 99);
    const path = join(folder, 'fruit/2026-11-26.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThan(7);
  });
});

test('a line torn while the server runs spoils no other', async ({ folder }) => {
  const store = await openFeedback(folder, limits);
  const path = join(folder, 'fruit/2026-11-26.jsonl');
  for (let weight = 0; weight < 3; weight++) {
    await putRow(store, weight);
    appendFileSync(path, '{"acc');
  }
  await putRow(store, 3);
  const whole = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  expect(whole.map((line) => JSON.parse(line).row.weight)).toEqual([0, 1, 2, 3]);
});

test('a journal that holds the marker of a merge is written on', async ({ folder }) => {
  await putRow(await openFeedback(folder, limits), 0);
  const path = join(folder, 'fruit/2026-11-26.jsonl');
  appendFileSync(path, '<<<<<<< HEAD\n');
  await putRow(await openFeedback(folder, limits), 1);
  const rows = readFileSync(path, 'utf8').match(/\{.*\}/g) ?? [];
  expect(rows.map((line) => JSON.parse(line).row.weight)).toEqual([0, 1]);
});
