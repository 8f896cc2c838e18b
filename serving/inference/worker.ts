/*
 * A worker thread that holds every model and computes one task at a time: a batch, or a photo from its bytes on. ONNX
 * Runtime's `run` blocks the calling thread although it returns a promise (microsoft/onnxruntime#19611), hence threads. Each
 * uses one compute thread: parallelism comes from the number of workers, and spinning would waste the other cores.
 */
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BatchResult, Task, WorkerMessage, WorkerStart } from './messages.ts';
import { readSource, seePhoto } from './see-photo.ts';

if (!parentPort) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;

const { models }: WorkerStart = workerData;
const sessions = new Map<string, InferenceSession>();
for (const { name, onnx } of models) {
  const session = await InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // What goes wrong is thrown as well; raw lines would stand between the JSON of the log.
    logSeverityLevel: 4,
  });
  sessions.set(name, session);
}

port.on('message', async (task: Task) => {
  try {
    send(await answer(task));
  } catch (error) {
    send({ id: task.id, error: error instanceof Error ? error.message : String(error) });
  }
});
send('ready');
flushCompileCache();

function send(message: WorkerMessage): void {
  port.postMessage(message);
}

async function answer({ id, model, work }: Task): Promise<WorkerMessage> {
  if (work.kind === 'batch') return { id, batch: await compute(model, work.input, work.shape) };
  const began = performance.now();
  const picture = readSource(work);
  if (!picture) return { id, photo: null };
  const decoded = performance.now();
  const { input, shape, properties } = seePhoto(picture, work);
  const preprocessed = performance.now();
  const result = await compute(model, input, shape);
  const decodeSeconds = (decoded - began) / 1000;
  const preprocessSeconds = (preprocessed - decoded) / 1000;
  return { id, photo: { ...result, properties, decodeSeconds, preprocessSeconds } };
}

async function compute(
  model: string,
  input: Float32Array,
  shape: readonly number[],
): Promise<BatchResult> {
  const session = sessions.get(model);
  if (!session) throw new Error(`no model ${model}`);
  const began = performance.now();
  const fed = { input: new Tensor('float32', input, shape) };
  const outputs = await session.run(fed, { logSeverityLevel: 4 });
  const seconds = (performance.now() - began) / 1000;
  return { output: floats(outputs.output), embedding: floats(outputs.embedding), seconds };
}

/** A copy whose memory is its own (the runtime owns the original). */
function floats(tensor: Tensor | undefined): Float32Array<ArrayBuffer> {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the model lacks a float32 output');
  return new Float32Array(tensor.data);
}
