/*
 * A worker thread that holds every model and computes one task at a time: a batch, or a photo from its bytes on. ONNX
 * Runtime's `run` blocks the calling thread although it returns a promise (microsoft/onnxruntime#19611), hence threads. Each
 * uses one compute thread.
 */
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { coverInput } from './cover-input.ts';
import type { BatchResult, Covered, Load, Task, WorkerMessage, WorkerStart } from './messages.ts';
import { readSource, seePhoto } from './see-photo.ts';
import { openReady, openSession, runSession } from './session.ts';

if (!parentPort) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;

const sessions = new Map<string, InferenceSession>();
const told: Promise<[WorkerStart]> = nextTold();
send('loaded');
const [{ models }] = await told;
for (const { name, onnx } of models) sessions.set(name, await openSession(onnx));

port.on('message', async (task: Task) => {
  try {
    send(await answer(task));
  } catch (error) {
    send({ id: task.id, error: error instanceof Error ? error.message : String(error) });
  }
});
send('ready');
flushCompileCache();

function nextTold(): Promise<[WorkerStart]> {
  return once(port, 'message') as Promise<[WorkerStart]>;
}

function send(message: WorkerMessage): void {
  port.postMessage(message);
}

async function answer({ id, model, work }: Task): Promise<WorkerMessage> {
  if (work.kind === 'load') return { id, done: await load(model, work) };
  if (work.kind === 'unload') return { id, done: await unload(model) };
  if (work.kind === 'batch') return { id, batch: await compute(model, work.input, work.shape) };
  if (work.kind === 'covered') return { id, batch: await computeCovered(model, work) };
  const began = performance.now();
  const picture = readSource(work);
  if (!picture) return { id, photo: null };
  const decoded = performance.now();
  const { input, shape, properties } = seePhoto(picture, work);
  const preprocessed = performance.now();
  const result = await compute(model, input, shape);
  const decodeSeconds = (decoded - began) / 1000;
  const preprocessSeconds = (preprocessed - decoded) / 1000;
  const kept = work.kept ? input : null;
  return { id, photo: { ...result, properties, input: kept, decodeSeconds, preprocessSeconds } };
}

function computeCovered(model: string, work: Covered): Promise<BatchResult> {
  const { size, covers } = work;
  return compute(model, coverInput(work), [covers.length, size, size, 3]);
}

/** Keeps a model once it has answered. */
async function load(model: string, { onnx, shape }: Load): Promise<true> {
  if (sessions.has(model)) return true;
  const session = await openReady(onnx, shape);
  sessions.set(model, session);
  return true;
}

async function unload(model: string): Promise<true> {
  const session = sessions.get(model);
  sessions.delete(model);
  await session?.release();
  return true;
}

function compute(
  model: string,
  input: Float32Array,
  shape: readonly number[],
): Promise<BatchResult> {
  const session = sessions.get(model);
  if (!session) throw new Error(`no model ${model}`);
  return runSession(session, input, shape);
}
