import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomTensor, seeded, worstDifference } from './compare-backends.ts';

const tolerance = 1e-5;
const size = (max: number) => fc.integer({ min: 1, max });

/** Images, a window and how it moves; explicit paddings may differ on every side. */
interface Windows {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filter: [number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | tf.backend_util.ExplicitPadding;
}

const pair = (max: number) => fc.tuple(size(max), size(max));
const named = fc.constantFrom('same' as const, 'valid' as const);
const border = fc.tuple(fc.nat(4), fc.nat(4));
const explicit = fc
  .tuple(border, border)
  .map(([rows, columns]): Windows['pad'] => [[0, 0], rows, columns, [0, 0]]);

const windows = (pad: fc.Arbitrary<Windows['pad']>): fc.Arbitrary<Windows> =>
  fc.record({
    batch: size(3),
    height: fc.integer({ min: 5, max: 12 }),
    width: fc.integer({ min: 5, max: 12 }),
    channels: size(9),
    filter: pair(5),
    strides: pair(3),
    pad,
  });

function imagesOf(w: Windows, kind?: 'normal' | 'whole'): tf.Tensor {
  return randomTensor('x', [w.batch, w.height, w.width, w.channels], kind);
}

function as4D(tensor: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = tensor.shape;
  return tf.reshape<tf.Rank.R4>(tensor, [a, b, c, d]);
}

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The result and the gradients by all inputs, for a random dy. */
function resultAndGradients(operation: Operation, inputs: tf.Tensor[]): tf.Tensor[] {
  const result = operation(...inputs);
  return [result, ...tf.grads(operation)(inputs, randomTensor('dy', result.shape))];
}

/** Checks that wasm and cpu agree on everything that `compute` gives, over random cases. */
async function agree<T>(cases: fc.Arbitrary<T>, runs: number, compute: (of: T) => tf.Tensor[]) {
  const property = fc.asyncProperty(cases, async (of) => {
    expect(await worstDifference(() => compute(of))).toBeLessThanOrEqual(tolerance);
  });
  await fc.assert(property, seeded(runs));
}

test('convolution gradients equal the cpu backend for any stride and padding', async () => {
  const cases = fc.tuple(windows(fc.oneof(named, explicit)), size(18));
  await agree(cases, 150, ([w, outChannels]) => {
    const filter = randomTensor('filter', [...w.filter, w.channels, outChannels]);
    const convolve: Operation = (x = filter, f = filter) =>
      tf.conv2d(as4D(x), as4D(f), w.strides, w.pad);
    return resultAndGradients(convolve, [imagesOf(w), filter]);
  });
});

test('convolutions onto whole tiles of channels equal the cpu backend', async () => {
  const tiled = fc.integer({ min: 1, max: 6 }).map((tiles) => 8 * tiles);
  await agree(fc.tuple(windows(fc.oneof(named, explicit)), tiled), 60, ([w, outChannels]) => {
    const filter = randomTensor('filter', [...w.filter, w.channels, outChannels]);
    const convolve: Operation = (x = filter, f = filter) =>
      tf.conv2d(as4D(x), as4D(f), w.strides, w.pad);
    return resultAndGradients(convolve, [imagesOf(w), filter]);
  });
});

test('fused convolutions equal the cpu backend, and their gradients where nothing follows', async () => {
  const activation = fc.constantFrom('linear' as const, 'relu' as const, 'relu6' as const);
  const cases = fc.tuple(windows(named), fc.constantFrom(7, 8, 24), activation, fc.boolean());
  await agree(cases, 100, ([w, outChannels, follows, biased]) => {
    const filter = randomTensor('filter', [...w.filter, w.channels, outChannels]);
    const fused: Operation = (x = filter, f = filter, bias) =>
      tf.fused.conv2d({
        ...{ x: as4D(x), filter: as4D(f), ...(bias && { bias }) },
        ...{ strides: w.strides, pad: w.pad, activation: follows },
      });
    const bias = biased ? [randomTensor('bias', [outChannels])] : [];
    const inputs = [imagesOf(w), filter, ...bias];
    return follows === 'linear' ? resultAndGradients(fused, inputs) : [fused(...inputs)];
  });
});

test('global pooling and its gradients equal the cpu backend, with ties', async () => {
  const kinds = fc.constantFrom('normal' as const, 'whole' as const);
  await agree(fc.tuple(windows(named), kinds), 40, ([w, kind]) => {
    const x = imagesOf(w, kind);
    const maxima: Operation = (images = x) => tf.max(images, [1, 2]);
    const means: Operation = (images = x) => tf.mean(images, [1, 2]);
    return [maxima, means].flatMap((pool) => resultAndGradients(pool, [x]));
  });
});

test('a bias and its gradient equal the cpu backend', async () => {
  await agree(fc.tuple(size(9), size(9), size(19)), 40, ([rows, columns, channels]) => {
    const x = randomTensor('x', [rows, columns, channels]);
    const add: Operation = (to = x, bias = x) => tf.add(to, bias);
    return resultAndGradients(add, [x, randomTensor('bias', [channels])]);
  });
});

test('depthwise convolutions and gradients equal the cpu backend for any stride and multiplier', async () => {
  await agree(fc.tuple(windows(named), size(3)), 100, ([w, multiplier]) => {
    const filter = randomTensor('filter', [...w.filter, w.channels, multiplier]);
    const pad = w.pad === 'same' ? 'same' : 'valid';
    const convolve: Operation = (x = filter, f = filter) =>
      tf.depthwiseConv2d(as4D(x), as4D(f), w.strides, pad);
    return resultAndGradients(convolve, [imagesOf(w), filter]);
  });
});

test('max-pool gradients equal the cpu backend with ties and with no positive maximum', async () => {
  const values = fc.constantFrom('normal' as const, 'whole' as const);
  const cases = fc.tuple(windows(named), values, fc.constantFrom(0, -10));
  await agree(cases, 150, ([w, kind, offset]) => {
    const x = tf.add(imagesOf(w, kind), offset);
    const pad = w.pad === 'same' ? 'same' : 'valid';
    const pool: Operation = (images = x) => tf.maxPool(as4D(images), w.filter, w.strides, pad);
    return resultAndGradients(pool, [x]);
  });
});

test('max-pool gradients of halving equal the cpu backend, odd borders included', async () => {
  const values = fc.constantFrom('normal' as const, 'whole' as const);
  await agree(fc.tuple(windows(named), values), 60, ([w, kind]) => {
    const x = imagesOf(w, kind);
    const pool: Operation = (images = x) => tf.maxPool(as4D(images), 2, 2, 'valid');
    return resultAndGradients(pool, [x]);
  });
});

test('average-pool gradients without padding equal the cpu backend', async () => {
  await agree(windows(named), 60, (w) => {
    const x = imagesOf(w);
    const pool: Operation = (images = x) => tf.avgPool(as4D(images), w.filter, w.strides, 'valid');
    return resultAndGradients(pool, [x]);
  });
});

// The cpu backend divides by the whole window at the edge, where the layer does not.
test('average-pool gradients are the transpose of average pooling, padded or not', async () => {
  await tf.setBackend('wasm');
  fc.assert(
    fc.property(windows(named), (w) => {
      const [left, right] = tf.tidy(() => {
        const [x, other] = [imagesOf(w), imagesOf(w, 'whole')];
        const pad = w.pad === 'same' ? 'same' : 'valid';
        const pool = (images: tf.Tensor) => tf.avgPool(as4D(images), w.filter, w.strides, pad);
        const dy = randomTensor('dy', pool(x).shape);
        const dx = tf.grad(pool)(x, dy);
        const product = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0] ?? 0;
        return [product(dy, pool(other)), product(dx, other)];
      });
      expect(Math.abs(left - right)).toBeLessThan(1e-4 * (1 + Math.abs(left)));
    }),
    { numRuns: 100 },
  );
});

