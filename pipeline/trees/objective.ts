import type { LabelScale } from '../../platform/schemas/index.ts';
import { fromLabelScale, toLabelScale } from '../../platform/transforms/index.ts';

/** Means over rows. */
export interface Measures {
  readonly loss: number;
  /** Share of rows whose class is right, or the mean absolute error in the target's unit. */
  readonly metric: number;
}

/** What boosting minimises over some rows. Scores stand output after output: rows × the first, then the second. */
export interface Objective {
  readonly outputs: number;
  /** What each output begins with: the best constant. */
  readonly start: readonly number[];
  /** What one unit of a score is in the target's unit. 1 for classes. */
  readonly scale: number;
  /** Measures scores, and writes the gradient and hessian of each. */
  differentiate(scores: Float64Array, gradients: Float32Array, hessians: Float32Array): Measures;
  /** Only measures. */
  measure(scores: Float64Array): Measures;
  /** The best value for some rows of a leaf, where a Newton step does not give it; null otherwise. */
  readonly leafValue: ((scores: Float64Array, rows: Uint32Array) => number) | null;
}

/** Which loss is minimised. */
export type Loss = 'log' | 'squared' | 'absolute';

/** What an objective is made for. */
export interface ObjectiveRequest {
  readonly loss: Loss;
  /** Classes by number, or values to predict. */
  readonly targets: Float64Array;
  /** How many classes there are; 0 for regression. */
  readonly classes: number;
  /** What is learnt of the values; left out, the values themselves. */
  readonly labelScale?: LabelScale | undefined;
}

/**
 * Creates what boosting minimises on the training rows, and the same for other rows, measured from the same start.
 *
 * @param training what it is fitted to: priors, mean or median, and the target's unit
 */
export function createObjective(
  { loss, targets, classes, labelScale }: ObjectiveRequest,
  training: Float64Array = targets,
): Objective {
  if (loss !== 'log') {
    const learnt = training.map((value) => toLabelScale(value, labelScale));
    return createValueObjective({ loss, targets, labelScale }, learnt);
  }
  const counts = new Float64Array(classes);
  for (const label of training) counts[label] = (counts[label] ?? 0) + 1;
  // A class without a training row must not begin at minus infinity.
  const shares = counts.map((count) => Math.max(count, 0.5) / training.length);
  if (classes === 2) return createBinaryObjective(targets, shares);
  return createClassesObjective(targets, shares);
}

/** Logistic loss on one score, the log odds of the second class. */
function createBinaryObjective(targets: Float64Array, shares: Float64Array): Objective {
  const pass = (scores: Float64Array, write: (row: number, p: number, right: number) => void) => {
    let loss = 0;
    let hits = 0;
    for (let row = 0; row < targets.length; row++) {
      const score = scores[row] ?? 0;
      const right = targets[row] ?? 0;
      // e^−|s| never overflows.
      const small = Math.exp(-Math.abs(score));
      const against = right === 1 ? -score : score;
      loss += Math.log1p(small) + Math.max(0, against);
      if (right === 1 ? score > 0 : score <= 0) hits++;
      write(row, score >= 0 ? 1 / (1 + small) : small / (1 + small), right);
    }
    return { loss: loss / targets.length, metric: hits / targets.length };
  };
  return {
    outputs: 1,
    start: [Math.log((shares[1] ?? 0) / (shares[0] ?? 1))],
    scale: 1,
    leafValue: null,
    measure: (scores) => pass(scores, () => {}),
    differentiate: (scores, gradients, hessians) =>
      pass(scores, (row, p, right) => {
        gradients[row] = p - right;
        hessians[row] = p * (1 - p);
      }),
  };
}

