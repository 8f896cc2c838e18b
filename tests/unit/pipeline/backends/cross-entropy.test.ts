import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { crossEntropyKernel, startBackend } from '../../../../pipeline/backends/index.ts';
import { seeded } from './compare-backends.ts';

beforeAll(() => startBackend({ name: 'wasm' }));

interface Batch {
  readonly logits: Float32Array;
  readonly shares: Float32Array;
  readonly rows: number;
  readonly classes: number;
  /** What the loss counts in the sum that is differentiated. */
  readonly weight: number;
}

const size = (max: number) => fc.integer({ min: 1, max });
const batches: fc.Arbitrary<Batch> = fc.tuple(size(9), size(12)).chain(([rows, classes]) => {
  const length = { minLength: rows * classes, maxLength: rows * classes };
  return fc.record({
    logits: fc.float32Array({ ...length, min: -60, max: 60, noNaN: true }),
    shares: fc.float32Array({ ...length, min: 0, max: 1, noNaN: true }),
    rows: fc.constant(rows),
    classes: fc.constant(classes),
    weight: fc.constantFrom(1, 0.37, -3),
  });
});

type Loss = (logits: tf.Tensor, shares: tf.Tensor) => tf.Scalar;

const fused: Loss = (logits, shares) =>
  tf.engine().runKernel(crossEntropyKernel, { logits, shares });
const composed: Loss = (logits, shares) =>
  tf.neg(tf.sum<tf.Scalar>(tf.mul(shares, tf.logSoftmax(logits))));

/** The bits of a weighted loss and of its gradient by the logits. */
function bitsOf(loss: Loss, { logits, shares, rows, classes, weight }: Batch): number[][] {
  return tf.tidy(() => {
    const truth = tf.tensor2d(shares, [rows, classes]);
    const weighted = (from: tf.Tensor) => tf.mul(loss(from, truth), weight);
    const { value, grad } = tf.valueAndGrad(weighted)(tf.tensor2d(logits, [rows, classes]));
    return [value, grad].map((each) => [...new Int32Array(each.dataSync().slice().buffer)]);
  });
}

test('the fused loss and its gradient have the bits of what the library composes', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      expect(bitsOf(fused, batch)).toEqual(bitsOf(composed, batch));
    }),
    seeded(200),
  );
});

test('the fused loss leaves nothing on the heap, and says so when logits are not numbers', () => {
  const batch = { rows: 2, classes: 3, weight: 1, shares: new Float32Array(6).fill(1 / 6) };
  const logits = Float32Array.of(1, 2, 3, Number.NaN, 5, 6);
  const held = () => [tf.memory().numTensors, tf.backend().numDataIds()];
  const before = held();
  const [loss = []] = bitsOf(fused, { ...batch, logits });
  expect(held()).toEqual(before);
  expect(new Float32Array(Int32Array.from(loss).buffer)[0]).toBeNaN();
});
