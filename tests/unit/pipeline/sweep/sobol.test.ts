import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostSobolDimensions, sobolPoint } from '../../../../pipeline/sweep/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const points = (count: number, dimensions: number, seed: number | null) =>
  Array.from({ length: count }, (_, index) => sobolPoint(index, dimensions, seed));

test('the sequence is the one of Joe and Kuo, as SciPy 1.17.1 gives it without scrambling', () => {
  // scipy.stats.qmc.Sobol(21, scramble=False).random(64)
  expect(sobolPoint(3, 5, null)).toEqual([0.25, 0.75, 0.75, 0.75, 0.25]);
  const last = sobolPoint(63, mostSobolDimensions, null);
  expect(last).toEqual([
    0.015625, 0.796875, 0.359375, 0.453125, 0.859375, 0.140625, 0.578125, 0.140625, 0.828125,
    0.578125, 0.421875, 0.671875, 0.546875, 0.765625, 0.328125, 0.765625, 0.078125, 0.390625,
    0.953125, 0.234375, 0.234375,
  ]);
  expect(() => sobolPoint(0, mostSobolDimensions + 1, null)).toThrow(RangeError);
});

test('scrambled or not, the first 2^k points hit each of 2^k intervals of every dimension once', () => {
  const seeds = fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { nil: null });
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 8 }), (seed, power) => {
      const count = 2 ** power;
      const found = points(count, mostSobolDimensions, seed);
      for (let dimension = 0; dimension < mostSobolDimensions; dimension++) {
        const hit = new Set(found.map((point) => Math.floor((point[dimension] ?? 0) * count)));
        expect(hit.size).toBe(count);
      }
    }),
    { numRuns: 30 },
  );
});

test('the first two dimensions fill every rectangle of equal area once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 6 }), (seed, wide) => {
      const [columns, rows] = [2 ** wide, 2 ** (6 - wide)];
      const hit = points(64, 2, seed).map(
        ([x = 0, y = 0]) => `${Math.floor(x * columns)} ${Math.floor(y * rows)}`,
      );
      expect(new Set(hit).size).toBe(64);
    }),
  );
});

test('in six dimensions means are nearer to the truth than those of random points', () => {
  const f = (point: readonly number[]) => point.reduce((product, x) => product * (0.5 + x), 1);
  const meanOf = (some: readonly (readonly number[])[]) =>
    some.reduce((sum, point) => sum + f(point), 0) / some.length;
  const error = (draw: (seed: number) => readonly (readonly number[])[]) =>
    Math.sqrt(
      Array.from({ length: 40 }, (_, seed) => (meanOf(draw(seed)) - 1) ** 2).reduce(
        (a, b) => a + b,
      ) / 40,
    );
  const random = error((seed) => {
    const stream = createRandom(`test/${seed}`);
    return Array.from({ length: 256 }, () => Array.from({ length: 6 }, () => stream.next()));
  });
  expect(error((seed) => points(256, 6, seed))).toBeLessThan(random / 4);
});

test('another seed gives other points, the same one the same', () => {
  expect(sobolPoint(5, 3, 1)).toEqual(sobolPoint(5, 3, 1));
  expect(sobolPoint(5, 3, 1)).not.toEqual(sobolPoint(5, 3, 2));
});
