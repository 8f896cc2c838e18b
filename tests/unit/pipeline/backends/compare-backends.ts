import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { startBackend } from '../../../../pipeline/backends/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

/** Seeded options of every property test here. */
export const seeded = (numRuns: number) => ({ seed: 20_261_123, numRuns });

/** The same values on both backends: normal draws, or whole numbers from -3 to 3 that make ties and zeros. */
export function randomTensor(seed: string, shape: number[], kind: 'normal' | 'whole' = 'normal') {
  const random = createRandom(seed);
  const draw = () => (kind === 'normal' ? random.normal() : random.int(7) - 3);
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape);
}

/** The inputs of the optimiser's kernel for one variable. */
export function numbered(tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${name}0`, tensor]));
}

/**
 * The largest difference between wasm and cpu over all tensors that `compute` gives, relative to the largest
 * value of that tensor or to 1, the size of the inputs, if that is larger: a sum of such values that happens to
 * cancel is no more exact than its terms. Also fails if wasm keeps a tensor or a piece of its heap.
 */
export async function worstDifference(compute: () => tf.Tensor[]): Promise<number> {
  await startBackend({ name: 'wasm' });
  const before = held();
  const ours = valuesOf(compute);
  const after = held();
  if (before !== after) throw new Error(`wasm held ${before} values before and ${after} after`);
  await tf.setBackend('cpu');
  const theirs = valuesOf(compute);
  await tf.setBackend('wasm');
  return Math.max(...ours.map((values, index) => difference(values, theirs[index] ?? values)));
}

function valuesOf(compute: () => tf.Tensor[]): Float32Array[] {
  return tf.tidy(() => compute().map((tensor) => Float32Array.from(tensor.dataSync())));
}

function held(): string {
  return `${tf.memory().numTensors} tensors, ${tf.backend().numDataIds()} buffers`;
}

function difference(values: Float32Array, reference: Float32Array): number {
  if (values.length !== reference.length) return Number.POSITIVE_INFINITY;
  const gaps = values.map((value, index) => Math.abs(value - (reference[index] ?? 0)));
  const largest = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = gaps.reduce((most, gap) => Math.max(most, gap), 0);
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst / largest;
}
