import { availableParallelism } from 'node:os';
import { parentPort, Worker, type WorkerOptions } from 'node:worker_threads';
import type { ErrorCode } from './error-codes.ts';
import { isMainstemError, MainstemError } from './errors.ts';

/** Threads at most: more cores do not help who waits for a disk. */
export const mostThreads = Math.max(1, Math.min(8, availableParallelism()));

/** Threads that do one kind of task, each one at a time. */
export interface Threads<Task, Answer> extends AsyncDisposable {
  /**
   * Does a task when a thread is free; what a task and its answer hold is copied between threads.
   *
   * @throws what the task threw, if it is a MainstemError; otherwise whatever ended the thread
   */
  run(task: Task): Promise<Answer>;
}

type Outcome<Answer> =
  | { readonly answer: Answer }
  | { readonly code: ErrorCode; readonly details: Record<string, unknown> };

/**
 * Opens threads that run a file, which calls {@link answerTasks}. Each is started when it is first needed.
 *
 * @example await using threads = openThreads<Uint8Array, Uint8Array>(new URL('./decode-worker.ts', import.meta.url));
 */
export function openThreads<Task, Answer>(
  entry: URL,
  options: WorkerOptions = {},
): Threads<Task, Answer> {
  const idle: Worker[] = [];
  const alive = new Set<Worker>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const start = () => {
    const worker = new Worker(entry, options);
    alive.add(worker);
    worker.once('exit', () => alive.delete(worker));
    return worker;
  };
  return {
    async run(task) {
      if (running === mostThreads) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        const worker = idle.pop() ?? start();
        const outcome = await ask<Answer>(worker, task);
        idle.push(worker);
        if ('answer' in outcome) return outcome.answer;
        throw MainstemError.again(outcome.code, outcome.details);
      } finally {
        // Whoever waits goes on in its place.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
}

/** Fewer tasks than this are done before a thread has started. */
const worthThreads = 200;

/**
 * The same for a known number of tasks: a few are done here, in this thread.
 *
 * @param work what the file does with a task
 */
export function openThreadsFor<Task, Answer>(
  count: number,
  entry: URL,
  work: (task: Task) => Promise<Answer>,
): Threads<Task, Answer> {
  if (count >= worthThreads) return openThreads(entry);
  return { run: work, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Answers, in a thread of {@link openThreads}, one task after another. */
export function answerTasks<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  parentPort?.on('message', async (task: Task) => {
    parentPort?.postMessage(await outcomeOf(work(task)));
  });
}

async function outcomeOf<Answer>(work: Promise<Answer>): Promise<Outcome<Answer>> {
  try {
    return { answer: await work };
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return { code: error.code, details: { ...error.details } };
  }
}

function ask<Answer>(worker: Worker, task: unknown): Promise<Outcome<Answer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome<Answer>>();
  const end = (code: number) => reject(new Error(`a thread ended with code ${code}`));
  worker.once('message', resolve).once('error', reject).once('exit', end);
  worker.postMessage(task);
  return promise.finally(() =>
    worker.off('message', resolve).off('error', reject).off('exit', end),
  );
}
