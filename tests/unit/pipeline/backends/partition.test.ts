import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { compileKernels } from '../../../../pipeline/backends/wasm/compile-kernels.ts';
import {
  instantiateKernels,
  kernelsFile,
  type RangeKernel,
  rangeKernels,
} from '../../../../pipeline/backends/wasm/compiled.ts';
import { Heap, memoryOf } from '../../../../pipeline/backends/wasm/heap.ts';
import type { Job } from '../../../../pipeline/backends/wasm/job-board.ts';
import { registerKernels } from '../../../../pipeline/backends/wasm/register-kernels.ts';
import { startHeap } from '../../../../pipeline/backends/wasm/start-heap.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { numbered, randomTensor, seeded } from './compare-backends.ts';

/**
 * Cuts each job at places drawn from a seed and does its parts in any order, with tiles and code for vectors by themselves;
 * without a seed in one piece, with tiles and code for joined ones.
 */
let seed: string | null = null;
const used = new Set<RangeKernel>();

const { backend, compiled } = await startHeap(1);
const memory = memoryOf(backend);
const single = await instantiateKernels(
  compileKernels(await readFile(kernelsFile()), false),
  memory,
);

class SwitchedHeap extends Heap {
  override get joined(): boolean {
    return seed === null;
  }
}

registerKernels(
  new SwitchedHeap(backend, memory, compiled, {
    threads: 1,
    run({ kernel, units, values }) {
      if (units === 0) return;
      used.add(kernel);
      if (seed === null) compiled[kernel](0, units, ...values);
      else for (const [from, to] of cut(units, seed)) single[kernel](from, to, ...values);
    },
  }),
);

function cut(units: Job['units'], by: string): (readonly [number, number])[] {
  const random = createRandom(`${by}/${units}`);
  const inner = Array.from({ length: random.int(6) }, () => random.int(units + 1));
  const places = [0, ...inner.sort((a, b) => a - b), units];
  const ranges = places.slice(1).map((to, at) => [places[at] ?? 0, to] as const);
  return random.shuffle(ranges.filter(([from, to]) => from < to));
}

afterEach(() => {
  seed = null;
});

/** Checks that what `compute` gives has the same bits in one piece and in any parts, joined or not. */
async function keepBits<T>(cases: fc.Arbitrary<T>, compute: (of: T) => tf.Tensor[]): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, fc.string(), async (of, cuts) => {
      seed = null;
      const whole = bitsOf(() => compute(of));
      seed = cuts;
      expect(bitsOf(() => compute(of))).toEqual(whole);
    }),
    seeded(60),
  );
}

/** As whole numbers: 0 and −0 differ, and a NaN equals itself. */
function bitsOf(compute: () => tf.Tensor[]): number[][] {
  return tf.tidy(() =>
    compute().map((tensor) => [...new Int32Array(tensor.dataSync().slice().buffer)]),
  );
}

const size = (max: number) => fc.integer({ min: 1, max });
const images = fc.record({
  batch: size(4),
  height: fc.integer({ min: 5, max: 14 }),
  width: fc.integer({ min: 5, max: 14 }),
  channels: size(11),
  outChannels: size(37),
  filter: fc.tuple(size(4), size(4)),
  strides: fc.tuple(size(2), size(2)),
  pad: fc.constantFrom('same' as const, 'valid' as const),
});

type Images = typeof images extends fc.Arbitrary<infer T> ? T : never;

function drawImages({ batch, height, width, channels }: Images): tf.Tensor4D {
  return as4D(randomTensor('x', [batch, height, width, channels]));
}

function as4D(tensor: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = tensor.shape;
  return tf.reshape<tf.Rank.R4>(tensor, [a, b, c, d]);
}

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

function resultAndGradients(operation: Operation, inputs: tf.Tensor[]): tf.Tensor[] {
  const result = operation(...inputs);
  return [result, ...tf.grads(operation)(inputs, randomTensor('dy', result.shape))];
}

