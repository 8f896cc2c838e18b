import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readPredictionLog } from '../../../pipeline/operations/drift/read-log.ts';
import { readFeedback } from '../../../pipeline/operations/read-feedback.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { openFeedback } from '../../../serving/feedback/store.ts';
import { openSegments } from '../../../serving/predictions/segments.ts';
import { test } from '../../helpers/folder.ts';

const script = join(import.meta.dirname, '../../../infra/kubernetes/gather.sh');
const day = '2026-11-27';

const gather = (volume: string, to: string) =>
  spawnSync('sh', [script, volume, to], { encoding: 'utf8' });

/** A pod's folder with one corrected photo, as its server keeps it. */
async function correct(pod: string, time: string, label: string, photo: string) {
  const store = await openFeedback(join(pod, 'feedback'), { bytes: 1e9, daily: 1000 });
  const bytes = Buffer.from(photo);
  const feedback = { model: 'pumpkins', version: 'a1', predicted: 'bad', accepted: true, label };
  await store.put(
    { ...feedback, digest: digestBytes(bytes), at: `${day}T${time}.000Z` },
    { kind: 'photo', bytes, extension: 'jpg' },
  );
}

/** Lines of answers in a pod's folder, as many segments as they need. */
async function answer(pod: string, ids: readonly string[]) {
  const limits = { bytes: 64 * 1024 ** 2, days: 30, kept: { bytes: 0, files: 0 } };
  const segments = openSegments(join(pod, 'predictions'), limits);
  const lines = ids.map((id) =>
    JSON.stringify({
      ...{ id, index: 0, inputs: 1, at: `${day}T12:00:00.000Z`, model: 'pumpkins', version: 'a1' },
      ...{ kind: 'photo', digest: digestBytes(Buffer.from(id)), class: 'good', value: null },
      ...{ probabilities: { good: 1 }, score: 1, accepted: true, ms: 2 },
    }),
  );
  await segments.append('pumpkins', lines, new Date(`${day}T12:00:01Z`));
}

test('what several pods kept is read as if one had kept it', async ({ folder }) => {
  const volume = join(folder, 'volume');
  const [one, two] = [join(volume, 'mainstem-5d4-abcde'), join(volume, 'mainstem-5d4-zyxwv')];
  // The pod that comes second by its name was the first to be told.
  await correct(two, '10:00:00', 'ok', 'a photo');
  await correct(one, '11:00:00', 'very good', 'a photo');
  await correct(two, '12:00:00', 'ok', 'another');
  await answer(one, ['1', '2']);
  await answer(two, ['3']);
  const to = join(folder, 'gathered');
  const run = gather(volume, to);
  expect(run.status, run.stderr).toBe(0);

  const { lines, damaged } = await readFeedback(join(to, 'feedback/pumpkins'));
  expect(damaged).toBe(0);
  expect(lines.map(({ label }) => label)).toEqual(['ok', 'very good', 'ok']);
  expect(await readdir(join(to, 'feedback/pumpkins/ok'))).toHaveLength(2);
  const [photo = ''] = await readdir(join(to, 'feedback/pumpkins/very good'));
  expect(await readFile(join(to, 'feedback/pumpkins/very good', photo), 'utf8')).toBe('a photo');

  const ids: string[] = [];
  const window = { since: Date.parse(day), until: Date.parse('2026-11-28') };
  const coverage = await readPredictionLog(
    { reporter: silentReporter, signal: new AbortController().signal },
    { folder: join(to, 'predictions/pumpkins'), model: 'pumpkins', window },
    ({ id }) => ids.push(id),
  );
  expect(ids.sort()).toEqual(['1', '2', '3']);
  expect(coverage).toMatchObject({ lines: 3, damaged: 0, unfinished: 0, goneSegments: 0 });
});

test('a line that a killed pod left torn spoils no other line', async ({ folder }) => {
  const volume = join(folder, 'volume');
  const [one, two] = [join(volume, 'a'), join(volume, 'b')];
  await correct(one, '10:00:00', 'ok', 'a photo');
  await correct(two, '11:00:00', 'good', 'another');
  const journal = join(one, 'feedback/pumpkins', `${day}.jsonl`);
  await writeFile(journal, '{"accepted":true,"at":"2026-11-27T10:', { flag: 'a' });
  expect(gather(volume, join(folder, 'gathered')).status).toBe(0);
  const { lines, damaged } = await readFeedback(join(folder, 'gathered/feedback/pumpkins'));
  expect(lines.map(({ label }) => label)).toEqual(['ok', 'good']);
  expect(damaged).toBe(1);
});

test('a folder that holds something is left alone, and a volume that holds nothing gives empty folders', async ({
  folder,
}) => {
  const volume = join(folder, 'volume');
  await mkdir(volume);
  const to = join(folder, 'gathered');
  expect(gather(volume, to).status).toBe(0);
  expect((await readdir(to)).sort()).toEqual(['feedback', 'predictions']);
  const again = gather(volume, to);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('is not empty');
});
