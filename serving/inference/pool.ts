import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { createOneByOne } from '../../platform/lib/one-by-one.ts';
import type {
  Batch,
  BatchResult,
  Covered,
  Load,
  Photo,
  PhotoResult,
  Task,
  Unload,
  WorkerMessage,
  WorkerStart,
} from './messages.ts';
import { nextMessage, startThread, type Thread } from './threads.ts';

/** Worker threads that compute batches and photos. A thread that dies is replaced. */
export interface Pool {
  /**
   * Computes one batch. The input's memory moves to a worker: the array is empty afterwards.
   *
   * @param shape [batch, …] of the input.
   * @param signal takes the batch out of the queue; one that is being computed is finished.
   * @throws MainstemError SERVING_BUSY, SERVING_WORKER_FAILED
   */
  run(
    model: string,
    input: Float32Array<ArrayBuffer>,
    shape: readonly number[],
    signal?: AbortSignal,
  ): Promise<BatchResult>;
  /**
   * Computes one photo. Its memory moves to a worker.
   *
   * @returns null for a JPEG that is damaged after all.
   * @throws MainstemError SERVING_BUSY, SERVING_WORKER_FAILED
   */
  runPhoto(
    model: string,
    photo: Omit<Photo, 'kind'>,
    signal?: AbortSignal,
  ): Promise<PhotoResult | null>;
  /** Computes copies of one photo as one batch, each with a part covered. @throws MainstemError as {@link run} */
  runCovered(
    model: string,
    covered: Omit<Covered, 'kind'>,
    signal?: AbortSignal,
  ): Promise<BatchResult>;
  /**
   * Loads a model on every thread, one thread after another: the others compute meanwhile. If one thread cannot, none has it
   * afterwards. A model that is there already is left as it is.
   *
   * @throws SERVING_WORKER_FAILED
   */
  load(model: string, onnx: Uint8Array, shape: readonly number[]): Promise<void>;
  /** Gives the memory of a model back. Nothing may be computed with it any more. */
  unload(model: string): Promise<void>;
  /** Number of batches that are waiting or being computed. */
  readonly waiting: number;
  /** Whether at least one thread can compute. */
  readonly alive: boolean;
  /**
   * Waits until every thread has loaded every model; what is asked for meanwhile waits, too. It fails, and closes the pool, if
   * one cannot.
   *
   * @throws MainstemError SERVING_WORKER_FAILED
   */
  ready(): Promise<void>;
  /**
   * Ends the threads once what they compute is finished, and answered; what waits fails. A thread that is ended while the runtime
   * computes takes the whole process with it: its C++ code throws into a thread without JavaScript, which aborts.
   */
  close(): Promise<void>;
}

type Outcome = Exclude<WorkerMessage, 'loaded' | 'ready' | { readonly error: string }>;

interface Pending {
  readonly task: Task;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Slot {
  worker: Worker;
  current: Pending | undefined;
  /** The models that this thread has. */
  readonly models: Set<string>;
  /** To load and to unload, before anything is computed. */
  readonly changes: Pending[];
}

/** A model that every thread has, or is to have. */
type Kept = Omit<Load, 'kind'>;

/** Milliseconds until a thread that could not be started is started again; each wait is twice the one before. */
const restartMs = { first: 100, longest: 5000 } as const;

/** How many threads there are, and how much waits for them. */
export interface PoolLimits {
  readonly workers: number;
  readonly queue: number;
}

/** Starts the threads, without waiting for them. @param threads that run already: as many fewer are started */
export function createPool(
  start: WorkerStart,
  limits: PoolLimits,
  threads: readonly Thread[] = [],
): Pool {
  return new WorkerPool(start, limits, threads);
}

class WorkerPool implements Pool {
  readonly #models: Map<string, Kept>;
  readonly #limit: number;
  readonly #slots = new Set<Slot>();
  readonly #queue: Pending[] = [];
  /** Threads that nobody has told anything yet. */
  readonly #idle: Thread[];
  readonly #started: Promise<readonly PromiseSettledResult<void>[]>;
  /** Threads that load their models: ended meanwhile, they would abort the process, too. */
  readonly #starting = new Set<Promise<void>>();
  #lastId = 0;
  /** One model is loaded or unloaded at a time: the next one finds every thread alike. */
  readonly #inTurn = createOneByOne();
  #closed = false;

