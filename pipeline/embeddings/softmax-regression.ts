import { descend } from './descend.ts';
import type { Space } from './space.ts';

/** Multinomial logistic regression: a row of weights for each class, its bias at the end. */
export interface SoftmaxRegression {
  readonly classes: number;
  readonly width: number;
  readonly weights: Float32Array;
}

/** What is learnt. */
export interface Lesson {
  /** Points by place, and the class of each. */
  readonly rows: readonly number[];
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** Names the order in which rows are gone through. */
  readonly seed: string;
}

const passes = 10;

/**
 * Fits multinomial logistic regression by Adam. The same points in the same order give the same bits.
 */
export function fitSoftmaxRegression(space: Space, lesson: Lesson): SoftmaxRegression {
  const { rows, classes, seed } = lesson;
  const { width } = space;
  const weights = new Float32Array(classes * (width + 1));
  const model = { classes, width, weights };
  descend(weights, { rows, passes, seed }, (some) => gradientOf(model, space, some, lesson));
  return model;
}

/** The mean gradient of the cross-entropy over some rows. */
function gradientOf(
  model: SoftmaxRegression,
  { points, width }: Space,
  rows: readonly number[],
  { labels }: Lesson,
): Float32Array {
  const gradient = new Float32Array(model.weights.length);
  const shares = new Float64Array(model.classes);
  for (const row of rows) {
    predictInto(shares, model, points, row * width);
    addGradient(gradient, { shares, truth: labels[row] ?? 0, points, at: row * width, width });
  }
  return gradient.map((slope) => slope / rows.length);
}

interface Sample {
  readonly shares: Float64Array;
  readonly truth: number;
  readonly points: Float32Array;
  /** Where the point begins. */
  readonly at: number;
  readonly width: number;
}

function addGradient(gradient: Float32Array, { shares, truth, points, at, width }: Sample): void {
  for (let label = 0; label < shares.length; label++) {
    const error = (shares[label] ?? 0) - (label === truth ? 1 : 0);
    const offset = label * (width + 1);
    for (let axis = 0; axis < width; axis++) {
      gradient[offset + axis] = (gradient[offset + axis] ?? 0) + error * (points[at + axis] ?? 0);
    }
    gradient[offset + width] = (gradient[offset + width] ?? 0) + error;
  }
}

/** The probability of each class, written into `shares`. @param at where the point begins */
export function predictInto(
  shares: Float64Array,
  { classes, width, weights }: SoftmaxRegression,
  points: Float32Array,
  at: number,
): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < classes; label++) {
    const offset = label * (width + 1);
    let sum = weights[offset + width] ?? 0;
    for (let axis = 0; axis < width; axis++) {
      sum += (weights[offset + axis] ?? 0) * (points[at + axis] ?? 0);
    }
    shares[label] = sum;
    most = Math.max(most, sum);
  }
  let total = 0;
  for (let label = 0; label < classes; label++) {
    shares[label] = Math.exp((shares[label] ?? 0) - most);
    total += shares[label] ?? 0;
  }
  for (let label = 0; label < classes; label++) shares[label] = (shares[label] ?? 0) / total;
}
