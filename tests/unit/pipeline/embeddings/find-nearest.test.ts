import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNearest, type Space } from '../../../../pipeline/embeddings/index.ts';

const spaceOf = (points: readonly (readonly number[])[]): Space => ({
  ...{ kind: 'columns', width: points[0]?.length ?? 0 },
  points: Float32Array.from(points.flat()),
});

test('the nearest points are those that sorting all of them by distance finds', () => {
  const point = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(point, { minLength: 2, maxLength: 30 }), fc.integer(), (points, seed) => {
      const from = Math.abs(seed) % points.length;
      const all = points.map((_, at) => at);
      // Not Math.hypot: it rounds on the way, so that equal distances may come out unequal.
      const distanceTo = (at: number) => {
        const origin = points[from] ?? [];
        const squares = (points[at] ?? []).map((value, axis) => (value - (origin[axis] ?? 0)) ** 2);
        return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      };
      const sorted = all
        .filter((at) => at !== from)
        .sort((a, b) => distanceTo(a) - distanceTo(b) || a - b)
        .slice(0, 3);
      const found = findNearest(spaceOf(points), from, all, 3);
      expect(found.map(({ at }) => at)).toEqual(sorted);
      for (const { at, distance } of found) expect(distance).toBeCloseTo(distanceTo(at), 4);
    }),
  );
});

test('a point is not its own neighbour, and a copy of it is', () => {
  const space = spaceOf([
    [1, 2],
    [9, 9],
    [1, 2],
  ]);
  expect(findNearest(space, 0, [0, 1, 2], 1)).toEqual([{ at: 2, distance: 0 }]);
  expect(findNearest(space, 0, [0], 1)).toEqual([]);
});
