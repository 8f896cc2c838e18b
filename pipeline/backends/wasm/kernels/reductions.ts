import { type SumAttrs, type SumInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap.ts';
import { replaceKernel } from '../replace-kernel.ts';

/** Sum and Mean over the leading axes (bias and batch statistics) without the published kernels' transpose. */
export function registerReductions(heap: Heap): void {
  for (const name of ['Sum', 'Mean']) {
    replaceKernel<SumInputs, SumAttrs>(name, (published) => (call) => {
      const { x } = call.inputs;
      const kept = axesAfterLeading(x, call.attrs);
      return kept ? reduceRows(heap, x, kept, name === 'Mean') : published(call);
    });
  }
}

/** The shape that is left when the leading axes go, or null if it is another reduction. */
function axesAfterLeading(x: TensorInfo, { axis, keepDims }: SumAttrs): number[] | null {
  const axes = util.parseAxisParam(axis, x.shape);
  const leading = axes.every((each, index) => each === index);
  const some = axes.length > 0 && axes.length < x.shape.length;
  return x.dtype === 'float32' && !keepDims && leading && some ? x.shape.slice(axes.length) : null;
}

function reduceRows(heap: Heap, x: TensorInfo, kept: number[], mean: boolean): TensorInfo {
  const columns = util.sizeFromShape(kept);
  const rows = util.sizeFromShape(x.shape) / columns;
  const out = heap.allocate(kept);
  heap.compiled.columnSums(heap.address(x), heap.address(out), rows, columns);
  if (mean)
    heap.view(out).forEach((sum, column, sums) => {
      sums[column] = sum / rows;
    });
  return out;
}
