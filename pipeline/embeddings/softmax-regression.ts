import { createRandom } from '../../platform/lib/random.ts';
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

const [passes, batchSize, learningRate, penalty] = [10, 32, 0.1, 0.0001];
/** Of Adam's running means. */
const [memory, squareMemory, tiny] = [0.9, 0.999, 1e-8];

/**
 * Fits multinomial logistic regression by Adam (Kingma and Ba, 2015), its rate falling to 0 as a cosine. The same points in the
 * same order give the same bits.
 */
export function fitSoftmaxRegression(space: Space, lesson: Lesson): SoftmaxRegression {
  const { rows, classes, seed } = lesson;
  const { width } = space;
  const weights = new Float32Array(classes * (width + 1));
  const model = { classes, width, weights };
  const descend = createDescent(weights);
  const random = createRandom(seed);
  const steps = passes * Math.ceil(rows.length / batchSize);
  let step = 0;
  for (let pass = 0; pass < passes; pass++) {
    const order = random.shuffle(rows);
    for (let from = 0; from < order.length; from += batchSize) {
      const rate = (learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      descend(gradientOf(model, space, order.slice(from, from + batchSize), lesson), rate);
      step += 1;
    }
  }
  return model;
}

/** Moves weights against a gradient, by Adam. */
function createDescent(weights: Float32Array): (gradient: Float32Array, rate: number) => void {
  const [means, squares] = [new Float32Array(weights.length), new Float32Array(weights.length)];
  let step = 0;
  return (gradient, rate) => {
    step += 1;
    const [warm, warmSquare] = [1 - memory ** step, 1 - squareMemory ** step];
    for (let at = 0; at < weights.length; at++) {
      const weight = weights[at] ?? 0;
      const slope = (gradient[at] ?? 0) + penalty * weight;
      const mean = memory * (means[at] ?? 0) + (1 - memory) * slope;
      const square = squareMemory * (squares[at] ?? 0) + (1 - squareMemory) * slope * slope;
      means[at] = mean;
      squares[at] = square;
      weights[at] = weight - (rate * mean) / warm / (Math.sqrt(square / warmSquare) + tiny);
    }
  };
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
