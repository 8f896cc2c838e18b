import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BatchResult } from './messages.ts';

/**
 * Opens a network. It computes on the thread that asks, and on no other: parallelism comes from the number of those, and spinning
 * would waste the other cores.
 */
export function openSession(onnx: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // What goes wrong is thrown as well; raw lines would stand between the JSON of the log.
    logSeverityLevel: 4,
  });
}

/** Computes a batch. @param shape [batch, …] of the input */
export async function runSession(
  session: InferenceSession,
  input: Float32Array,
  shape: readonly number[],
): Promise<BatchResult> {
  const began = performance.now();
  const fed = { input: new Tensor('float32', input, shape) };
  const outputs = await session.run(fed, { logSeverityLevel: 4 });
  const seconds = (performance.now() - began) / 1000;
  return { output: floats(outputs.output), embedding: floats(outputs.embedding), seconds };
}

/** Opens a network that answers an input of this shape once, so that its first request is not its slowest. */
export async function openReady(
  onnx: Uint8Array,
  shape: readonly number[],
): Promise<InferenceSession> {
  const session = await openSession(onnx);
  try {
    const length = shape.reduce((product, side) => product * side, 1);
    await runSession(session, new Float32Array(length), shape);
    return session;
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** A copy whose memory is its own (the runtime owns the original). */
function floats(tensor: Tensor | undefined): Float32Array<ArrayBuffer> {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the model lacks a float32 output');
  return new Float32Array(tensor.data);
}
