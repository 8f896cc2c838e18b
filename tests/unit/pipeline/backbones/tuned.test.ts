import * as tf from '@tensorflow/tfjs-core';
import { model as layersModel } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBackbone } from '../../../../pipeline/backbones/parse-backbone.ts';
import { activationSize } from '../../../../pipeline/backbones/tuned/activation-size.ts';
import { buildTuned } from '../../../../pipeline/backbones/tuned/build-tuned.ts';
import { findBlocks, findStart } from '../../../../pipeline/backbones/tuned/find-start.ts';
import { planTuned } from '../../../../pipeline/backbones/tuned/plan-tuned.ts';
import { startBackend } from '../../../../pipeline/backends/index.ts';
import { type Attribute, OnnxGraph } from '../../../../pipeline/onnx/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { bytesOf } from '../../../helpers/backbone.ts';

beforeAll(() => startBackend({ name: 'wasm' }));

/**
 * Builds what stands between the maps `start`, [batch, 4, side, side], and what the features are computed from.
 *
 * @returns that tensor, and how many numbers of a picture it has if it is maps; 0 if it is a row
 */
type Middle = (net: Net, start: string) => readonly [tensor: string, numbers: number];

/** A graph with weights that differ from each other. */
class Net extends OnnxGraph {
  readonly #random = createRandom('weights');

  weights(...dims: readonly number[]): string {
    const length = dims.reduce((product, size) => product * size, 1);
    return this.floats(
      Float32Array.from({ length }, () => this.#random.next() - 0.5),
      dims,
    );
  }

  positive(...dims: readonly number[]): string {
    const length = dims.reduce((product, size) => product * size, 1);
    return this.floats(
      Float32Array.from({ length }, () => this.#random.next() + 0.5),
      dims,
    );
  }

  conv(
    input: string,
    dims: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ) {
    const bias = this.weights(dims[0] ?? 1);
    const settings = { kernel_shape: dims.slice(2), ...attributes };
    return this.node('Conv', [input, this.weights(...dims), bias], settings);
  }
}

const path = 'net.onnx';

/** A network whose features tell every cell of the maps in its middle from the others. */
function network(middle: Middle, side = 7): Uint8Array {
  const net = new Net();
  net.input('pictures', [null, 3, side, side]);
  const stem = net.conv('pictures', [4, 3, 3, 3], { pads: [1, 1, 1, 1] });
  net.node('Identity', [stem], {}, 'start');
  const [end, numbers] = middle(net, 'start');
  const row = numbers === 0 ? end : mix(net, end, numbers);
  net.node('Identity', [row], {}, 'features');
  net.output('classes', [null, 2]);
  net.node('Softmax', ['features'], {}, 'classes');
  return bytesOf(net.toModel('made up', {}));
}

/** Makes a row of numbers to which each cell of a map adds something else. */
function mix(net: Net, maps: string, numbers: number): string {
  return net.node('MatMul', [net.node('Flatten', [maps], { axis: 1n }), net.weights(numbers, 5)]);
}

/** The layers from `start` on, and what they are to give. */
async function importTuned(middle: Middle, size = 7) {
  const backbone = parseBackbone(network(middle, size), { path, features: 'features' });
  const plan = await planTuned(backbone, 'start', { path, size });
  const part = buildTuned(plan, path);
  return { plan, model: layersModel({ inputs: part.input, outputs: part.features }) };
}

function apply({ plan, model }: Awaited<ReturnType<typeof importTuned>>): tf.Tensor {
  return model.predict(tf.tensor(plan.proof.input, [2, ...plan.shape])) as tf.Tensor;
}

/** The largest difference between layers and file, as a share of the largest feature. */
async function differenceOf(middle: Middle, size = 7): Promise<number> {
  const imported = await importTuned(middle, size);
  const { features } = imported.plan.proof;
  const found = tf.tidy(() => apply(imported).dataSync<'float32'>());
  imported.model.dispose();
  expect(found).toHaveLength(features.length);
  expect(features.some((value) => value !== 0)).toBe(true);
  const largest = features.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    found.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (features[at] ?? Number.NaN))),
      0,
    ) / largest
  );
}

/** Sums of float32 in another order differ by less. */
const rounding = 1e-5;

const side = 7;
const all = 4 * side * side;