test('matrix products and their gradients equal the cpu backend, transposed or not', async () => {
  const cases = fc.record({
    m: fc.oneof(size(20), fc.integer({ min: 127, max: 135 })),
    k: size(40),
    n: size(40),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    batch: fc.constantFrom([], [1], [3]),
  });
  await agree(cases, 150, ({ m, k, n, transposeA, transposeB, batch }) => {
    const a = randomTensor('a', [...batch, ...(transposeA ? [k, m] : [m, k])]);
    const b = randomTensor('b', [...batch, ...(transposeB ? [n, k] : [k, n])]);
    const multiply: Operation = (x = a, y = b) => tf.matMul(x, y, transposeA, transposeB);
    return resultAndGradients(multiply, [a, b]);
  });
});

test('fused matrix products equal the cpu backend, and their gradients where nothing follows', async () => {
  const activation = fc.constantFrom('linear' as const, 'relu' as const, 'elu' as const);
  const cases = fc.tuple(size(40), size(20), size(20), activation, fc.boolean());
  await agree(cases, 100, ([m, k, n, follows, biased]) => {
    const fused: Operation = (a = tf.scalar(0), b = a, bias) =>
      tf.fused.matMul({ a, b, ...(bias && { bias }), activation: follows });
    const bias = biased ? [randomTensor('bias', [n])] : [];
    const inputs = [randomTensor('a', [m, k]), randomTensor('b', [k, n]), ...bias];
    return follows === 'linear' ? resultAndGradients(fused, inputs) : [fused(...inputs)];
  });
});