  constructor(
    start: WorkerStart,
    { workers, queue: limit }: PoolLimits,
    threads: readonly Thread[],
  ) {
    // Every thread starts with these, so that none loads them later and needs their shape.
    this.#models = new Map(start.models.map(({ name, onnx }) => [name, { onnx, shape: [] }]));
    this.#limit = limit;
    this.#idle = [...threads];
    // Settled, because whoever waits for them may do something else first.
    this.#started = Promise.allSettled(Array.from({ length: workers }, () => this.#add()));
  }

  async ready(): Promise<void> {
    const failed = (await this.#started).find((result) => result.status === 'rejected');
    if (!failed) return;
    await this.close();
    throw failed.reason;
  }

  get waiting(): number {
    return this.#queue.length + [...this.#slots].filter((slot) => slot.current).length;
  }

  get alive(): boolean {
    return this.#slots.size > 0;
  }

  async run(
    model: string,
    input: Float32Array<ArrayBuffer>,
    shape: readonly number[],
    signal?: AbortSignal,
  ): Promise<BatchResult> {
    return this.#computeBatch(model, { kind: 'batch', input, shape }, signal);
  }

  async runCovered(
    model: string,
    covered: Omit<Covered, 'kind'>,
    signal?: AbortSignal,
  ): Promise<BatchResult> {
    return this.#computeBatch(model, { kind: 'covered', ...covered }, signal);
  }

  async #computeBatch(
    model: string,
    work: Batch | Covered,
    signal?: AbortSignal,
  ): Promise<BatchResult> {
    const outcome = await this.#compute(model, work, signal);
    if ('batch' in outcome) return outcome.batch;
    throw failure('the thread answered something else');
  }

  async runPhoto(
    model: string,
    photo: Omit<Photo, 'kind'>,
    signal?: AbortSignal,
  ): Promise<PhotoResult | null> {
    const outcome = await this.#compute(model, { kind: 'photo', ...photo }, signal);
    if ('photo' in outcome) return outcome.photo;
    throw failure('the thread answered something else');
  }

  load(model: string, onnx: Uint8Array, shape: readonly number[]): Promise<void> {
    return this.#inTurn(() => this.#loadAll(model, onnx, shape));
  }

  unload(model: string): Promise<void> {
    return this.#inTurn(() => this.#unloadAll(model));
  }

