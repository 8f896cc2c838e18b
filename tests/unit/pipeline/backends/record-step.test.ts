import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import {
  loadRecorder,
  type RecordStep,
  startBackend,
} from '../../../../pipeline/backends/index.ts';

let record: RecordStep;

beforeAll(async () => {
  await startBackend({ name: 'wasm' });
  const loaded = await loadRecorder();
  if (!loaded) throw new Error('the wasm backend has a recorder');
  record = loaded;
});

/** Records a step on one tensor. */
function recordOn(x: tf.Tensor, step: (x: tf.Tensor) => tf.Tensor | tf.Tensor[]) {
  return record({ inputs: [x], weights: [] }, () => tf.tidy(() => [step(x)].flat()));
}

test('a recorded step is repeated on other values, with its constants', () => {
  const [x, other] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])];
  const { made, recording } = recordOn(x, (each) =>
    tf.add(tf.mul(each, 10), tf.tensor1d([1, 2, 3])),
  );
  expect([...(made[0]?.dataSync() ?? [])]).toEqual([11, 22, 33]);
  const [again] = recording?.repeat([other]) ?? [];
  expect([...(again?.dataSync() ?? [])]).toEqual([41, 52, 63]);
  tf.dispose([x, other, made, again].filter((each) => each !== undefined));
  recording?.dispose();
});

test('a weight is as it is when a step is repeated, and what the step assigns is assigned again', () => {
  const weight = tf.variable(tf.tensor1d([1, 1]), true, 'counted');
  const x = tf.tensor1d([1, 2]);
  const { made, recording } = record({ inputs: [x], weights: [weight] }, () =>
    tf.tidy(() => {
      weight.assign(tf.add(weight, x));
      return [tf.mul(weight, 2)];
    }),
  );
  expect([...weight.dataSync()]).toEqual([2, 3]);
  weight.assign(tf.tensor1d([10, 10]));
  const again = recording?.repeat([x]) ?? [];
  expect([...weight.dataSync()]).toEqual([11, 12]);
  expect([...(again[0]?.dataSync() ?? [])]).toEqual([22, 24]);
  tf.dispose([x, ...made, ...again]);
  recording?.dispose();
  weight.dispose();
});

test('what a step gives may be its input, a constant or the same values twice, and is freed once', () => {
  const x = tf.tensor1d([1, 2]);
  const before = tf.backend().numDataIds();
  const { made, recording } = record({ inputs: [x], weights: [] }, () => {
    const doubled = tf.mul(x, 2);
    return [doubled, tf.reshape(doubled, [2, 1]), tf.reshape(x, [2, 1]), tf.tensor1d([7])];
  });
  // The second time nothing may be gone with what the first time gave.
  for (const _ of [1, 2]) {
    const again = recording?.repeat([x]) ?? [];
    expect(again.map((each) => [...each.dataSync()])).toEqual([[2, 4], [2, 4], [1, 2], [7]]);
    expect(again.map(({ shape }) => shape)).toEqual([[2], [2, 1], [2, 1], [1]]);
    tf.dispose(again);
  }
  tf.dispose(made);
  recording?.dispose();
  expect([...x.dataSync()]).toEqual([1, 2]);
  expect(tf.backend().numDataIds()).toBe(before);
  x.dispose();
});

test('numbers drawn from 0 to 1 are drawn again, and others not repeated', () => {
  const x = tf.zeros([3]);
  const uniform = recordOn(x, (each) => tf.add(each, tf.randomUniform([3])));
  const [first] = uniform.made;
  const [second] = uniform.recording?.repeat([x]) ?? [];
  expect(second?.dataSync()).not.toEqual(first?.dataSync());
  const others = [
    (each: tf.Tensor) => tf.add(each, tf.randomUniform([3], 0, 2)),
    (each: tf.Tensor) => tf.add(each, tf.randomNormal([3])),
    (each: tf.Tensor) => tf.add(each, Math.random()),
    (each: tf.Tensor) => (Math.random() > 1 ? each : tf.neg(each)),
  ];
  for (const step of others) {
    const { made, recording } = recordOn(x, step);
    expect(recording).toBeNull();
    tf.dispose(made);
  }
  tf.dispose([x, first, second].filter((each) => each !== undefined));
  uniform.recording?.dispose();
});

test('a step that reads values or uses tensors that nobody named is not repeated', () => {
  const [x, stranger] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
  const steps = [
    (each: tf.Tensor) => tf.mul(each, each.dataSync()[0] ?? 0),
    (each: tf.Tensor) => tf.add(each, stranger),
  ];
  for (const step of steps) {
    const { made, recording } = recordOn(x, step);
    expect(recording).toBeNull();
    tf.dispose(made);
  }
  expect([...tf.add(x, 1).dataSync()]).toEqual([2, 3]);
  tf.dispose([x, stranger]);
});

test('a step that fails leaves the library as it was', () => {
  const x = tf.tensor1d([1]);
  const [random, kernel] = [Math.random, tf.getKernel('Add', 'wasm').kernelFunc];
  const fail = () => {
    throw new Error('in the step');
  };
  expect(() => record({ inputs: [x], weights: [] }, fail)).toThrow('in the step');
  expect(Math.random).toBe(random);
  expect(tf.getKernel('Add', 'wasm').kernelFunc).toBe(kernel);
  x.dispose();
});
