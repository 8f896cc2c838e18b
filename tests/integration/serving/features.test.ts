import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metrics } from '../../../monitoring/metrics.ts';
import type { FeatureSnapshot } from '../../../platform/features/index.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import type { ServingApp } from '../../../serving/app.ts';
import { metricOf } from '../../helpers/metric-of.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
} from '../../helpers/model-repository.ts';
import { serveModels } from '../../helpers/serve-models.ts';

/** Gourds whose weight is looked up by the plot that they grew on. */
let repository: ModelRepository;
let serving: ServingApp | undefined;
const definition = digestJson('scales');
const now = new Date('2026-11-02T12:00:00Z');
const day = 86_400_000;

beforeEach(async () => {
  const views = { scales: { keys: ['farm', 'plot'], fields: ['weight'] } };
  repository = await createModelRepository({ ...gourds, features: { definition, views } });
});
afterEach(async () => {
  await serving?.app.close();
  await repository.remove();
});

/** Plots 7 and 8 were weighed an hour and two days ago. */
const snapshot: FeatureSnapshot = {
  version: 1,
  project: 'gourds',
  definition,
  at: now.getTime() - 1000,
  views: {
    scales: {
      keys: ['farm', 'plot'],
      fields: ['weight'],
      ttlMs: day,
      freshnessMs: 2 * day,
      rows: [
        ['north', '7', (now.getTime() - 3_600_000) * 1000, '9.5'],
        ['north', '8', (now.getTime() - 2 * day) * 1000, '9.5'],
        ['north', '9', (now.getTime() - day) * 1000, null],
      ],
    },
  },
};

const write = (changed: Partial<FeatureSnapshot> = {}) =>
  writeJson(join(repository.root, '.mainstem/features/gourds.json'), { ...snapshot, ...changed });

async function start(): Promise<void> {
  serving = await serveModels(repository.root, {}, () => now);
}

async function ask(row: object) {
  const response = await serving?.app.inject({ method: 'POST', url: '/predict', payload: row });
  return response?.json().results?.[0] ?? response?.json();
}

const counted = (name: string, labels: Record<string, string>) =>
  serving && metricOf(serving, name, labels);
const lookups = (status: string) =>
  counted(metrics.featureLookups.name, { view: 'scales', status });

test('a row with the keys only is answered as one with the value itself', async () => {
  await write();
  await start();
  const filled = await ask({ farm: 'north', plot: 7, colour: 'orange' });
  const given = await ask({ weight: 9.5, colour: 'orange' });
  expect(filled.features).toEqual({ scales: 'present' });
  expect(given.features).toEqual({ scales: 'given' });
  expect(filled.probabilities).toEqual(given.probabilities);
  expect(filled.class).toBe('big');
  expect(await lookups('present')).toBe(1);
});

test('what the request names itself wins, null included, and nothing is looked up', async () => {
  await write();
  await start();
  const plot = { farm: 'north', plot: '7', colour: 'orange' };
  const own = await ask({ ...plot, weight: 1 });
  expect([own.features, own.class]).toEqual([{ scales: 'given' }, 'small']);
  const none = await ask({ ...plot, weight: null });
  expect(none.features).toEqual({ scales: 'given' });
  expect(none.probabilities).toEqual((await ask({ colour: 'orange', weight: null })).probabilities);
  expect(await lookups('present')).toBe(0);
});

test('an unknown key, a missing one and a value that is too old are said, counted and answered as missing', async () => {
  await write();
  await start();
  const missing = await ask({ colour: 'orange', weight: null });
  for (const [row, status] of [
    [{ farm: 'north', plot: '6' }, 'missing'],
    [{ farm: 'north' }, 'missing'],
    [{}, 'missing'],
    [{ farm: 'north', plot: '8' }, 'expired'],
    // To the millisecond at the end of its time to live, and without a value.
    [{ farm: 'north', plot: '9' }, 'present'],
  ] as const) {
    const answer = await ask({ ...row, colour: 'orange' });
    expect(answer.features).toEqual({ scales: status });
    expect(answer.probabilities).toEqual(missing.probabilities);
  }
  expect(await lookups('missing')).toBe(3);
  expect(await lookups('expired')).toBe(1);
});

