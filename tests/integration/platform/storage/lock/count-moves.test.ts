import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LockedDataset } from '../../../../../platform/schemas/index.ts';
import {
  countMoves,
  lockProject,
  openStore,
  renderMoves,
} from '../../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../../fixtures/data-repository.ts';
import { buildProject } from '../../../../helpers/project.ts';

let here: DataRepository;
beforeEach(async () => {
  here = await createDataRepository();
});
afterEach(() => here.remove());

const table = {
  label: 'kind',
  features: { x: { kind: 'number', missing: 0.05 } },
} as const;

const rows = Array.from({ length: 120 }, (_, at) => `${at},tree-${at % 40},${at % 2 ? 'a' : 'b'}`);

/** Locks a table, as a project with that split would. */
async function lockRows(
  lines: readonly string[],
  split: { seed?: number; group?: string } = {},
): Promise<LockedDataset> {
  await writeFile(join(here.root, 'trees.csv'), ['x,tree,kind', ...lines, ''].join('\n'));
  const data = { name: 'trees', path: 'trees.csv', source: 'the garden', licence: 'CC0-1.0' };
  const project = buildProject(here.root, {
    ...{ name: 'trees', task: 'tabular-classification', data, table, classes: ['a', 'b'] },
    split: { seed: 1, ...split },
  });
  const { trees } = (await lockProject(here.workspace, here.store, project)).datasets;
  if (!trees) throw new Error('the trees are locked');
  return trees;
}

test('sorting, prepending and removing rows moves no example to another split', async () => {
  const before = await lockRows(rows);
  const next = ['999,tree-x,a', ...rows.slice(7).reverse(), rows[5] ?? ''];
  const moves = await countMoves(here.store, before, await lockRows(next), table);
  expect(moves).toEqual({ kept: 114, moved: 0 });
  expect(moves && renderMoves('trees', moves)).toBe(
    'trees: none of the 114 earlier examples changed split.',
  );
});

test('another seed and a group are noticed, and the examples that moved are counted', async () => {
  const before = await lockRows(rows);
  for (const split of [{ seed: 2 }, { group: 'tree' }]) {
    const moves = await countMoves(here.store, before, await lockRows(rows, split), table);
    expect(moves?.kept).toBe(120);
    expect(moves?.moved).toBeGreaterThan(20);
    expect(moves && renderMoves('trees', moves)).toMatch(
      /^trees: \d+ of 120 earlier examples changed split: /,
    );
  }
});

test('nothing is said where nothing can have moved or nobody can tell', async () => {
  const before = await lockRows(rows);
  const after = await lockRows(rows.toReversed());
  const { split: _, ...earlier } = before;
  expect(await countMoves(here.store, before, before, table)).toBeNull();
  expect(await countMoves(here.store, undefined, before, table)).toBeNull();
  expect(await countMoves(here.store, earlier, after, table)).toBeNull();
  const elsewhere = openStore(join(here.root, 'elsewhere'));
  expect(await countMoves(elsewhere, before, after, table)).toBeNull();
});
