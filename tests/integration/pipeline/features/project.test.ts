import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSnapshot } from '../../../../platform/features/index.ts';
import type { Farm } from '../../../helpers/farm.ts';
import { buildFeatureFarm, renderSoil } from '../../../helpers/feature-farm.ts';
import { readCells, writeFileIn } from '../../../helpers/features.ts';

/** A project whose column y is looked up by the grower. */
let farm: Farm;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstem-features-'));
  farm = await buildFeatureFarm(join(folder, 'farm'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function succeed(...words: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await farm.mainstem(...words, '--json');
  expect(err + (code === 0 ? '' : out)).toBe('');
  return JSON.parse(out);
}

const record = async () =>
  JSON.parse(await readFile(join(farm.root, '.mainstem/runs/tab/candidate.json'), 'utf8'));

test('a project joins its features, locks the table, trains on it, and its record says what to look up', async () => {
  await succeed('lock', 'tab');
  const before = await farm.mainstem('run', 'tab');
  expect(before.code).toBe(1);
  expect(before.err).toContain('FEATURES_NOT_JOINED');

  const joined = await succeed('features', 'join', 'tab');
  expect(joined).toMatchObject({
    rows: 120,
    views: { soil: { present: 120, missing: 0, expired: 0 } },
  });
  const cells = await readCells(join(farm.root, 'data/tab.csv'));
  expect(cells[0]).toMatchObject({ grower_id: 'g0', kind: 'a', y: '1' });
  await succeed('lock', 'tab');
  await succeed('run', 'tab');
  const { features: contract, preprocessing } = await record();
  expect(contract).toMatchObject({
    views: { soil: { keys: ['grower_id'], fields: ['y'] } },
  });
  expect(preprocessing.columns.map(({ name }: { name: string }) => name)).toContain('y');
  expect(await farm.mainstem('features', 'check', 'tab')).toMatchObject({ code: 0 });
});

test('another definition makes another model, once it is joined', async () => {
  const before = await record();
  const path = 'pipeline/projects/tab/features.ts';
  await farm.edit(path, "ttl: '30d'", "ttl: '29d'");
  const refused = await farm.mainstem('run', 'tab');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toContain('the definition has changed since it was joined');
  const space = { learningRate: { real: [0.001, 0.1], scale: 'logarithmic' } };
  await writeFileIn(farm.root, 'pipeline/projects/tab/sweep.json', JSON.stringify({ space }));
  const search = await farm.mainstem('sweep', 'tab', '--trials', '1');
  expect(search.err).toContain('FEATURES_NOT_JOINED');
  expect(await farm.mainstem('features', 'check', 'tab')).toMatchObject({ code: 1 });

  await succeed('features', 'join', 'tab');
  await succeed('lock', 'tab');
  await succeed('run', 'tab');
  const after = await record();
  expect(after.data).toEqual(before.data);
  expect(after.stages.train).toBe(before.stages.train);
  expect(after.run).not.toBe(before.run);
  expect(after.features.definition).not.toBe(before.features.definition);
});

test('a table that was edited after the join is not trained on, and check says what changed', async () => {
  expect(await succeed('lock', 'tab')).not.toHaveProperty('unjoined');
  await farm.edit('data/tab.csv', 'g0,', 'g1,');
  const locked = await succeed('lock', 'tab');
  expect(locked.unjoined).toEqual({ tab: ['data/tab.csv is not the file that the join wrote'] });
  const refused = await farm.mainstem('run', 'tab');
  expect(refused.err).toContain('data/tab.csv as locked is not what the join wrote');
  await farm.edit('data/soil.csv', ',1.02', ',1.03');
  const other = await farm.mainstem('lock', 'tab');
  expect(other.out).toContain('data/soil.csv has changed since it was joined');
  expect(other.out).toContain('"npx mainstem features join tab"');
  const check = await farm.mainstem('features', 'check', 'tab');
  expect(check.code).toBe(1);
  expect(check.out).toContain('data/soil.csv has changed since it was joined');
  expect(check.out).toContain('data/tab.csv is not the file that the join wrote');
});

test('a snapshot holds what was known at its time', async () => {
  const early = await succeed('features', 'snapshot', 'tab', '--at', '2026-03-01T11:59:59Z');
  expect(early).toMatchObject({ entities: { soil: 0 } });
  const written = await succeed('features', 'snapshot', 'tab', '--at', '2026-03-01T12:00:00Z');
  expect(written).toMatchObject({ project: 'tab', entities: { soil: 10 } });
  const snapshot = await readSnapshot(String(written.path));
  expect(snapshot.views.soil?.rows[0]).toEqual(['g0', Date.UTC(2026, 2, 1) * 1000, '1']);
});

test('a value that no model can read is left out of a snapshot, and counted', async () => {
  const spoilt = renderSoil().replace(/,[\d.]+$/, ',wet');
  await writeFileIn(farm.root, 'data/soil.csv', spoilt);
  const written = await succeed('features', 'snapshot', 'tab', '--at', '2026-03-02T12:00:00Z');
  expect(written).toMatchObject({ unreadable: { y: 1 } });
  const snapshot = await readSnapshot(String(written.path));
  expect(snapshot.views.soil?.rows.at(-1)?.at(-1)).toBeNull();
  const { out } = await farm.mainstem(
    'features',
    'snapshot',
    'tab',
    '--at',
    '2026-03-02T12:00:00Z',
  );
  expect(out).toContain('1 value of y cannot be read');
});

test.skipIf(process.platform === 'win32').for(['data/soil.csv', 'data/asked.csv'])(
  'what stands in the place of %s and is not a file is refused at once',
  async (path) => {
    const file = join(farm.root, path);
    const before = await readFile(file);
    const kinds = [
      () => execFileSync('mkfifo', [file]),
      () => symlink('/dev/zero', file),
      () => mkdir(file),
    ];
    for (const put of kinds) {
      await rm(file, { recursive: true });
      await put();
      for (const words of ['join', 'check', 'snapshot']) {
        if (words === 'snapshot' && path !== 'data/soil.csv') continue;
        const { code, err } = await farm.mainstem('features', words, 'tab');
        expect([code, err]).toEqual([
          3,
          expect.stringContaining(`FILE_UNREADABLE Cannot read ${path}`),
        ]);
      }
    }
    await rm(file, { recursive: true });
    await writeFile(file, before);
  },
);

test('a project without features is said to have none', async () => {
  await farm.edit('pipeline/projects/tab/project.ts', '\n  features,', '');
  const { code, err } = await farm.mainstem('features', 'join', 'tab');
  expect(code).toBe(2);
  expect(err).toContain('FEATURES_MISSING');
});
