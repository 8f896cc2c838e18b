import { type AddInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { costs } from './units.ts';

/** Adds one row to all rows, as for a bias; other broadcasts are left to the published kernel. */
export function registerBias(heap: Heap): void {
  replaceKernel<AddInputs, object>('Add', (published) => (call) => {
    const { a, b } = call.inputs;
    return isRowOf(b, a) ? addRow(heap, a, b) : published(call);
  });
}

/** Whether `row` has one value per column of `x`, both float32. */
function isRowOf(row: TensorInfo, x: TensorInfo): boolean {
  const values = row.dtype === 'float32' && x.dtype === 'float32';
  return values && row.shape.length === 1 && x.shape.length > 1 && row.shape[0] === x.shape.at(-1);
}

function addRow(heap: Heap, x: TensorInfo, row: TensorInfo): TensorInfo {
  const y = heap.allocate(x.shape);
  const addresses = [x, row, y].map((tensor) => heap.address(tensor));
  const columns = util.sizeFromShape(row.shape);
  const rows = columns === 0 ? 0 : util.sizeFromShape(x.shape) / columns;
  const cost = costs.pass * rows * columns;
  heap.spread('addRow', rows, cost, [...addresses, columns, -Infinity]);
  return y;
}