test('sums and means over any axes equal the cpu backend', async () => {
  const shapes = fc.array(size(21), { minLength: 1, maxLength: 4 });
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()]), fc.boolean()),
  );
  await agree(cases, 100, ([shape, axes, keepDims]) => {
    const x = randomTensor('x', shape);
    const sum: Operation = (of = x) => tf.sum(of, axes, keepDims);
    const mean: Operation = (of = x) => tf.mean(tf.square(of), axes, keepDims);
    return [sum, mean].flatMap((reduce) => resultAndGradients(reduce, [x]));
  });
});

const activations: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x, 0.2),
  elu: tf.elu,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
};

test.each(Object.entries(activations))(
  '%s and its gradient equal the cpu backend',
  async (_, f) => {
    const shapes = fc.array(size(9), { minLength: 1, maxLength: 4 });
    await agree(
      fc.tuple(shapes, fc.constantFrom('normal' as const, 'whole' as const)),
      30,
      (of) => {
        const x = randomTensor('x', ...of);
        return resultAndGradients((input = x) => f(input), [x]);
      },
    );
  },
);

test('batch normalisation by batch statistics and its gradients equal the cpu backend', async () => {
  await agree(fc.tuple(windows(named), fc.boolean()), 80, ([w, rank2]) => {
    const x = rank2 ? randomTensor('x', [w.batch + w.height, w.channels]) : imagesOf(w);
    const scale = randomTensor('scale', [w.channels]);
    const offset = randomTensor('offset', [w.channels]);
    const axes = [...x.shape.keys()].slice(0, -1);
    const normalise: Operation = (input = x, gamma = scale, beta = offset) => {
      const { mean, variance } = tf.moments(input, axes);
      return tf.batchNorm(input, as1D(mean), as1D(variance), as1D(beta), as1D(gamma), 1e-3);
    };
    return resultAndGradients(normalise, [x, scale, offset]);
  });
});

function as1D(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(tensor, [tensor.size]);
}

test('softmax cross entropy on logits and its gradient equal the cpu backend', async () => {
  await agree(fc.tuple(size(40), fc.integer({ min: 2, max: 12 })), 40, ([rows, classes]) => {
    const labels = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: rows }, (_, i) => i % classes),
        'int32',
      ),
      classes,
    );
    const logits = randomTensor('logits', [rows, classes]);
    const loss = (x: tf.Tensor): tf.Tensor => tf.losses.softmaxCrossEntropy(labels, x);
    return [loss(logits), tf.grad(loss)(logits)];
  });
});
