import { expect, test } from 'vitest';
import {
  type BoostProgress,
  boost,
  importanceOf,
  predictTrees,
} from '../../../../pipeline/trees/index.ts';
import { boostMixed, mixedColumns, mixedRows, quickTrees } from '../../../fixtures/trees.ts';

const lossOf = (rounds: readonly { validation: { loss: number } }[]) =>
  rounds.at(-1)?.validation.loss ?? Number.NaN;

test.each([0, 2, 3])(
  'with %i classes it learns from numbers, gaps and categories',
  async (classes) => {
    const { rounds, forest } = await boostMixed(classes);
    const [first] = rounds;
    expect(lossOf(rounds)).toBeLessThan(0.6 * (first?.validation.loss ?? 0));
    expect(importanceOf(forest, mixedColumns).map(({ share }) => share)).toSatisfy(
      (shares: number[]) => shares.every((share) => share > 0.05),
    );
  },
);

test('a missing value decides: rows without a height are as tall as those of 1.5', async () => {
  const { forest } = await boostMixed(0, { trees: 60 });
  const rows = [
    [0, Number.NaN, 1],
    [0, 1.5, 1],
    [0, -1, 1],
  ];
  const [missing = 0, tall = 0, low = 0] = predictTrees(
    { forest, columns: mixedColumns, classes: 0 },
    [0, 1, 2],
    (target, [row = 0]) => target.set(rows[row] ?? []),
  ).output;
  expect(Math.abs(missing - tall)).toBeLessThan(0.5);
  expect(missing - low).toBeGreaterThan(1.5);
});

test.each([0, 2, 3])('with %i classes the same rows give the same bits', async (classes) => {
  expect(await boostMixed(classes)).toEqual(await boostMixed(classes));
});

test.each([0, 2, 3])(
  'with %i classes boosting goes on after any round to the same bits',
  async (classes) => {
    const parameters = { trees: 20, columnShare: 0.7, earlyStopping: 6, learningRate: 0.6 };
    const kept: BoostProgress[] = [];
    const whole = await boostMixed(classes, parameters, {
      onRound: (_, { rounds, trees, scores, heldScores }) => {
        const progress = { rounds, trees, scores, heldScores };
        kept.push(structuredClone(progress));
      },
    });
    for (const resume of kept) {
      expect(await boostMixed(classes, parameters, { resume })).toEqual(whole);
    }
  },
);

test('the trees of the round with the lowest validation loss are kept', async () => {
  const parameters = { trees: 200, learningRate: 0.5, minimumRows: 2, earlyStopping: 5 };
  const { rounds, bestRound, stopped, forest } = await boostMixed(3, parameters);
  const losses = rounds.map(({ validation }) => validation.loss);
  expect(stopped).toBe('early');
  expect(bestRound).toBe(losses.indexOf(Math.min(...losses)) + 1);
  expect(rounds).toHaveLength(bestRound + 5);
  expect(forest.roots).toHaveLength(3 * bestRound);
});

test('without early stopping all rounds are run, and the best is kept all the same', async () => {
  const { rounds, bestRound, stopped } = await boostMixed(2, { learningRate: 0.9, trees: 60 });
  expect(rounds).toHaveLength(60);
  expect(bestRound).toBeLessThan(60);
  expect(stopped).toBe('epochs');
});

