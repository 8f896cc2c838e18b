// Registers the library's own gradients, some of which are replaced here.
import '@tensorflow/tfjs-layers';
import type { Heap } from './heap.ts';
import { registerAdam } from './kernels/adam.ts';
import { registerArithmetic } from './kernels/arithmetic.ts';
import { registerAveragePool } from './kernels/average-pool.ts';
import { registerBatchNorm } from './kernels/batch-norm.ts';
import { registerConv2d } from './kernels/conv2d.ts';
import { registerCrossEntropy } from './kernels/cross-entropy.ts';
import { registerDepthwise } from './kernels/depthwise.ts';
import { registerIdentity } from './kernels/identity.ts';
import { registerMatMul } from './kernels/matmul.ts';
import { registerMaxPool } from './kernels/max-pool.ts';
import { registerReductions } from './kernels/reductions.ts';
import { registerRelu } from './kernels/relu.ts';
import { registerSamePadding } from './kernels/same-padding.ts';

const registrations = [
  registerIdentity,
  registerSamePadding,
  registerConv2d,
  registerDepthwise,
  registerMatMul,
  registerArithmetic,
  registerMaxPool,
  registerAveragePool,
  registerReductions,
  registerRelu,
  registerBatchNorm,
  registerCrossEntropy,
  registerAdam,
];

/**
 * Registers the kernels that training needs and that the published WASM backend lacks, or has only in a slow or wrong
 * version. Each one is compared with the `cpu` backend in tests/unit/pipeline/backends.
 */
export function registerKernels(heap: Heap): void {
  for (const each of registrations) each(heap);
}
