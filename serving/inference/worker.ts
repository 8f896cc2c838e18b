/*
 * A thread that holds every model and computes one batch at a time. ONNX Runtime's `run` blocks the thread
 * that calls it although it returns a promise (microsoft/onnxruntime#19611), hence threads. One computing
 * thread each: parallelism comes from the number of workers; spinning would burn the other cores.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Job, JobResult, WorkerStart } from './messages.ts';

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

port.on('message', async (job: Job) => {
  try {
    const result = await compute(job);
    port.postMessage(result, [result.output.buffer, result.embedding.buffer]);
  } catch (error) {
    port.postMessage({ id: job.id, error: error instanceof Error ? error.message : String(error) });
  }
});
port.postMessage('ready');

async function compute(job: Job): Promise<JobResult> {
  const session = sessions.get(job.model);
  if (!session) throw new Error(`no model ${job.model}`);
  const began = performance.now();
  const outputs = await session.run({ input: new Tensor('float32', job.input, job.shape) });
  const seconds = (performance.now() - began) / 1000;
  return {
    id: job.id,
    output: floats(outputs.output),
    embedding: floats(outputs.embedding),
    seconds,
  };
}

/** A copy whose memory may be handed to the other thread (the runtime owns the original). */
function floats(tensor: Tensor | undefined): Float32Array<ArrayBuffer> {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the model lacks a float32 output');
  return new Float32Array(tensor.data);
}
