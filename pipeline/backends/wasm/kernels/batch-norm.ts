import {
  engine,
  type FusedBatchNormAttrs,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceGradient, replaceKernel } from '../replace-kernel.ts';
import { columnUnits, costs } from './units.ts';

/** The inputs with respect to which FusedBatchNorm is differentiated. */
type Side = 'x' | 'mean' | 'variance' | 'scale' | 'offset';

interface ForwardInputs {
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly scale?: TensorInfo;
  readonly offset?: TensorInfo;
}

interface GradientInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly scale?: TensorInfo;
}

interface GradientAttributes {
  readonly varianceEpsilon: number;
  readonly side: Side;
}

/**
 * FusedBatchNorm over the last axis and its gradients, in one pass each. The library's gradient tiles the statistics to
 * the size of the input, which took half of each training step.
 */
export function registerBatchNorm(heap: Heap): void {
  replaceKernel<ForwardInputs, FusedBatchNormAttrs>(
    'FusedBatchNorm',
    (published) => (call) =>
      call.inputs.mean.shape.length === 1
        ? normalise(heap, call.inputs, call.attrs.varianceEpsilon)
        : published(call),
  );
  const sumsOf = createSums(heap);
  replaceKernel<GradientInputs, GradientAttributes>(
    'FusedBatchNormGrad',
    () =>
      ({ inputs, attrs }) =>
        attrs.side === 'x'
          ? inputGradient(heap, inputs, attrs.varianceEpsilon)
          : statisticGradient(heap, sumsOf, inputs, attrs.side, attrs.varianceEpsilon),
  );
  replaceGradient('FusedBatchNorm', gradients, ([, mean]) => mean?.rank === 1);
}

/** One kernel call per side: the engine tidies each gradient function separately. */
function gradients(dy: Tensor | Tensor[], saved: Tensor[], attrs: object) {
  const [x, mean, variance, scale] = saved;
  if (Array.isArray(dy) || !x || !mean || !variance)
    throw new Error('FusedBatchNorm lost its inputs');
  const varianceEpsilon = 'varianceEpsilon' in attrs ? Number(attrs.varianceEpsilon) : 0;
  const inputs = { dy, x, mean, variance, ...(scale ? { scale } : {}) };
  const by = (side: Side) => (): Tensor =>
    engine().runKernel('FusedBatchNormGrad', inputs, { varianceEpsilon, side });
  return {
    x: by('x'),
    mean: by('mean'),
    variance: by('variance'),
    scale: by('scale'),
    offset: by('offset'),
  };
}

function normalise(heap: Heap, inputs: ForwardInputs, epsilon: number): TensorInfo {
  const { x, mean, variance, scale, offset } = inputs;
  const factor = factors(heap, variance, scale, epsilon);
  const means = heap.view(mean);
  const offsets = offset ? heap.view(offset) : undefined;
  const shift = factor.map((each, c) => (offsets?.[c] ?? 0) - (means[c] ?? 0) * each);
  return scaleShift(heap, x, factor, shift);
}

function inputGradient(heap: Heap, inputs: GradientInputs, epsilon: number): TensorInfo {
  const factor = factors(heap, inputs.variance, inputs.scale, epsilon);
  return scaleShift(heap, inputs.dy, factor, new Float32Array(factor.length));
}

/** Gradients per channel: mean and offset from Σ dy, variance and scale from Σ dy × (x − mean). */
function statisticGradient(
  heap: Heap,
  sumsOf: SumsOf,
  inputs: GradientInputs,
  side: Exclude<Side, 'x'>,
  epsilon: number,
): TensorInfo {
  const sums = sumsOf(inputs, side === 'mean' || side === 'offset' ? 'blockSums' : 'centredDots');
  const variances = heap.view(inputs.variance);
  const scales = inputs.scale ? heap.view(inputs.scale) : undefined;
  const gradient = sums.map((sum, c) => {
    const inverse = 1 / Math.sqrt((variances[c] ?? 0) + epsilon);
    return sum * derivative(side, inverse, scales?.[c] ?? 1);
  });
  return heap.allocateFrom(gradient);
}

type SumKernel = 'blockSums' | 'centredDots';
type SumsOf = (inputs: GradientInputs, kernel: SumKernel) => Float32Array;

/** The sums of each channel. Two gradients are made of each, which the engine asks for one after another: the last are kept. */
function createSums(heap: Heap): SumsOf {
  const kept = new Map<SumKernel, { of: readonly object[]; sums: Float32Array }>();
  return (inputs, kernel) => {
    const of = [inputs.dy.dataId, inputs.x.dataId, inputs.mean.dataId];
    const last = kept.get(kernel);
    if (last?.of.every((id, at) => id === of[at])) return last.sums;
    const sums = computeSums(heap, inputs, kernel);
    kept.set(kernel, { of, sums });
    return sums;
  };
}

function computeSums(heap: Heap, { dy, x, mean }: GradientInputs, kernel: SumKernel): Float32Array {
  const columns = util.sizeFromShape(mean.shape);
  const rows = util.sizeFromShape(x.shape) / columns;
  const out = heap.allocate(mean.shape);
  const reads = kernel === 'blockSums' ? [dy] : [dy, x, mean];
  const addresses = [...reads, out].map((each) => heap.address(each));
  const values = [...addresses, rows, columns];
  heap.spread(kernel, columnUnits(columns), costs.sum * rows * columns, values);
  const sums = heap.view(out).slice();
  heap.release(out);
  return sums;
}

function derivative(side: Exclude<Side, 'x'>, inverse: number, scale: number): number {
  if (side === 'offset') return 1;
  if (side === 'scale') return inverse;
  return side === 'mean' ? -scale * inverse : -0.5 * scale * inverse ** 3;
}

/** scale / √(variance + epsilon) per channel. */
function factors(
  heap: Heap,
  variance: TensorInfo,
  scale: TensorInfo | undefined,
  epsilon: number,
): Float32Array {
  const scales = scale ? heap.view(scale) : undefined;
  return heap.view(variance).map((each, c) => (scales?.[c] ?? 1) / Math.sqrt(each + epsilon));
}

function scaleShift(heap: Heap, x: TensorInfo, factor: Float32Array, shift: Float32Array) {
  const scales = heap.allocateFrom(factor);
  const shifts = heap.allocateFrom(shift);
  const y = heap.allocate(x.shape);
  const addresses = [x, scales, shifts, y].map((tensor) => heap.address(tensor));
  const rows = util.sizeFromShape(x.shape) / factor.length;
  const cost = costs.pass * rows * factor.length;
  heap.spread('scaleShift', rows, cost, [...addresses, factor.length]);
  heap.release(scales, shifts);
  return y;
}