/** Softmax cross entropy on a score per class. */
function createClassesObjective(targets: Float64Array, shares: Float64Array): Objective {
  const rows = targets.length;
  const classes = shares.length;
  const odds = new Float64Array(classes);
  const pass = (scores: Float64Array, write: (row: number, sum: number, right: number) => void) => {
    let loss = 0;
    let hits = 0;
    for (let row = 0; row < rows; row++) {
      let best = 0;
      for (let label = 1; label < classes; label++) {
        if ((scores[label * rows + row] ?? 0) > (scores[best * rows + row] ?? 0)) best = label;
      }
      const top = scores[best * rows + row] ?? 0;
      let sum = 0;
      for (let label = 0; label < classes; label++) {
        const odd = Math.exp((scores[label * rows + row] ?? 0) - top);
        odds[label] = odd;
        sum += odd;
      }
      const right = targets[row] ?? 0;
      loss += Math.log(sum) + top - (scores[right * rows + row] ?? 0);
      if (best === right) hits++;
      write(row, sum, right);
    }
    return { loss: loss / rows, metric: hits / rows };
  };
  const start = Array.from(shares, Math.log);
  const middle = start.reduce((sum, one) => sum + one, 0) / classes;
  return {
    outputs: classes,
    start: start.map((one) => one - middle),
    scale: 1,
    leafValue: null,
    measure: (scores) => pass(scores, () => {}),
    differentiate: (scores, gradients, hessians) =>
      pass(scores, (row, sum, right) => {
        for (let label = 0; label < classes; label++) {
          const p = (odds[label] ?? 0) / sum;
          gradients[label * rows + row] = label === right ? p - 1 : p;
          hessians[label * rows + row] = p * (1 - p);
        }
      }),
  };
}

/** What an objective of values is made for. */
interface ValueRequest extends Pick<ObjectiveRequest, 'targets' | 'labelScale'> {
  readonly loss: 'squared' | 'absolute';
}

/**
 * Squared or absolute error of the target in units of its deviation; the hessian is 1.
 *
 * @param training the targets as they are learnt
 */
function createValueObjective(
  { loss, targets, labelScale }: ValueRequest,
  training: Float64Array,
): Objective {
  const mean = training.reduce((sum, value) => sum + value, 0) / training.length;
  const variance = training.reduce((sum, value) => sum + (value - mean) ** 2, 0) / training.length;
  const scale = Math.sqrt(variance) || 1;
  const middle = loss === 'squared' ? mean : medianOf(Float64Array.from(training));
  const scaled = targets.map((value) => toLabelScale(value, labelScale) / scale);
  const distanceOf = (row: number, error: number) =>
    labelScale
      ? Math.abs(
          fromLabelScale(((scaled[row] ?? 0) + error) * scale, labelScale) - (targets[row] ?? 0),
        )
      : Math.abs(error);
  const pass = (scores: Float64Array, write: (row: number, error: number) => void) => {
    let squares = 0;
    let size = 0;
    let distance = 0;
    for (let row = 0; row < scaled.length; row++) {
      const error = (scores[row] ?? 0) - (scaled[row] ?? 0);
      squares += error * error;
      size += Math.abs(error);
      distance += distanceOf(row, error);
      write(row, error);
    }
    const sum = loss === 'squared' ? squares : size;
    const metric = (labelScale ? distance : distance * scale) / scaled.length;
    return { loss: sum / scaled.length, metric };
  };
  return {
    outputs: 1,
    start: [middle / scale],
    scale,
    measure: (scores) => pass(scores, () => {}),
    differentiate: (scores, gradients, hessians) => {
      hessians.fill(1);
      return pass(scores, (row, error) => {
        gradients[row] = loss === 'squared' ? error : Math.sign(error);
      });
    },
    leafValue:
      loss === 'squared'
        ? null
        : (scores, rows) =>
            medianOf(Float64Array.from(rows, (row) => (scaled[row] ?? 0) - (scores[row] ?? 0))),
  };
}

/** Sorts its argument. */
function medianOf(values: Float64Array): number {
  values.sort();
  const half = (values.length - 1) / 2;
  return ((values[Math.floor(half)] ?? 0) + (values[Math.ceil(half)] ?? 0)) / 2;
}
