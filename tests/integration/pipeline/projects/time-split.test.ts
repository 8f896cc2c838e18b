import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTinyPlatform } from '../run/tiny-platform.ts';

const day = (at: number) => new Date(Date.UTC(2024, 0, at)).toISOString().slice(0, 10);

test('a project that is split by time goes from lock to a report, and says what newer rows move', {
  timeout: 300_000,
}, async () => {
  const { root, mainstem, edit } = await createTinyPlatform();
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => {
      const at = from + index;
      return `${day(at)},${(at * 37) % 101},${(at * 37) % 101 > 50 ? 'high' : 'low'}`;
    });
  const table = (to: number) => ['day,x,kind', ...rows(0, to), ''].join('\n');
  await writeFile(join(root, 'levels.csv'), table(300));
  const made = await mainstem('init', 'levels', '--from', 'levels.csv', '--label', 'kind');
  expect(made.code, made.err).toBe(0);
  const project = 'pipeline/projects/levels/project.ts';
  await edit(project, / {2}split: \{ seed: 1,/, "  split: { by: 'time', time: 'day', seed: 1,");
  await edit('pipeline/projects/levels/params.json', /"epochs": \d+/, '"epochs": 3');
  expect((await mainstem('lock', 'levels')).code).toBe(0);
  const lock = JSON.parse(await readFile(join(root, 'data.lock.json'), 'utf8'));
  expect(lock.datasets.levels.split).toMatchObject({ by: 'time', time: 'day' });
  const experiment = await mainstem('experiment', 'levels', '--json');
  expect(experiment.code, experiment.err).toBeLessThanOrEqual(1);
  const { validation, findings } = JSON.parse(experiment.out);
  expect(validation.examples).toBe(60);
  expect(JSON.stringify(findings)).not.toContain('COLUMN_EXTRA');

  await writeFile(join(root, 'levels.csv'), table(400));
  const again = await mainstem('lock', 'levels');
  expect(again.out).toContain('of 300 earlier examples changed split, none of them into the test.');
});