const operators: [string, Middle][] = [
  ['Conv', (net, x) => [net.conv(x, [6, 4, 1, 1]), 6 * side * side]],
  [
    'Conv without bias',
    (net, x) => [net.node('Conv', [x, net.weights(6, 4, 1, 1)]), 6 * side * side],
  ],
  ['Relu', (net, x) => [net.node('Relu', [x]), all]],
  ['Clip to 6', (net, x) => [net.node('Clip', [x, net.scalar(0), net.scalar(0.2)]), all]],
  ['Clip without a ceiling', (net, x) => [net.node('Clip', [x, net.scalar(0)]), all]],
  ['LeakyRelu', (net, x) => [net.node('LeakyRelu', [x], { alpha: 0.3 }), all]],
  ['Sigmoid times its input', (net, x) => [net.node('Mul', [x, net.node('Sigmoid', [x])]), all]],
  ['Tanh', (net, x) => [net.node('Tanh', [x]), all]],
  [
    'Add of a residual',
    (net, x) => [net.node('Add', [x, net.conv(net.node('Relu', [x]), [4, 4, 1, 1])]), all],
  ],
  [
    'Add of a number for each channel',
    (net, x) => [net.node('Add', [net.weights(1, 4, 1, 1), x]), all],
  ],
  ['Sub of a number', (net, x) => [net.node('Sub', [x, net.scalar(0.3)]), all]],
  ['Sub from a number', (net, x) => [net.node('Sub', [net.scalar(0.3), x]), all]],
  [
    'Mul by a number for each channel',
    (net, x) => [net.node('Mul', [x, net.weights(4, 1, 1)]), all],
  ],
  ['Div', (net, x) => [net.node('Div', [x, net.positive(4, 1, 1)]), all]],
  ['BatchNormalization of maps', (net, x) => [normalise(net, net.node('Relu', [x])), all]],
  [
    'BatchNormalization of a convolution',
    (net, x) => [normalise(net, net.conv(x, [4, 1, 3, 3], { group: 4n, pads: [1, 1, 1, 1] })), all],
  ],
  [
    'BatchNormalization of a convolution that something else reads, too',
    (net, x) => {
      const convolved = net.conv(x, [4, 4, 1, 1]);
      return [net.node('Add', [normalise(net, convolved), convolved]), all];
    },
  ],
  [
    'Concat of channels',
    (net, x) => [net.node('Concat', [net.node('Relu', [x]), x], { axis: 1n }), 2 * all],
  ],
  [
    'Pad that a convolution takes up',
    (net, x) => {
      const padded = net.node('Pad', [x, net.integers([0, 0, 0, 0, 0, 0, 1, 1])]);
      return [net.conv(padded, [4, 4, 2, 2]), all];
    },
  ],
  [
    'Pad at other borders than before a pool',
    (net, x) => {
      const padded = net.node('Pad', [x, net.integers([0, 0, 2, 1, 0, 0, 0, 3])]);
      return [net.node('MaxPool', [padded], { kernel_shape: [2, 2] }), 4 * (side + 1) * (side + 3)];
    },
  ],
  [
    'MaxPool',
    (net, x) => [net.node('MaxPool', [x], { kernel_shape: [3, 2], strides: [2, 1] }), 4 * 3 * 6],
  ],
  [
    'MaxPool with borders',
    (net, x) => [
      net.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
      4 * 4 * 4,
    ],
  ],
  [
    'AveragePool with borders that do not count',
    (net, x) => [net.node('AveragePool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }), all],
  ],
  [
    'AveragePool with borders that count',
    (net, x) => [
      net.node('AveragePool', [x], {
        ...{ kernel_shape: [3, 3], pads: [0, 1, 1, 0], count_include_pad: 1n },
      }),
      4 * 6 * 6,
    ],
  ],
  [
    'AveragePool over everything',
    (net, x) => [net.node('AveragePool', [x], { kernel_shape: [7, 7] }), 4],
  ],
  [
    'GlobalAveragePool, Squeeze, Gemm turned with a factor',
    (net, x) => {
      const row = net.node('Squeeze', [net.node('GlobalAveragePool', [x]), net.integers([2, 3])]);
      const settings = { transB: 1n, alpha: 0.5, beta: 2 };
      return [net.node('Gemm', [row, net.weights(6, 4), net.weights(6)], settings), 0];
    },
  ],
  [
    'ReduceMean over rows and columns',
    (net, x) => [net.node('ReduceMean', [x], { axes: [-2, -1], keepdims: 0n }), 0],
  ],
  [
    'Reshape to rows by the size of the batch, Relu, MatMul, Add',
    (net, x) => {
      const batch = net.node('Gather', [net.node('Shape', ['pictures']), net.integers([0])]);
      const target = net.node('Concat', [batch, net.integers([-1])], { axis: 0n });
      const row = net.node('Relu', [net.node('Reshape', [x, target])]);
      const product = net.node('MatMul', [row, net.weights(all, 6)]);
      return [net.node('Add', [product, net.weights(6)]), 0];
    },
  ],
  ['Dropout', (net, x) => [net.node('Dropout', [x]), all]],
];

function normalise(net: Net, input: string): string {
  const statistics = [net.positive(4), net.weights(4), net.weights(4), net.positive(4)];
  return net.node('BatchNormalization', [input, ...statistics], { epsilon: 1e-3 });
}

test.each(operators)('layers give what ONNX Runtime gives for %s', async (_, middle) => {
  expect(await differenceOf(middle)).toBeLessThan(rounding);
});

const border = fc.integer({ min: 0, max: 2 });
const anyConvolution = fc
  .record({
    side: fc.integer({ min: 5, max: 9 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pads: fc.oneof(
      fc.tuple(border, border, border, border),
      fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID'),
    ),
    group: fc.constantFrom(1, 2, 4),
    multiplier: fc.integer({ min: 1, max: 3 }),
  })
  .map((drawn) => ({ ...drawn, middle: convolution(drawn) }));

interface Convolution {
  readonly side: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: string | readonly number[];
  readonly group: number;
  readonly multiplier: number;
}

function convolution({
  side: size,
  kernel,
  strides,
  pads,
  group,
  multiplier,
}: Convolution): Middle {
  const sizes = [0, 1].map((axis) => {
    const [window = 1, stride = 1] = [kernel[axis], strides[axis]];
    if (pads === 'VALID') return Math.floor((size - window) / stride) + 1;
    if (typeof pads === 'string') return Math.ceil(size / stride);
    const around = (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
    return Math.floor((size + around - window) / stride) + 1;
  });
  const outputs = group * multiplier;
  const settings: Record<string, Attribute> = {
    ...{ strides: [...strides], group: BigInt(group) },
    ...(typeof pads === 'string' ? { auto_pad: pads } : { pads: [...pads] }),
  };
  return (net, x) => [
    net.conv(x, [outputs, 4 / group, ...kernel], settings),
    outputs * (sizes[0] ?? 0) * (sizes[1] ?? 0),
  ];
}

test('a convolution of any window, stride, border and groups gives what ONNX Runtime gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyConvolution, async ({ side: size, middle }) => {
      expect(await differenceOf(middle, size)).toBeLessThan(rounding);
    }),
    { numRuns: 30 },
  );
});

test('its gradient says what a step of its weights does', async () => {
  await fc.assert(
    fc.asyncProperty(anyConvolution, async ({ side: size, middle }) => {
      const imported = await importTuned(middle, size);
      const layer = imported.model.layers.find((one) => one.getWeights().length === 2);
      if (!layer) throw new Error('no convolution');
      const random = createRandom('step');
      // The features are linear in the weights of one layer, so that it holds for a step of any length.
      const [told, done, scale] = tf.tidy(() => {
        const total = () => tf.sum<tf.Scalar>(apply(imported));
        const { value, grads } = tf.variableGrads(total);
        const before = layer.getWeights();
        const steps = before.map(({ shape }) => {
          const length = shape.reduce((product, one) => product * one, 1);
          return tf.tensor(
            Float32Array.from({ length }, () => random.next() - 0.5),
            shape,
          );
        });
        const names = layer.trainableWeights.map((weight) => weight.name);
        const parts = steps.map((step, at) =>
          tf.sum(tf.mul(step, grads[names[at] ?? ''] as tf.Tensor)),
        );
        const told = tf.addN(parts).dataSync()[0] ?? Number.NaN;
        const largest = tf.addN(
          steps.map((step, at) =>
            tf.sum(tf.abs(tf.mul(step, grads[names[at] ?? ''] as tf.Tensor))),
          ),
        );
        layer.setWeights(before.map((weight, at) => tf.add(weight, steps[at] as tf.Tensor)));
        const done = (total().dataSync()[0] ?? 0) - (value.dataSync()[0] ?? 0);
        return [told, done, largest.dataSync()[0] ?? 0];
      });
      imported.model.dispose();
      expect(Math.abs(told - done)).toBeLessThan(1e-4 * (scale + 1));
    }),
    { numRuns: 30 },
  );
});

/** Where the blocks of a network begin, the last first. */
async function blocksOf(middle: Middle): Promise<string[]> {
  const backbone = parseBackbone(network(middle), { path, features: 'features' });
  return (await findBlocks(backbone, { path, size: 7 })).map(({ tensor }) => tensor);
}

/** An inverted bottleneck: wider, each channel alone over its neighbours, narrower again. */
function bottleneck(net: Net, from: string, to: string, residual: boolean): string {
  const wide = net.node('Relu', [net.conv(from, [8, 4, 1, 1])]);
  const settings = { group: 8n, pads: [1, 1, 1, 1] };
  const narrow = net.conv(net.conv(wide, [8, 1, 3, 3], settings), [4, 8, 1, 1]);
  return residual
    ? net.node('Add', [narrow, from], {}, to)
    : net.node('Identity', [narrow], {}, to);
}

test('blocks begin where the network is one line and narrowest before it looks at neighbours', async () => {
  const middle: Middle = (net, x) => {
    const [first, second] = [bottleneck(net, x, 'first', false), 'second'];
    bottleneck(net, first, second, true);
    const last = net.node('Relu', [net.conv(second, [8, 4, 3, 3])]);
    return [net.node('GlobalAveragePool', [last]), 8];
  };
  expect(await blocksOf(middle)).toEqual(['second', 'first', 'start']);
  const backbone = parseBackbone(network(middle), { path, features: 'features' });
  const place = { path, size: 7 };
  expect(await findStart(backbone, { blocks: 2 }, place)).toBe('first');
  expect(await findStart(backbone, { from: 'first' }, place)).toBe('first');
  for (const [from, reason] of [
    [{ blocks: 4 }, 'it has 3 blocks, not 4'],
    [{ from: 'nothing' }, 'there is no tensor "nothing"'],
    [{ from: 'value8' }, 'not all of a picture passes through "value8"'],
  ] as const) {
    await expect(findStart(backbone, from, place)).rejects.toMatchObject({
      code: 'FINE_TUNE_UNSUPPORTED',
      message: expect.stringContaining(reason),
    });
  }
});

test('more activations than fit into memory are refused with their size', () => {
  expect(activationSize(660, [7, 7, 192], path)).toBe('24.8 MB (660 × 7 × 7 × 192)');
  expect(() => activationSize(10_000, [112, 112, 16], path)).toThrow(
    expect.objectContaining({
      code: 'FINE_TUNE_UNSUPPORTED',
      message: expect.stringContaining('(10000 × 112 × 112 × 16), and 1'),
    }),
  );
});

test('a network that looks at neighbours once, at its beginning, has no blocks', async () => {
  expect(await blocksOf((net, x) => [net.node('Relu', [x]), all])).toEqual([]);
});

describe('what cannot be trained is refused by the name of its operator:', () => {
  const refused: [string, string, Middle][] = [
    [
      'an operator without a layer',
      'its Selu cannot be trained here',
      (net, x) => [net.node('Selu', [x]), all],
    ],
    [
      'a dilated convolution',
      'its Conv is dilated',
      (net, x) => [net.conv(x, [4, 4, 2, 2], { dilations: [2, 2] }), 4 * 5 * 5],
    ],
    [
      'Clip from below 0',
      'its Clip begins at -1',
      (net, x) => [net.node('Clip', [x, net.scalar(-1), net.scalar(1)]), all],
    ],
    [
      'a maximum with borders that no layer has',
      'its MaxPool has borders of',
      (net, x) => [
        net.node('MaxPool', [x], { kernel_shape: [2, 2], pads: [1, 1, 1, 1] }),
        4 * 8 * 8,
      ],
    ],
    [
      'means over channels',
      'its ReduceMean is over the axes 1',
      (net, x) => [net.node('ReduceMean', [x], { axes: [1] }), side * side],
    ],
    [
      'maps of one size joined to those of another',
      'its Mul joins tensors of different sizes',
      (net, x) => [net.node('Mul', [x, net.node('GlobalAveragePool', [x])]), all],
    ],
  ];
  test.each(refused)('%s', async (_, reason, middle) => {
    await expect(importTuned(middle)).rejects.toMatchObject({
      code: 'FINE_TUNE_UNSUPPORTED',
      message: expect.stringContaining(reason),
    });
  });

  test('features that are whole maps', async () => {
    const flatten: Middle = (net, x) => [net.node('Flatten', [x], { axis: 1n }), 0];
    await expect(importTuned(flatten)).rejects.toMatchObject({
      message: expect.stringContaining('are whole maps'),
    });
  });
});