test('a row of which nothing is known, and an unknown column, are still refused', async () => {
  await write();
  await start();
  expect(await ask({ farm: 'north', plot: '6' })).toMatchObject({ code: 'ROW_INVALID' });
  expect(await ask({ farms: 'north', plot: '7', colour: 'orange' })).toMatchObject({
    code: 'ROW_INVALID',
  });
});

test('without a snapshot features are unavailable, and a newer one is taken while the server runs', async () => {
  await start();
  const row = { farm: 'north', plot: '7', colour: 'orange' };
  expect((await ask(row)).features).toEqual({ scales: 'unavailable' });
  expect(await lookups('unavailable')).toBe(1);
  expect(await counted(metrics.featureSnapshot.name, { model: 'gourds' })).toBe(0);
  await write();
  await expect
    .poll(async () => (await ask(row)).features, { timeout: 10_000 })
    .toEqual({
      scales: 'present',
    });
  const seconds = (time: number) => time / 1000;
  expect(await counted(metrics.featureSnapshot.name, { model: 'gourds' })).toBe(
    seconds(snapshot.at),
  );
  expect(await counted(metrics.featureNewest.name, { view: 'scales' })).toBe(
    seconds(now.getTime() - 3_600_000),
  );
  expect(await counted(metrics.featureFreshness.name, { view: 'scales' })).toBe(172800);
});

test('a snapshot of another definition is not used, and one that is damaged leaves the one before in use', async () => {
  await write({ definition: digestJson('other scales') });
  await start();
  const row = { farm: 'north', plot: '7', colour: 'orange' };
  expect((await ask(row)).features).toEqual({ scales: 'unavailable' });
  await write();
  await expect
    .poll(async () => (await ask(row)).features, { timeout: 10_000 })
    .toEqual({
      scales: 'present',
    });
  await writeJson(join(repository.root, '.mainstem/features/gourds.json'), { version: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await ask(row)).features).toEqual({ scales: 'present' });
});

test('a pipe in its place is never waited for: that is said, and the next snapshot is taken', async () => {
  await write();
  await start();
  const row = { farm: 'north', plot: '7', colour: 'orange' };
  const path = join(repository.root, '.mainstem/features/gourds.json');
  await rm(path);
  execFileSync('mkfifo', [path]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await ask(row)).features).toEqual({ scales: 'present' });
  await rm(path);
  await write({ at: snapshot.at + 1000 });
  await expect
    .poll(() => counted(metrics.featureSnapshot.name, { model: 'gourds' }), {
      timeout: 10_000,
    })
    .toBe((snapshot.at + 1000) / 1000);
});

test.each(['abc', '1e400', '12 kg'])(
  'a value %s that the model cannot read is missing, and no fault of the caller',
  async (value) => {
    const { scales } = snapshot.views;
    const rows = [['north', '7', (now.getTime() - 1000) * 1000, value]];
    await write({ views: { scales: { ...scales, rows } as NonNullable<typeof scales> } });
    await start();
    const answer = await ask({ farm: 'north', plot: '7', colour: 'orange' });
    const missing = await ask({ weight: null, colour: 'orange' });
    expect(answer.probabilities).toEqual(missing.probabilities);
    const own = await ask({ weight: value, colour: 'orange' });
    expect(own.code).toBe('ROW_INVALID');
  },
);

test('the description of the interface names the keys among the columns of a row', async () => {
  await start();
  const document = (await serving?.app.inject('/openapi.json'))?.json();
  const body = document.paths['/predict'].post.requestBody.content['application/json'];
  expect(JSON.stringify(body)).toContain('"farm"');
});
