import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openContext } from '../../../../pipeline/context.ts';
import {
  collectAndLock,
  type LockChange,
} from '../../../../pipeline/operations/collect-and-lock.ts';
import { git } from '../../../../platform/lib/git.ts';
import { createPredictionId } from '../../../../platform/lib/prediction-id.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { readLock } from '../../../../platform/storage/index.ts';
import { type Farm, furnish } from '../../../helpers/farm.ts';
import { buildFeatureFarm } from '../../../helpers/feature-farm.ts';
import { readCells } from '../../../helpers/features.ts';
import { correction, keepLines } from '../../../helpers/kept-lines.ts';

/** A repository whose data is on a remote, and a fresh clone of it: neither rows nor sources are in git. */
let folder: string;
let runner: Farm;

const asked = Date.UTC(2026, 2, 15, 9);
const now = Date.UTC(2026, 2, 20);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstem-features-retraining-'));
  const farm = await buildFeatureFarm(join(folder, 'farm'));
  for (const words of [['features', 'join', 'tab'], ['lock', 'tab'], ['run', 'tab'], ['push']]) {
    const env = { MAINSTEM_REMOTE: join(folder, 'remote') };
    const { code, err, out } = await farm.mainstemIn(farm.root, env, ...words);
    expect(code === 0 ? '' : err + out).toBe('');
  }
  await git(farm.root, 'add', '--all');
  await git(farm.root, 'commit', '--quiet', '-m', 'Join features');
  await git(folder, 'clone', '--quiet', farm.root, 'runner');
  runner = await furnish(join(folder, 'runner'));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function retrain(): Promise<LockChange | null> {
  const workspace = {
    ...{ root: runner.root, reporter: silentReporter, signal: new AbortController().signal },
  };
  const context = await openContext(workspace, 'tab');
  return collectAndLock(context, {
    ...{ harvest: '', remote: join(folder, 'remote'), predictions: '', now },
    ...{ feedback: join(folder, 'feedback'), sheet: join(folder, 'sheet.html') },
  });
}

test('what people labelled is joined to its features on a machine that has nothing but the remote', async () => {
  const said = (grower_id: string, x: number, label: string, at: number) => {
    const id = createPredictionId(at);
    const row = { grower_id, x, colour: 'red' };
    return { ...correction(now - 1000, row, { label, id, index: 0 }), model: 'tab' };
  };
  const lines = [
    said('g0', 1.005, 'a', asked),
    said('g1', 4.005, 'b', asked),
    // The time to live of what is known of its soil is over.
    said('g3', 4.125, 'b', Date.UTC(2026, 3, 1)),
  ];
  await keepLines(join(folder, 'feedback'), '../tab/2026-03-19.jsonl', lines);
  const change = await retrain();
  expect(change?.feedback[0]).toBe('Added 3 examples from feedback: a 1, b 2.');
  const rows = await readCells(join(runner.root, 'data/tab.csv'));
  expect(rows).toHaveLength(123);
  const added = rows.filter(
    ({ asked_at }) => asked_at?.startsWith('2026-0') && asked_at.endsWith('Z'),
  );
  const found = added.map(({ grower_id, asked_at, x, y, kind }) => [
    grower_id,
    asked_at,
    x,
    y,
    kind,
  ]);
  expect(found.sort()).toEqual([
    ['g0', '2026-03-15T09:00:00.000Z', '1.005', '1', 'a'],
    ['g1', '2026-03-15T09:00:00.000Z', '4.005', '4.01', 'b'],
    ['g3', '2026-04-01T00:00:00.000Z', '4.125', '', 'b'],
  ]);
});

test('the lock has table, rows and sources, the note says what was joined, and the run takes it', async () => {
  const { datasets } = await readLock(runner.root);
  expect(Object.keys(datasets)).toEqual([
    'features-data-asked-csv',
    'features-data-soil-csv',
    'tab',
  ]);
  const note = JSON.parse(
    await readFile(join(runner.root, 'pipeline/projects/tab/features.lock.json'), 'utf8'),
  );
  expect(Object.keys(note.sources)).toEqual(['data/asked.csv', 'data/soil.csv']);
  expect(await git(runner.root, 'diff', '--name-only')).toBe(
    'data.lock.json\npipeline/projects/tab/features.lock.json',
  );
  const { code, err } = await runner.mainstem('run', 'tab');
  expect([code, err.includes('FEATURES_NOT_JOINED')]).toEqual([0, false]);
  expect(await runner.mainstem('features', 'check', 'tab')).toMatchObject({ code: 0 });
});

test('a second time there is nothing new', async () => {
  expect(await retrain()).toBeNull();
});

test('who trains gets the table, and no file that it was joined from', async () => {
  await git(folder, 'clone', '--quiet', join(folder, 'farm'), 'trainer');
  const trainer = await furnish(join(folder, 'trainer'));
  const env = { MAINSTEM_REMOTE: join(folder, 'remote') };
  const { code, err } = await trainer.mainstemIn(trainer.root, env, 'run', 'tab');
  expect(code === 0 ? '' : err).toBe('');
  const { code: status, out } = await trainer.mainstem('status', 'tab', '--json');
  expect([0, 1]).toContain(status);
  expect(out).toContain('features-data-soil-csv');
});