  async #loadAll(model: string, onnx: Uint8Array, shape: readonly number[]): Promise<void> {
    if (this.#models.has(model)) return;
    if (!this.alive) throw failure('no thread is alive');
    const kept: Kept = { onnx, shape };
    try {
      for (;;) {
        const slot = [...this.#slots].find((one) => !one.models.has(model));
        if (!slot) break;
        await this.#change(slot, model, { kind: 'load', ...kept });
        // Threads that are started from now on load it, too; not before it is known that one can.
        this.#models.set(model, kept);
      }
    } catch (error) {
      await this.#unloadAll(model);
      throw error;
    }
  }

  async #unloadAll(model: string): Promise<void> {
    this.#models.delete(model);
    const having = [...this.#slots].filter((slot) => slot.models.has(model));
    // A thread that ends meanwhile has given its memory back.
    await Promise.allSettled(having.map((slot) => this.#change(slot, model, { kind: 'unload' })));
  }

  /** Loads or unloads a model on one thread. */
  async #change(slot: Slot, model: string, work: Load | Unload): Promise<void> {
    if (this.#closed) throw failure('the server is stopping');
    await new Promise<Outcome>((resolve, reject) => {
      this.#lastId += 1;
      slot.changes.push({ task: { id: this.#lastId, model, work }, resolve, reject });
      this.#dispatch();
    });
    if (work.kind === 'load') slot.models.add(model);
    else slot.models.delete(model);
  }

  #compute(model: string, work: Batch | Photo | Covered, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed) return Promise.reject(failure('the server is stopping'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#queue.length >= this.#limit) {
      const reason = `${this.#queue.length} requests are already waiting`;
      return Promise.reject(new MainstemError('SERVING_BUSY', { reason }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#lastId += 1;
    const pending = { task: { id: this.#lastId, model, work }, resolve, reject };
    this.#queue.push(pending);
    if (signal) listen(signal, promise, () => this.#giveUp(pending, signal.reason));
    this.#dispatch();
    return promise;
  }

  #giveUp(pending: Pending, reason: Error): void {
    const position = this.#queue.indexOf(pending);
    if (position >= 0) this.#queue.splice(position, 1);
    pending.reject(reason);
  }

  /** Starts one more thread; resolves when it is ready. */
  #add(): Promise<void> {
    const starting: Promise<void> = this.#startThread().finally(() =>
      this.#starting.delete(starting),
    );
    this.#starting.add(starting);
    return starting;
  }

  async #startThread(): Promise<void> {
    const { worker, loaded } = this.#idle.pop() ?? startThread();
    await loaded;
    const models = [...this.#models].map(([name, { onnx }]) => ({ name, onnx }));
    worker.postMessage({ models } satisfies WorkerStart);
    await nextMessage(worker);
    if (this.#closed) return void (await worker.terminate());
    const slot: Slot = {
      ...{ worker, current: undefined, changes: [] },
      models: new Set(models.map(({ name }) => name)),
    };
    worker.on('message', (message: WorkerMessage) => this.#finish(slot, message));
    worker.on('error', (error: Error) => this.#replace(slot, error.message));
    worker.on('exit', (code) => this.#replace(slot, `the thread ended with code ${code}`));
    this.#slots.add(slot);
    this.#catchUp(slot);
    this.#dispatch();
  }

  /** Loads on a new thread what was loaded on the others while it started; what cannot be is an error of each request. */
  #catchUp(slot: Slot): void {
    for (const [model, kept] of this.#models) {
      if (!slot.models.has(model))
        void this.#change(slot, model, { kind: 'load', ...kept }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#queue.splice(0)) pending.reject(failure('the server is stopping'));
    const slots = [...this.#slots];
    for (const pending of slots.flatMap((slot) => slot.changes.splice(0)))
      pending.reject(failure('the server is stopping'));
    await Promise.allSettled([...slots.map(endThread), ...this.#starting]);
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.current) continue;
      const next = slot.changes.shift() ?? this.#queue.shift();
      if (!next) continue;
      slot.current = next;
      slot.worker.postMessage(next.task, memoryOf(next.task.work));
    }
  }

  #finish(slot: Slot, message: WorkerMessage): void {
    const pending = slot.current;
    if (typeof message === 'string' || !pending) return;
    slot.current = undefined;
    if ('error' in message) pending.reject(failure(message.error));
    else pending.resolve(message);
    this.#dispatch();
  }

  #replace(slot: Slot, reason: string): void {
    if (!this.#slots.delete(slot)) return;
    for (const pending of [slot.current, ...slot.changes.splice(0)])
      pending?.reject(failure(reason));
    slot.current = undefined;
    void this.#restart();
  }

  /** A thread that cannot be started, for want of memory or of descriptors, is tried again: the want may pass. */
  async #restart(): Promise<void> {
    for (let waitMs = restartMs.first; !this.#closed; waitMs *= 2) {
      try {
        return await this.#add();
      } catch (error) {
        this.#failAll(isMainstemError(error) ? error : failure(String(error)));
      }
      await delay(Math.min(waitMs, restartMs.longest), undefined, { ref: false });
    }
  }

  /** With no thread left nothing would ever be answered: fail instead of waiting forever. */
  #failAll(error: MainstemError): void {
    if (this.#slots.size > 0) return;
    for (const pending of this.#queue.splice(0)) pending.reject(error);
  }
}

/** What moves to the worker instead of being copied. */
function memoryOf(work: Task['work']): ArrayBuffer[] {
  if (work.kind === 'load' || work.kind === 'unload') return [];
  if (work.kind === 'batch') return [work.input.buffer];
  if (work.kind === 'covered') return [];
  const { buffer } = 'jpeg' in work.source ? work.source.jpeg : work.source.pixels;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}

/** Listens to a signal until the outcome is known, and no longer: a signal that nobody ever sets outlives all of them. */
function listen(signal: AbortSignal, outcome: Promise<unknown>, onAbort: () => void): void {
  signal.addEventListener('abort', onAbort, { once: true });
  const stop = () => signal.removeEventListener('abort', onAbort);
  outcome.then(stop, stop);
}

/** Ends a thread after its answer to what it computes. */
async function endThread({ worker, current }: Slot): Promise<void> {
  if (current)
    await new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.once('exit', () => resolve());
    });
  await worker.terminate();
}

function failure(reason: string): MainstemError {
  return new MainstemError('SERVING_WORKER_FAILED', { reason });
}