test('a tree has at most so many leaves, and a leaf at least so many rows', async () => {
  const training = mixedRows(600, 0);
  const { forest } = await boostMixed(0, { leaves: 5, minimumRows: 40, trees: 8 });
  for (const [tree, root] of forest.roots.entries()) {
    const end = forest.roots[tree + 1] ?? forest.columns.length;
    const leaves = [...forest.columns.slice(root, end)].filter((column) => column < 0);
    expect(leaves.length).toBeLessThanOrEqual(5);
  }
  // With one tree the rows of a leaf are those with its value.
  const { forest: first } = await boostMixed(0, { leaves: 50, minimumRows: 40, trees: 1 });
  const { output } = predictTrees(
    { forest: first, columns: mixedColumns, classes: 0 },
    [...training.targets.keys()],
    (target, [row = 0]) => target.set(training.columns.map((column) => column[row] ?? 0)),
  );
  const counts = [...Map.groupBy(output, (value) => value).values()].map(({ length }) => length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(40);
});

test('the seed draws the columns of each tree, and nothing else is drawn', async () => {
  const [a, b] = await Promise.all([1, 2].map((seed) => boostMixed(2, { seed })));
  expect(b).toEqual(a);
  const [c, d] = await Promise.all([1, 2].map((seed) => boostMixed(2, { seed, columnShare: 0.5 })));
  expect(d).not.toEqual(c);
});

test('absolute errors are hardly moved by an outlier, squared ones are', async () => {
  const training = mixedRows(600, 0);
  for (let row = 0; row < 12; row++) training.targets[row * 50] = 1000;
  const [absolute = 0, squared = 0] = await Promise.all(
    (['absolute', 'squared'] as const).map(async (loss) => {
      const { rounds } = await boostMixed(0, { trees: 60 }, { training, loss });
      return rounds.at(-1)?.validation.metric;
    }),
  );
  expect(absolute).toBeLessThan(1);
  expect(squared).toBeGreaterThan(2 * absolute);
});

test('logarithms are learnt, and the error is that of the label', async () => {
  const spread = (name: string) => {
    const { columns, targets } = mixedRows(600, 0, name);
    return { columns, targets: targets.map(Math.exp) };
  };
  const rows = { training: spread('mixed'), validation: spread('held out') };
  const logarithms = { ...rows, labelScale: 'log' } as const;
  const { forest, rounds, bestRound } = await boostMixed(0, { trees: 60 }, logarithms);
  const trees = { forest, columns: mixedColumns, classes: 0, labelScale: 'log' } as const;
  const { columns, targets } = rows.validation;
  const { output } = predictTrees(trees, [...targets.keys()], (target, [row = 0]) =>
    target.set(columns.map((column) => column[row] ?? 0)),
  );
  const errors = targets.map((target, row) => Math.abs(target - (output[row] ?? 0)));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(rounds[bestRound - 1]?.validation.metric).toBeCloseTo(mean, 4);
  const plain = await boostMixed(0, { trees: 60 }, rows);
  expect(mean).toBeLessThan(plain.rounds.at(-1)?.validation.metric ?? 0);
});

test('an output whose tree cannot be split any more stays as it was', async () => {
  // Its probabilities are so sure that less than the least hessian is left, and a step would be noise.
  const columns = [Float32Array.from({ length: 120 }, (_, row) => row % 3)];
  const targets = Float64Array.from({ length: 120 }, (_, row) => row % 3);
  const { rounds } = await boost({
    columns: [{ name: 'x', categories: null }],
    ...{ training: { columns, targets }, validation: { columns: [], targets: new Float64Array() } },
    ...{ loss: 'log', classes: 3 },
    parameters: { ...quickTrees, trees: 300, learningRate: 0.5, l2: 0, minimumRows: 20 },
  });
  const losses = rounds.map(({ training }) => training.loss);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
});

test('where nothing can be split, the answer is the prior', async () => {
  const { forest, rounds } = await boostMixed(2, { minimumRows: 600 });
  expect(rounds).toHaveLength(1);
  const { output } = predictTrees({ forest, columns: mixedColumns, classes: 2 }, [0], (target) =>
    target.fill(0),
  );
  // Half the rows are of either class.
  expect([...output]).toEqual([expect.closeTo(0, 2), expect.closeTo(0, 2)]);
});

test('a draw of columns that tell nothing does not end boosting where another tells more', async () => {
  const one = Float32Array.from({ length: 200 }, (_, row) => row % 10);
  const none = new Float32Array(200);
  const columns = Array.from({ length: 10 }, (_, column) => (column === 7 ? one : none));
  const rows = { columns, targets: Float64Array.from(one) };
  const { rounds, forest } = await boost({
    columns: columns.map((_, column) => ({ name: `x${column}`, categories: null })),
    ...{ training: rows, validation: rows, loss: 'squared', classes: 0 },
    parameters: { ...quickTrees, trees: 30, columnShare: 0.1, learningRate: 0.5 },
  });
  // It ends where no column tells any more.
  expect(rounds.length).toBeGreaterThan(20);
  expect(forest.roots.length).toBeGreaterThan(20);
  expect(lossOf(rounds)).toBeLessThan(0.01);
});
