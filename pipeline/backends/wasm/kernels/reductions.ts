import {
  engine,
  type MaxAttrs,
  type MaxInputs,
  type SumAttrs,
  type SumInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceGradient, replaceKernel } from '../replace-kernel.ts';
import { columnUnits, costs } from './units.ts';

/** A tensor viewed as [blocks, rows, columns], of which the rows are reduced. */
interface Reduction {
  readonly blocks: number;
  readonly rows: number;
  readonly columns: number;
  readonly outShape: number[];
}

interface SpreadInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
}

interface SpreadAttributes extends SumAttrs {
  readonly mean: boolean;
}

interface MaxGradInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
  readonly y: TensorInfo;
}

/**
 * Sum, Mean and Max over neighbouring axes before the last (bias, batch statistics, global pooling), without the
 * transpose of the published kernels, and their gradients without slow broadcasts and tensors of ones.
 */
export function registerReductions(heap: Heap): void {
  for (const name of ['Sum', 'Mean']) {
    replaceKernel<SumInputs, SumAttrs>(name, (published) => (call) => {
      const { x } = call.inputs;
      const reduction = reductionOf(x, call.attrs.axis, call.attrs.keepDims);
      return reduction ? sum(heap, x, reduction, name === 'Mean') : published(call);
    });
  }
  registerSpread(heap);
  replaceKernel<MaxInputs, MaxAttrs>('Max', (published) => (call) => {
    const { x } = call.inputs;
    const reduction = reductionOf(x, call.attrs.reductionIndices, call.attrs.keepDims);
    return reduction ? maximum(heap, x, reduction) : published(call);
  });
  registerMaxGradient(heap);
}

/** The gradient of a sum or mean goes to every cell that it is taken over. */
function registerSpread(heap: Heap): void {
  replaceKernel<SpreadInputs, SpreadAttributes>('SumGrad', () => ({ inputs, attrs }) => {
    const { dy, x } = inputs;
    const reduction = reductionOf(x, attrs.axis, false);
    if (!reduction) throw new Error('SumGrad takes neighbouring axes before the last');
    const dx = heap.allocate(x.shape);
    const { blocks, rows, columns } = reduction;
    const cost = costs.pass * blocks * rows * columns;
    const values = [heap.address(dy), heap.address(dx), rows, columns, attrs.mean ? rows : 1];
    heap.spread('spreadRows', blocks * rows, cost, values);
    return dx;
  });
  for (const name of ['Sum', 'Mean']) {
    replaceGradient(
      name,
      (dy, [x], attrs) => {
        if (!x || Array.isArray(dy)) throw new Error(`${name} has one input and one output`);
        const how = { axis: axesOf(attrs), mean: name === 'Mean' };
        return { x: () => engine().runKernel('SumGrad', { dy, x }, how) };
      },
      ([x], attrs) => x !== undefined && reductionOf(x, axesOf(attrs), false) !== null,
    );
  }
}

/** The gradient goes to every cell that equals its maximum, as in the library. */
function registerMaxGradient(heap: Heap): void {
  replaceKernel<MaxGradInputs, MaxAttrs>('MaxGrad', () => ({ inputs, attrs }) => {
    const { dy, x, y } = inputs;
    const reduction = reductionOf(x, attrs.reductionIndices, false);
    if (!reduction) throw new Error('MaxGrad takes neighbouring axes before the last');
    const dx = heap.allocate(x.shape);
    const addresses = [x, y, dy, dx].map((tensor) => heap.address(tensor));
    const { blocks, rows, columns } = reduction;
    const cost = costs.pass * blocks * rows * columns;
    heap.spread('blockMaximaGradient', blocks, cost, [...addresses, rows, columns]);
    return dx;
  });
  replaceGradient(
    'Max',
    (dy, [x, y], attrs) => {
      if (!x || !y || Array.isArray(dy)) throw new Error('Max has one input and one output');
      return { x: () => engine().runKernel('MaxGrad', { dy, x, y }, attrs) };
    },
    ([x], attrs) => x !== undefined && reductionOf(x, axesOf(attrs), false) !== null,
  );
}

function axisOf(attrs: object): unknown {
  return 'axis' in attrs ? attrs.axis : [];
}

function axesOf(attrs: object): number | number[] {
  const axes: unknown = 'reductionIndices' in attrs ? attrs.reductionIndices : axisOf(attrs);
  return [axes].flat().filter((axis) => typeof axis === 'number');
}

/** The view for this reduction, or null if it is of another kind. */
function reductionOf(
  x: TensorInfo,
  axis: number | number[],
  keepDims: boolean | undefined,
): Reduction | null {
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const first = axes[0];
  if (first === undefined || x.dtype !== 'float32' || keepDims) return null;
  const end = first + axes.length;
  const neighbours = axes.every((each, index) => each === first + index);
  if (!neighbours || end === x.shape.length) return null;
  const blocks = util.sizeFromShape(x.shape.slice(0, first));
  const rows = util.sizeFromShape(x.shape.slice(first, end));
  const columns = util.sizeFromShape(x.shape.slice(end));
  const outShape = [...x.shape.slice(0, first), ...x.shape.slice(end)];
  return rows > 0 ? { blocks, rows, columns, outShape } : null;
}

function sum(heap: Heap, x: TensorInfo, reduction: Reduction, mean: boolean): TensorInfo {
  const { blocks, rows, columns, outShape } = reduction;
  const out = heap.allocate(outShape);
  const addresses = [heap.address(x), heap.address(out)];
  const cost = costs.sum * blocks * rows * columns;
  heap.spread('blockSums', blocks * columnUnits(columns), cost, [...addresses, rows, columns]);
  if (mean)
    heap.view(out).forEach((total, cell, sums) => {
      sums[cell] = total / rows;
    });
  return out;
}

function maximum(heap: Heap, x: TensorInfo, { blocks, rows, columns, outShape }: Reduction) {
  const out = heap.allocate(outShape);
  const addresses = [heap.address(x), heap.address(out)];
  const cost = costs.sum * blocks * rows * columns;
  heap.spread('blockMaxima', blocks, cost, [...addresses, rows, columns]);
  return out;
}
