import {
  type AddInputs,
  engine,
  type MultiplyInputs,
  type SquareInputs,
  type SubInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { RangeKernel } from '../compiled.ts';
import type { Heap } from '../heap.ts';
import { replaceGradient, replaceKernel } from '../replace-kernel.ts';
import { costs, unitValues } from './units.ts';

interface SquareGradInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
}

/**
 * Arithmetic of float32 tensors with the same shape, and of a tensor with one row for all of its rows, as a bias or a statistic of
 * each channel is; other broadcasts are left to the published kernels. The gradient of a square is one pass.
 */
export function registerArithmetic(heap: Heap): void {
  replaceKernel<AddInputs, object>('Add', (published) => (call) => {
    const { a, b } = call.inputs;
    if (isRowOf(b, a)) return withRow(heap, 'addRow', a, b, [-Infinity]);
    return isAlike(a, b) ? eachValue(heap, 'addValues', a, b) : published(call);
  });
  replaceKernel<MultiplyInputs, object>('Multiply', (published) => (call) => {
    const { a, b } = call.inputs;
    if (isRowOf(b, a)) return withRow(heap, 'multiplyRow', a, b);
    if (isRowOf(a, b)) return withRow(heap, 'multiplyRow', b, a);
    return isAlike(a, b) ? eachValue(heap, 'multiplyValues', a, b) : published(call);
  });
  replaceKernel<SubInputs, object>('Sub', (published) => (call) => {
    const { a, b } = call.inputs;
    return isRowOf(b, a) ? withRow(heap, 'subtractRow', a, b) : published(call);
  });
  replaceKernel<SquareInputs, object>('Square', (published) => (call) => {
    const x: TensorInfo = call.inputs.x;
    return isAlike(x, x) ? eachValue(heap, 'multiplyValues', x, x) : published(call);
  });
  replaceKernel<SquareGradInputs, object>(
    'SquareGrad',
    () =>
      ({ inputs: { dy, x } }) =>
        eachValue(heap, 'squareGradient', dy, x),
  );
  replaceGradient(
    'Square',
    (dy, [x]) => {
      if (!x || Array.isArray(dy)) throw new Error('Square has one input and one output');
      return { x: () => engine().runKernel('SquareGrad', { dy, x }) };
    },
    ([x]) => x?.dtype === 'float32',
  );
}

function isAlike(a: TensorInfo, b: TensorInfo): boolean {
  return areFloats(a, b) && util.arraysEqual(a.shape, b.shape);
}

/** Whether `row` has one value per column of `x`. */
function isRowOf(row: TensorInfo, x: TensorInfo): boolean {
  const columns = x.shape.at(-1);
  const fits = row.shape.length <= x.shape.length && row.shape.at(-1) === columns;
  const one = util.sizeFromShape(row.shape) === columns;
  return areFloats(row, x) && x.shape.length > 1 && fits && one;
}

function areFloats(a: TensorInfo, b: TensorInfo): boolean {
  return a.dtype === 'float32' && b.dtype === 'float32';
}

function eachValue(heap: Heap, kernel: RangeKernel, a: TensorInfo, b: TensorInfo): TensorInfo {
  const y = heap.allocate(a.shape);
  const count = util.sizeFromShape(a.shape);
  const addresses = [a, b, y].map((tensor) => heap.address(tensor));
  const units = Math.ceil(count / unitValues);
  heap.spread(kernel, units, costs.pass * count, [...addresses, count]);
  return y;
}

function withRow(
  heap: Heap,
  kernel: RangeKernel,
  x: TensorInfo,
  row: TensorInfo,
  more: readonly number[] = [],
): TensorInfo {
  const y = heap.allocate(x.shape);
  const addresses = [x, row, y].map((tensor) => heap.address(tensor));
  const count = util.sizeFromShape(x.shape);
  const columns = util.sizeFromShape(row.shape);
  const rows = columns === 0 ? 0 : count / columns;
  heap.spread(kernel, rows, costs.pass * count, [...addresses, columns, ...more]);
  return y;
}
