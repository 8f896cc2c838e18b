import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Dimension,
  dimensionOf,
  gridSize,
  positionOf,
  proposeTrial,
  type Values,
} from '../../../../pipeline/sweep/index.ts';
import { canonicalJson } from '../../../../platform/lib/canonical-json.ts';
import type { SweepMethod } from '../../../../platform/schemas/define/index.ts';

const plane = ['x', 'y'].map((key) =>
  dimensionOf(key, { real: [0, 1], scale: 'linear', steps: 4 }),
);
const small = [
  dimensionOf('a', { values: ['p', 'q', 'r'], scale: 'linear', steps: 4 }),
  dimensionOf('b', { whole: [1, 3], scale: 'linear', steps: 3 }),
];

interface Search {
  readonly method: SweepMethod;
  readonly seed: number;
  readonly trials: number;
  readonly dimensions: readonly Dimension[];
  readonly loss: (values: Values) => number;
}

/** Runs a whole search in batches of four. */
function searchAll({ method, seed, trials, dimensions, loss }: Search): Values[] {
  const tried: { values: Values; loss: number }[] = [];
  while (tried.length <= trials) {
    const known = tried.length === 0 ? 0 : 1 + Math.floor((tried.length - 1) / 4) * 4;
    const before = tried.map((one, place) => (place < known ? one : { ...one, loss: null }));
    const values = proposeTrial({ method, dimensions, seed }, before);
    if (values === null) break;
    tried.push({ values, loss: loss(values) });
  }
  return tried.map(({ values }) => values);
}

const methods = fc.constantFrom<SweepMethod>('grid', 'random', 'sobol', 'tpe', 'halving');

test('a grid tries every combination once, whatever its seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
      const found = searchAll({
        method: 'grid',
        seed,
        trials: 100,
        dimensions: small,
        loss: () => 0,
      });
      expect(found).toHaveLength(gridSize(small));
      expect(new Set(found.map(canonicalJson)).size).toBe(9);
    }),
    { numRuns: 20 },
  );
});

test('no method tries anything twice, and each ends when a small space has been tried', () => {
  fc.assert(
    fc.property(methods, fc.integer({ min: 0, max: 1000 }), (method, seed) => {
      const loss = (values: Values) => Number(values.b);
      const found = searchAll({ method, seed, trials: 30, dimensions: small, loss });
      expect(new Set(found.map(canonicalJson)).size).toBe(found.length);
      expect(found.length).toBeLessThanOrEqual(9);
      expect(found.length).toBeGreaterThanOrEqual(8);
    }),
    { numRuns: 40 },
  );
});

test('the same seed tries the same, and every value is one of the space', () => {
  fc.assert(
    fc.property(methods, fc.integer({ min: 0, max: 1000 }), (method, seed) => {
      const loss = ({ x, y }: Values) => Number(x) + Number(y);
      const run = () => searchAll({ method, seed, trials: 12, dimensions: plane, loss });
      const found = run();
      expect(run()).toEqual(found);
      for (const values of found) {
        for (const dimension of plane) {
          expect(positionOf(dimension, values[dimension.key])).not.toBeNull();
        }
      }
    }),
    { numRuns: 20 },
  );
});

/** A valley that is narrow in x and flat in y, with a choice that matters and one that does not. */
const valley: readonly Dimension[] = [
  dimensionOf('x', { real: [0.0001, 1], scale: 'logarithmic', steps: 4 }),
  dimensionOf('y', { real: [0, 1], scale: 'linear', steps: 4 }),
  dimensionOf('kind', { values: ['a', 'b', 'c'], scale: 'linear', steps: 4 }),
  dimensionOf('idle', { values: [1, 2, 3, 4], scale: 'linear', steps: 4 }),
];
const depth = ({ x, y, kind }: Values) =>
  (Math.log10(Number(x)) + 2.7) ** 2 + 0.3 * (Number(y) - 0.2) ** 2 + (kind === 'b' ? 0 : 0.5);

test('TPE finds better parameters than random search within 40 trials, in most of 40 searches', () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  const best = (method: SweepMethod, seed: number) =>
    Math.min(
      ...searchAll({ method, seed, trials: 40, dimensions: valley, loss: depth }).map(depth),
    );
  const wins = seeds.filter((seed) => best('tpe', seed) < best('random', seed)).length;
  // 28 or more of 40 have a probability below 1 % if both were equally good (sign test).
  expect(wins).toBeGreaterThanOrEqual(28);
});

test('a failed trial keeps TPE away and breaks nothing', () => {
  const loss = (values: Values) => (Number(values.x) > 0.5 ? Infinity : Number(values.y));
  const found = searchAll({ method: 'tpe', seed: 3, trials: 40, dimensions: plane, loss });
  const failed = (some: readonly Values[]) => some.filter(({ x }) => Number(x) > 0.5).length;
  expect(found).toHaveLength(41);
  expect(failed(found.slice(21))).toBeLessThan(8);
});
