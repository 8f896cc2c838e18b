import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  SplitDefinition,
  TableDefinition,
} from '../../../../../platform/schemas/define/index.ts';
import type { LockedDataset } from '../../../../../platform/schemas/index.ts';
import {
  countMoves,
  lockProject,
  openStore,
  readAllExamples,
  readExamples,
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
  split: Partial<SplitDefinition> = {},
  header = 'x,tree,kind',
  definition: TableDefinition = table,
): Promise<LockedDataset> {
  await writeFile(join(here.root, 'trees.csv'), [header, ...lines, ''].join('\n'));
  const data = { name: 'trees', path: 'trees.csv', source: 'the garden', licence: 'CC0-1.0' };
  const project = buildProject(here.root, {
    ...{
      name: 'trees',
      task: 'tabular-classification',
      data,
      table: definition,
      classes: ['a', 'b'],
    },
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
  expect(moves).toMatchObject({ kept: 114, moved: 0, tested: 0 });
  expect(moves && renderMoves('trees', moves)).toBe(
    'trees: none of the 114 earlier examples changed split. 6 of all 120 cannot be recognised: they are gone, or changed and ' +
      'among the one that looks new, in whatever split.',
  );
});

test('another seed and a group are noticed, and the examples that moved are counted', async () => {
  const before = await lockRows(rows);
  for (const split of [{ seed: 2 }, { group: 'tree' }]) {
    const moves = await countMoves(here.store, before, await lockRows(rows, split), table);
    expect(moves?.kept).toBe(120);
    expect(moves?.moved).toBeGreaterThan(20);
    expect(moves && renderMoves('trees', moves)).toMatch(
      /^trees: \d+ of 120 earlier examples changed split: the test now asks about \d+ /,
    );
  }
});

test.each([
  ['a column is added', 'x,tree,kind,ring', rows.map((line, at) => `${line},r${at}`)],
  ['labels are corrected', 'x,tree,kind', rows.map((line) => line.replace(/.$/, 'b'))],
  ['another column is edited', 'x,tree,kind', rows.map((line) => line.replace('tree-', 'wood-'))],
])('where %s, examples are recognised by their features', async (_, header, lines) => {
  const before = await lockRows(rows);
  const moves = await countMoves(here.store, before, await lockRows(lines, {}, header), table);
  expect(moves?.kept).toBe(120);
  expect(moves?.changed).toBeGreaterThan(50);
  expect(moves?.tested).toBeGreaterThan(2);
  expect(moves && renderMoves('trees', moves)).toMatch(
    /the test now asks about \d+ that earlier models .*\. \d+ have changed and were recognised by what has not\.$/,
  );
});

test('where nothing of the rows is as it was, nobody says that none has moved', async () => {
  const before = await lockRows(rows);
  const others = rows.map((line) => `7${line}`.replace(/^7(\d+)/, '$1.5'));
  const moves = await countMoves(here.store, before, await lockRows(others), table);
  expect(moves?.kept).toBe(0);
  expect(moves && renderMoves('trees', moves)).toMatch(
    /^trees: none of the earlier .* can be recognised/,
  );
});

test('rows that are only gone, or only new, are not said to have changed', async () => {
  const before = await lockRows(rows);
  for (const next of [rows.slice(9), [...rows, '999,tree-x,a']]) {
    const moves = await countMoves(here.store, before, await lockRows(next), table);
    expect(moves && renderMoves('trees', moves)).toMatch(/ earlier examples changed split\.$/);
  }
});

test('what cannot be recognised is counted beside the few that can be', async () => {
  const before = await lockRows([...rows, ',tree-e,a']);
  const renamed = { ...table, features: { width: table.features.x } };
  const after = await lockRows([...rows, ',tree-e,a'], {}, 'width,tree,kind', renamed);
  const moves = await countMoves(here.store, before, after, renamed);
  expect(moves).toMatchObject({ kept: 1, changed: 0, lost: 120, fresh: 120 });
  expect(moves && renderMoves('trees', moves)).toContain(
    ' 120 of all 121 cannot be recognised: they are gone, or changed and among the 120 that look new, in whatever split.',
  );
});

test.each([
  ['of a key', rows.map((line, at) => line.replace(/tree-\d+/, `tree-${at}`))],
  ['of several rows each', rows],
])('by a group %s rows are recognised where a column is renamed', async (_, lines) => {
  const before = await lockRows(lines, { group: 'tree' });
  const renamed = { ...table, features: { width: table.features.x } };
  const after = await lockRows(lines, { group: 'tree' }, 'width,tree,kind', renamed);
  const moves = await countMoves(here.store, before, after, renamed);
  expect(moves).toMatchObject({ kept: 120, changed: 120, moved: 0, tested: 0, lost: 0, fresh: 0 });
  expect(moves && renderMoves('trees', moves)).toBe(
    'trees: none of the 120 earlier examples changed split. 120 have changed and were recognised by what has not.',
  );
});

test('where more rows of a group came than went, nobody can tell which of them have changed', async () => {
  const before = await lockRows(rows, { group: 'tree' });
  const renamed = { ...table, features: { width: table.features.x } };
  const next = [...rows, '999,tree-0,a'];
  const after = await lockRows(next, { group: 'tree' }, 'width,tree,kind', renamed);
  const moves = await countMoves(here.store, before, after, renamed);
  expect(moves).toMatchObject({ kept: 117, moved: 0, lost: 3, fresh: 4 });
});

test('moves into and out of what is held back are named both ways, with what the test gains and loses', async () => {
  const shares = [undefined, 0.3, 0.1, 0.4, undefined] as const;
  const partsOf = async (dataset: LockedDataset) => {
    if (!dataset.split) throw new Error('a lock says how it was split');
    const all = await readAllExamples(here.store, dataset, { split: dataset.split, table });
    return new Map(all.map(({ digest, split }) => [digest, split]));
  };
  let before = await lockRows(rows, { seed: 3 });
  for (const heldBack of shares.slice(1)) {
    const after = await lockRows(rows, { seed: 3, ...(heldBack && { heldBack }) });
    const [old, now] = [await partsOf(before), await partsOf(after)];
    const count = (from: string, to: string) =>
      [...now].filter(([digest, split]) => split === to && old.get(digest) === from).length;
    const outOf = (part: string) =>
      [...now].filter(([digest, split]) => split !== part && old.get(digest) === part).length;
    const moves = await countMoves(here.store, before, after, table);
    const held =
      count('train', 'heldBack') + count('validation', 'heldBack') + count('test', 'heldBack');
    expect(moves).toMatchObject({
      ...{ heldBack: held, heldBackOfTest: count('test', 'heldBack'), tested: 0 },
      ...{ opened: outOf('heldBack'), openedIntoTest: count('heldBack', 'test') },
    });
    const text = moves ? renderMoves('trees', moves) : '';
    if (held > 0) expect(text).toContain(`${held} are held back for promotions now`);
    if (count('heldBack', 'test') > 0) {
      expect(text).not.toContain('none of them into the test');
      expect(text).toContain(`the test asks about ${count('heldBack', 'test')} of them now`);
    }
    before = after;
  }
});

describe('a split by time', () => {
  const byTime = { by: 'time', time: 'tree' } as const;
  const dated = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => {
      const day = new Date(Date.UTC(2024, 0, 1 + from + at)).toISOString().slice(0, 10);
      return `${from + at},${day},${at % 2 ? 'a' : 'b'}`;
    });
  const splitsOf = async (dataset: LockedDataset) => {
    const examples = await readExamples(here.store, dataset, {
      split: { ...fractions, ...byTime },
      table,
    });
    return new Map(examples.map(({ metadata, split }) => [metadata.tree, split]));
  };
  const fractions: { seed: number; fractions: [number, number, number] } = {
    seed: 1,
    fractions: [0.7, 0.15, 0.15],
  };

  test('trains on the oldest rows and tests the newest, in whatever order they stand', async () => {
    const splits = await splitsOf(await lockRows(dated(0, 100).reverse(), byTime));
    const inOrder = [...splits].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    const names = inOrder.map(([, split]) => split);
    expect(names).toEqual([
      ...Array<string>(70).fill('train'),
      ...Array<string>(15).fill('validation'),
      ...Array<string>(15).fill('test'),
    ]);
  });

  test('moves on with newer rows: what was tested may be trained on, never the reverse', async () => {
    const before = await lockRows(dated(0, 100), byTime);
    const moves = await countMoves(
      here.store,
      before,
      await lockRows(dated(0, 140), byTime),
      table,
    );
    expect(moves).toMatchObject({ kept: 100, moved: 30, tested: 0 });
    expect(moves && renderMoves('trees', moves)).toBe(
      'trees: 30 of 100 earlier examples changed split, none of them into the test.',
    );
  });

  test('holds the newest rows back, and says what is held back and what is not any more', async () => {
    const held = { ...byTime, heldBack: 0.2 };
    const before = await lockRows(dated(0, 100), byTime);
    const after = await lockRows(dated(0, 100), held);
    expect(after.splits.heldBack).toEqual({ a: 10, b: 10 });
    const moves = await countMoves(here.store, before, after, table);
    expect(moves).toMatchObject({ heldBack: 20, opened: 0, tested: 12 });
    expect(moves && renderMoves('trees', moves)).toMatch(
      / 20 are held back for promotions now, \d+ of them from the test\.$/,
    );
    const newer = await lockRows(dated(0, 140), held);
    const on = await countMoves(here.store, after, newer, table);
    expect(on).toMatchObject({ kept: 100, heldBack: 0, opened: 20, tested: 0 });
    expect(on && renderMoves('trees', on)).toMatch(
      /none of them from training or validation into the test\. 20 that were held back are not any more: the test asks about 5 of them now\.$/,
    );
  });

  test('moves back with older rows, and that is said', async () => {
    const before = await lockRows(dated(40, 140), byTime);
    const moves = await countMoves(
      here.store,
      before,
      await lockRows(dated(0, 140), byTime),
      table,
    );
    expect(moves && renderMoves('trees', moves)).toMatch(/the test now asks about 6 that earlier/);
  });

  test.each(['31.12.2024', '2024-02-30', '', 'yesterday'])(
    'refuses a row with the time "%s", and says where it is',
    async (time) => {
      const lock = lockRows([...dated(0, 20), `1,${time},a`], byTime);
      await expect(lock).rejects.toThrow(/line 22 has (nothing|".*") in column "tree"/);
    },
  );

  test('refuses a column that is not there', async () => {
    const lock = lockRows(dated(0, 20), { by: 'time', time: 'planted' });
    await expect(lock).rejects.toThrow('there is no column "planted"');
  });

  test('refuses a group that is not there or says nothing, in words of the table', async () => {
    const absent = lockRows(dated(0, 20), { group: 'planted' });
    await expect(absent).rejects.toThrow(
      'trees.csv: there is no column "planted", by which examples are grouped (split.group)',
    );
    const empty = lockRows(['1,,a', '2,,b'], { group: 'tree' });
    await expect(empty).rejects.toThrow(
      'trees.csv: no example has a value in the group column "tree" (split.group)',
    );
  });
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
