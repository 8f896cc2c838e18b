/*
 * Kernels in AssemblyScript on the heap of the TensorFlow.js WASM backend, whose memory they import. They
 * allocate nothing and have no static data, so they can share that heap. Every pointer is the byte address
 * of packed float32 values; shapes are NHWC. Sums run in a fixed order, and multiplications are fused with
 * additions only in the build that says so: equal inputs give equal bits on every machine that uses the same build.
 *
 * Most kernels do a range [from, to) of their units, of which each writes results of its own and computes every one of them
 * in the same order, whatever the range: threads that share them out give the bits of one. Compiled into ../kernels.wasm by ../build.ts.
 */
export { adamStep } from './adam.ts';
export { addValues, multiplyRow, multiplyValues, relu, subtractRow } from './arithmetic.ts';
export {
  blockMaxima,
  blockMaximaGradient,
  blockSums,
  centredDots,
  spreadRows,
} from './columns.ts';
export { convFilterGradient } from './conv.ts';
export { convolve, packFilter } from './convolve.ts';
export { depthwiseConvolve, depthwiseFilterGradient } from './depthwise.ts';
export { multiply, multiplyTransposed } from './matmul.ts';
export { padZeros } from './pad.ts';
export { addRow, reluGradient, scaleShift, squareGradient } from './pointwise.ts';
export { maxPool, maxPoolGradient, maxPoolHalvingGradient } from './pool.ts';