test('convolutions and their gradients have the same bits in any parts', async () => {
  await keepBits(images, (of) => {
    const filter = randomTensor('filter', [...of.filter, of.channels, of.outChannels]);
    const convolve: Operation = (x = filter, f = filter) =>
      tf.conv2d(as4D(x), as4D(f), of.strides, of.pad);
    return resultAndGradients(convolve, [drawImages(of), filter]);
  });
});

test('depthwise convolutions and their gradients have the same bits in any parts', async () => {
  await keepBits(images, (of) => {
    const filter = randomTensor('filter', [...of.filter, of.channels, 1]);
    const convolve: Operation = (x = filter, f = filter) =>
      tf.depthwiseConv2d(as4D(x), as4D(f), of.strides, of.pad);
    return resultAndGradients(convolve, [drawImages(of), filter]);
  });
});

test('matrix products and their gradients have the same bits in any parts', async () => {
  await keepBits(fc.tuple(size(40), size(40), size(40)), ([m, k, n]) => {
    const inputs = [randomTensor('a', [m, k]), randomTensor('b', [k, n])];
    return resultAndGradients((a = tf.scalar(0), b = a) => tf.matMul(a, b), inputs);
  });
});

test('pools and their gradients have the same bits in any parts', async () => {
  await keepBits(images, (of) => {
    const x = drawImages(of);
    const pool: Operation = (y = x) => tf.maxPool(as4D(y), of.filter, of.strides, of.pad);
    const halve: Operation = (y = x) => tf.maxPool(as4D(y), 2, 2, 'valid');
    const global: Operation = (y = x) => tf.max(y, [1, 2]);
    const mean: Operation = (y = x) => tf.mean(y, [1, 2]);
    const total: Operation = (y = x) => tf.sum(y, [0, 1]);
    return [pool, halve, global, mean, total].flatMap((each) => resultAndGradients(each, [x]));
  });
});

test('normalised and rectified values and their gradients have the same bits in any parts', async () => {
  await keepBits(images, (of) => {
    const [scale, offset] = ['scale', 'offset'].map((name) => randomTensor(name, [of.channels]));
    if (!scale || !offset) throw new Error('two rows were drawn');
    const normalise: Operation = (x = scale, gamma = scale, beta = offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const [m, v, b, g] = [mean, variance, beta, gamma].map((row) => tf.reshape(row, [-1]));
      if (!m || !v || !b || !g) throw new Error('four rows were made');
      return tf.relu(tf.batchNorm(as4D(x), as1D(m), as1D(v), as1D(b), as1D(g), 1e-3));
    };
    const x = tf.add(drawImages(of), scale);
    return resultAndGradients(normalise, [tf.mul(x, offset), scale, offset]);
  });
});

function as1D(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(tensor, [tensor.size]);
}

test('arithmetic has the same bits in any parts', async () => {
  await keepBits(fc.tuple(size(400), size(9)), ([rows, columns]) => {
    const [a, b] = ['a', 'b'].map((name) => randomTensor(name, [rows, columns]));
    const row = randomTensor('row', [columns]);
    if (!a || !b) throw new Error('two were drawn');
    const results = [tf.add(a, b), tf.mul(a, b), tf.sub(a, row), tf.mul(row, a)];
    const square: Operation = (x = a) => tf.square(x);
    return [...results, ...resultAndGradients(square, [a])];
  });
});

test('steps of the optimiser have the same bits in any parts', async () => {
  const attributes = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 3 };
  await keepBits(size(5000), (count) => {
    const [value, gradient, first] = ['v', 'g', 'm'].map((name) => randomTensor(name, [count]));
    if (!value || !gradient || !first) throw new Error('three were drawn');
    const inputs = numbered({ value, gradient, first, second: tf.square(first) });
    return tf.engine().runKernel('AdamStep', inputs, attributes);
  });
});

test('every kernel that does ranges was tried in parts', () => {
  expect([...used].sort()).toEqual([...rangeKernels].sort());
});
