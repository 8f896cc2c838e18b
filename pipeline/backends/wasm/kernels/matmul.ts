import type {
  _FusedMatMulAttrs,
  _FusedMatMulInputs,
  BatchMatMulAttrs,
  BatchMatMulInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';
import { leastOf, panelWidth, tileUnits } from './units.ts';

/**
 * Products of two matrices: the published kernel computes transposed ones with a scalar loop and others on one thread, in twice
 * the time. Batches of matrices, and products of two transposed ones, are left to it.
 */
export function registerMatMul(heap: Heap): void {
  replaceKernel<BatchMatMulInputs, BatchMatMulAttrs>('BatchMatMul', (published) => (call) => {
    const { a, b } = call.inputs;
    const { transposeA, transposeB } = call.attrs;
    if (!isMatrix(a) || !isMatrix(b) || (transposeA && transposeB)) return published(call);
    const lead = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2);
    if (transposeA) return multiplyTransposedLeft(heap, a, b, lead);
    if (transposeB) return multiplyTransposedRight(heap, a, b, lead);
    return multiply(heap, a, b, lead);
  });
  replaceKernel<_FusedMatMulInputs, _FusedMatMulAttrs>('_FusedMatMul', (published) => (call) => {
    const { a, b, bias } = call.inputs;
    const { transposeA, transposeB, activation } = call.attrs;
    const least = leastOf(activation);
    const row: TensorInfo | undefined = bias;
    const fits = !row || (row.shape.length === 1 && row.shape[0] === sizes(b).columns);
    const plain = isMatrix(a) && isMatrix(b) && !transposeA && !transposeB;
    if (!fits || !plain || least === null) return published(call);
    const lead = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2);
    return multiply(heap, a, b, lead, { ...(row && { bias: row }), least });
  });
}

/** aᵀ · b is what a filter gradient of a 1 × 1 convolution computes, as one image with one column. */
function multiplyTransposedLeft(heap: Heap, a: TensorInfo, b: TensorInfo, lead: number[]) {
  const { rows, columns } = sizes(a);
  const out = heap.allocateZeros([...lead, columns, sizes(b).columns]);
  const addresses = [a, b, out].map((tensor) => heap.address(tensor));
  const across = sizes(b).columns;
  const panel = panelWidth(heap);
  const image = [1, 1, rows, columns, 1, rows, across, 1, 1, 1, panel];
  const cost = rows * columns * across;
  const units = tileUnits(columns, across, panel);
  heap.spread('convFilterGradient', units, cost, [...addresses, ...image]);
  return out;
}

function multiplyTransposedRight(heap: Heap, a: TensorInfo, b: TensorInfo, lead: number[]) {
  const { rows, columns } = sizes(a);
  const out = heap.allocate([...lead, rows, sizes(b).rows]);
  const addresses = [a, b, out].map((tensor) => heap.address(tensor));
  const across = sizes(b).rows;
  const cost = rows * columns * across;
  const units = Math.ceil(across / 3);
  heap.spread('multiplyTransposed', units, cost, [...addresses, rows, across, columns]);
  return out;
}

/** a · b, onto a bias from which each sum begins, raised to at least `least`. */
function multiply(
  heap: Heap,
  a: TensorInfo,
  b: TensorInfo,
  lead: number[],
  { bias, least }: { readonly bias?: TensorInfo; readonly least: number } = { least: -Infinity },
) {
  const { rows, columns } = sizes(a);
  const out = heap.allocate([...lead, rows, sizes(b).columns]);
  const addresses = [a, b, out].map((tensor) => heap.address(tensor));
  const across = sizes(b).columns;
  const cost = rows * columns * across;
  const ends = [bias ? heap.address(bias) : 0, least];
  const values = [...addresses, rows, across, columns, ...ends];
  heap.spread('multiply', Math.ceil(across / 8), cost, values);
  return out;
}

function sizes({ shape }: TensorInfo): { rows: number; columns: number } {
  const [rows = 1, columns = 1] = shape.slice(-2);
  return { rows, columns };
}

function isMatrix({ shape }: TensorInfo): boolean {
  return shape.slice(0, -2).every((size) => size === 1);
}
