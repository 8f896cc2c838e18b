import { expect } from 'vitest';
import { reviewSince } from '../../../../pipeline/operations/review-since.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { recordPath } from '../../../../platform/registry/index.ts';
import { lockProject, openStore } from '../../../../platform/storage/index.ts';
import { buildProject } from '../../../helpers/project.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const champion = { model: 'fruit', run: '0123456789ab' };

const rowsOf = (from: number, to: number, light: (at: number) => string) =>
  Array.from({ length: to - from }, (_, at) => {
    const name = from + at;
    return `f${name},${name % 13},${light(name)},${name % 2 ? 'pear' : 'apple'}\n`;
  });

/** A repository in which a champion was promoted with one version of a table, and another is locked since. */
async function lockBoth(
  { root, write, commit }: Repository,
  [before, after]: readonly [string, string],
  labelBefore = 'kind',
) {
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const projectOf = (label: string) =>
    buildProject(root, {
      ...{ name: 'fruit', task: 'tabular-classification', classes: ['apple', 'pear'] },
      data: { name: 'fruit', path: 'fruit.csv', source: 'test', licence: 'CC0-1.0' },
      split: { seed: 1, group: 'name' },
      table: { label, features: { mass: { kind: 'number' }, light: { kind: 'category' } } },
    });
  const store = openStore(root);
  await write({ 'fruit.csv': before, '.gitignore': '.mainstem\n' });
  await lockProject(workspace, store, projectOf(labelBefore));
  await write({ [recordPath(champion.model, champion.run)]: '{}' });
  await commit('Promote');
  await write({ 'fruit.csv': after });
  const project = projectOf('kind');
  const lock = await lockProject(workspace, store, project);
  return reviewSince({ workspace, project, lock, store }, champion);
}

const head = 'name,mass,light,kind\n';

test('what changed in a table since its champion is said row by row, and where it has drifted', async ({
  repository,
}) => {
  const old = rowsOf(0, 200, (at) => (at % 2 ? 'noon' : 'dusk'));
  const fresh = [
    ...rowsOf(200, 260, () => 'noon'),
    ...old.slice(1).map((line) => line.replace('f7,7,noon,pear', 'f7,7,noon,apple')),
  ];
  const review = await lockBoth(repository, [head + old.join(''), head + fresh.join('')]);
  expect(review).toMatchObject({
    ...{ dataset: 'fruit', kind: 'table', before: 200, after: 259, moved: 0, dealtAgain: 0 },
    ...{ added: { count: 60 }, removed: { count: 1, shown: [{ row: 1, label: 'apple' }] } },
    relabelled: { count: 1, shown: [{ from: 'pear', label: 'apple', row: 67 }] },
    changedRows: { key: 'name', count: 1, shown: [{ value: 'f7', columns: ['kind'] }] },
    drift: { columns: 3, found: [{ column: 'light' }] },
  });
  expect(review?.drift.found[0]?.before).toMatch(/^(dusk|noon) \d/);
});

test('nothing is said of a table whose label was another column then', async ({ repository }) => {
  const rows = 'f1,2,noon,pear\nf2,3,noon,apple\n';
  const before = `name,mass,light,sort\n${rows}`;
  expect(await lockBoth(repository, [before, head + rows], 'sort')).toBeNull();
});
