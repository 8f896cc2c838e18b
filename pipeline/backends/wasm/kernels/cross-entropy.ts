import { engine, registerGradient, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { crossEntropyKernel } from '../../cross-entropy.ts';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';

interface Inputs {
  /** [rows, classes] */
  readonly logits: TensorInfo;
  /** [rows, classes]: what each class counts in each row. */
  readonly shares: TensorInfo;
}

interface GradientInputs extends Inputs {
  /** A scalar. */
  readonly dy: TensorInfo;
}

const gradientKernel = `${crossEntropyKernel}Grad`;

/**
 * −Σ shares × log softmax(logits) and its gradient by the logits, with the bits of the library's composition: the same
 * operations in the same order without a tensor and a gradient for each of them, of which a small network's step consisted.
 */
export function registerCrossEntropy(heap: Heap): void {
  replaceKernel<Inputs, object>(crossEntropyKernel, () => ({ inputs: { logits, shares } }) => {
    const logs = logSoftmax(heap, logits);
    const loss = heap.allocate([]);
    const [terms, weights] = [heap.view(logs), heap.view(shares)];
    for (let at = 0; at < terms.length; at++) terms[at] = (weights[at] ?? 0) * (terms[at] ?? 0);
    heap.view(loss)[0] = -sumOf(terms, 0, terms.length);
    heap.release(logs);
    return loss;
  });
  replaceKernel<GradientInputs, object>(gradientKernel, () => ({ inputs }) => {
    const logs = logSoftmax(heap, inputs.logits);
    const softmax = heap.run('Exp', { x: logs }, {});
    heap.release(logs);
    subtractShares(heap, softmax, inputs.shares, heap.view(inputs.dy)[0] ?? 0);
    return softmax;
  });
  registerGradient({
    kernelName: crossEntropyKernel,
    inputsToSave: ['logits', 'shares'],
    gradFunc: (dy, saved) => {
      const [logits, shares] = saved;
      if (!logits || !shares || Array.isArray(dy)) throw new Error('the loss is one number');
      const inputs = { dy, logits, shares };
      return { logits: (): Tensor => engine().runKernel(gradientKernel, inputs) };
    },
  });
}

/** logits − max − log Σ exp(logits − max) of each row. */
function logSoftmax(heap: Heap, logits: TensorInfo): TensorInfo {
  const [rows = 0, classes = 0] = logits.shape;
  const logs = heap.allocate(logits.shape);
  subtractMaxima(heap.view(logits), heap.view(logs), classes);
  const powers = heap.run('Exp', { x: logs }, {});
  const sums = heap.allocate([rows]);
  const [terms, totals] = [heap.view(powers), heap.view(sums)];
  for (let row = 0; row < rows; row++) totals[row] = sumOf(terms, row * classes, classes);
  const shifts = heap.run('Log', { x: sums }, {});
  const [target, subtracted] = [heap.view(logs), heap.view(shifts)];
  for (let row = 0, at = 0; row < rows; row++) {
    const shift = subtracted[row] ?? 0;
    for (const end = at + classes; at < end; at++) target[at] = (target[at] ?? 0) - shift;
  }
  heap.release(powers, sums, shifts);
  return logs;
}

function subtractMaxima(source: Float32Array, target: Float32Array, classes: number): void {
  for (let first = 0; first < source.length; first += classes) {
    const end = first + classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = first; at < end; at++) most = Math.max(most, source[at] ?? 0);
    for (let at = first; at < end; at++) target[at] = (source[at] ?? 0) - most;
  }
}

/** softmax → −dy × shares − softmax × Σ (−dy × shares) of each row, in place. */
function subtractShares(heap: Heap, softmax: TensorInfo, shares: TensorInfo, dy: number): void {
  const [, classes = 1] = softmax.shape;
  const target = heap.view(softmax);
  const weights = heap.view(shares).map((share) => -dy * share);
  for (let first = 0; first < target.length; first += classes) {
    const total = sumOf(weights, first, classes);
    for (let at = first; at < first + classes; at++) {
      target[at] = (weights[at] ?? 0) - Math.fround(total * (target[at] ?? 0));
    }
  }
}

/** The sum of `count` values one after another, each sum rounded to float32 as the library's kernel does. */
function sumOf(values: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum = Math.fround(sum + (values[at] ?? 0));
  return sum;
}
