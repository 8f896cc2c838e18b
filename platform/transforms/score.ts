import type { OutOfDistribution } from '../schemas/index.ts';
import { logSumExp } from './softmax.ts';

/**
 * Energy score of logits, log Σ exp(zᵢ): higher is more like the training data. Temperature 1, as in Liu et
 * al., "Energy-based Out-of-distribution Detection", 2020 (there with the opposite sign).
 *
 * @example energyScore([0, 0]) // 0.693… (ln 2)
 */
export function energyScore(logits: ArrayLike<number>): number {
  return logSumExp(logits);
}

/**
 * Minus the Mahalanobis distance to the nearest class mean, |W (x − mean)| with the covariance that all
 * classes share (Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples", 2018).
 * 0 is a class mean; lower is less like the training data.
 *
 * @param embedding d numbers @param distance class means of d numbers each; row i of `whitening` has i + 1 numbers
 * @example distanceScore([3, 4], { means: [[0, 0], [10, 0]], whitening: [[1], [0, 1]] }) // -5
 */
export function distanceScore(embedding: ArrayLike<number>, distance: Distance): number {
  const { means, whitening } = asDoubles(distance);
  const squares = means.map((mean) => squaredNorm(embedding, mean, whitening));
  return -Math.sqrt(Math.min(...squares));
}

type Distance = NonNullable<OutOfDistribution['distance']>;

/** The numbers of a distance as they are computed with: in lists of any values each would be an object of its own. */
interface Doubles {
  readonly means: readonly Float64Array[];
  readonly whitening: readonly Float64Array[];
}

const known = new WeakMap<Distance, Doubles>();

function asDoubles(distance: Distance): Doubles {
  const found = known.get(distance);
  if (found) return found;
  const doubles = {
    means: distance.means.map((mean) => Float64Array.from(mean)),
    whitening: distance.whitening.map((row) => Float64Array.from(row)),
  };
  known.set(distance, doubles);
  return doubles;
}

function squaredNorm(
  embedding: ArrayLike<number>,
  mean: Float64Array,
  whitening: readonly Float64Array[],
): number {
  const centred = mean.map((middle, index) => (embedding[index] ?? 0) - middle);
  let total = 0;
  for (const row of whitening) {
    let projected = 0;
    for (let column = 0; column < row.length; column++) {
      projected += (row[column] ?? 0) * (centred[column] ?? 0);
    }
    total += projected * projected;
  }
  return total;
}
