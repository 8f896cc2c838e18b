import { descend } from './descend.ts';
import { learntPoints } from './learnt-points.ts';
import type { Space } from './space.ts';

/** What a linear model of a number learns, and what it is asked. */
export interface NumberLesson {
  /** The number of each point. */
  readonly targets: ArrayLike<number>;
  /** Places of the points that it learns from. */
  readonly learnt: readonly number[];
  /** Places of the points that it is asked about. */
  readonly asked: readonly number[];
}

/** Few points are gone through more often, until there were so many. */
const fewestSeen = 200_000;
const fewestPasses = 10;
/** Errors below this share of the usual spread count less: the slope of an absolute value jumps at 0. */
const soft = 0.05;

/**
 * The median of a number for some points, by linear regression with least absolute errors on others (Koenker and Bassett,
 * 1978). The same points in the same order give the same bits.
 *
 * @returns a number for each asked point
 */
export function predictMedian(space: Space, { targets, learnt, asked }: NumberLesson): number[] {
  const { points, width } = learntPoints(space);
  const known = learnt.map((row) => targets[row] ?? 0);
  const centre = medianOf(known);
  const spread = known.reduce((sum, value) => sum + Math.abs(value - centre), 0) / known.length;
  if (!(spread > 0)) return asked.map(() => centre);
  const weights = new Float32Array(width + 1);
  const answer = (row: number) => {
    let sum = weights[width] ?? 0;
    for (let axis = 0; axis < width; axis++) {
      sum += (weights[axis] ?? 0) * (points[row * width + axis] ?? 0);
    }
    return sum;
  };
  const passes = Math.max(fewestPasses, Math.ceil(fewestSeen / learnt.length));
  descend(weights, { rows: learnt, passes, seed: 'median' }, (rows) => {
    const gradient = new Float32Array(width + 1);
    for (const row of rows) {
      const error = answer(row) - ((targets[row] ?? 0) - centre) / spread;
      const slope = Math.max(-1, Math.min(1, error / soft)) / rows.length;
      for (let axis = 0; axis < width; axis++) {
        gradient[axis] = (gradient[axis] ?? 0) + slope * (points[row * width + axis] ?? 0);
      }
      gradient[width] = (gradient[width] ?? 0) + slope;
    }
    return gradient;
  });
  return asked.map((row) => centre + spread * answer(row));
}

/** The middle value; of an even count the mean of the two. @example medianOf([1, 2, 10]) // 2 */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}
