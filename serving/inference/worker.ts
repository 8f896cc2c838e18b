/*
 * A worker thread that holds every model and computes one batch at a time. ONNX Runtime's `run` blocks the calling
 * thread although it returns a promise (microsoft/onnxruntime#19611), hence threads. Each uses one compute thread:
 * parallelism comes from the number of workers, and spinning would waste the other cores.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Batch, BatchResult, WorkerStart } from './messages.ts';

if (!parentPort) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;

const { models }: WorkerStart = workerData;
const sessions = new Map<string, InferenceSession>();
for (const { name, onnx } of models) {
  const session = await InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  sessions.set(name, session);
}

port.on('message', async (batch: Batch) => {
  try {
    const result = await compute(batch);
    port.postMessage(result, [result.output.buffer, result.embedding.buffer]);
  } catch (error) {
    port.postMessage({
      id: batch.id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
});
port.postMessage('ready');

async function compute(batch: Batch): Promise<BatchResult> {
  const session = sessions.get(batch.model);
  if (!session) throw new Error(`no model ${batch.model}`);
  const began = performance.now();
  const outputs = await session.run({ input: new Tensor('float32', batch.input, batch.shape) });
  const seconds = (performance.now() - began) / 1000;
  return {
    id: batch.id,
    output: floats(outputs.output),
    embedding: floats(outputs.embedding),
    seconds,
  };
}

/** A copy whose memory can be transferred to the main thread (the runtime owns the original). */
function floats(tensor: Tensor | undefined): Float32Array<ArrayBuffer> {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the model lacks a float32 output');
  return new Float32Array(tensor.data);
}
