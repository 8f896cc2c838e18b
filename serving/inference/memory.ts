import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { createOneByOne } from '../../platform/lib/one-by-one.ts';
import { measureNetwork } from './measure-network.ts';
import { inputShape, type ServedModel, sessionOf } from './models.ts';
import type { Pool } from './pool.ts';

/** Observes what happens to networks. */
export interface MemoryObserver {
  /** It is on every thread. @param seconds from reading its bytes to its first answer */
  loaded(model: ServedModel, load: { readonly seconds: number; readonly bytes: number }): void;
  /** It could not be loaded, and is tried again after so many seconds at the earliest. */
  failed(model: ServedModel, error: MainstemError, seconds: number): void;
  /** Its memory was freed, for others or on request. */
  unloaded(model: ServedModel): void;
}

/** How networks are loaded, and within which limits. */
export interface MemoryOptions {
  readonly pool: Pick<Pool, 'load' | 'unload'>;
  /** Threads that compute; each has a session of every network that is loaded. */
  readonly workers: number;
  /** Bytes that all networks may take together; 0 for no bound. */
  readonly modelsMemory: number;
  /** Seconds for which a request waits for its model. */
  readonly loadSeconds: number;
  /** Requests that the server holds at once; half of them may wait for models. */
  readonly queue: number;
  /** Whether a network must never be unloaded for others. */
  readonly isPinned: (session: string) => boolean;
  readonly observer: MemoryObserver;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Whether the network of a model is loaded. */
export interface ModelState {
  readonly state: 'loaded' | 'loading' | 'unloaded';
  /** Bytes that it takes while it is loaded; null until that was measured. */
  readonly bytes: number | null;
  /** Why it cannot be loaded now; null if no fault is known. */
  readonly fault: MainstemError | null;
}

/** How somebody waits for a model. */
export interface Wait {
  /**
   * Of a request. A wait with a signal ends when that is aborted or after some time, is refused where too many others wait already,
   * and does not retry at once what has just failed. One without has none of these limits.
   */
  readonly signal?: AbortSignal;
  /** Whether it retries at once nevertheless. @default false */
  readonly retries?: boolean;
  /** Whether others may be unloaded for it. @default true */
  readonly evicts?: boolean;
}

/**
 * The networks that are loaded on the threads, within a bound on their memory. A model that is not loaded is loaded when somebody
 * uses it, once for all who wait; where there is no room, the least recently used one is unloaded.
 */
export interface ModelMemory {
  /**
   * Has a model on every thread until what is returned is called.
   *
   * @throws MainstemError SERVING_MODEL_UNLOADABLE, SERVING_MODEL_TOO_LARGE, SERVING_LOAD_SLOW, SERVING_BUSY, the signal's reason, or
   *   {@link noRoom} for a wait that may not evict
   */
  use(model: ServedModel, wait?: Wait): Promise<() => void>;
  /** Loads models, in this order, as long as nothing must be unloaded for them. The observer is notified of what cannot be loaded. */
  fill(models: readonly ServedModel[]): Promise<void>;
  /** Unloads a model when its requests are answered. The next one that needs it loads it again. */
  unload(model: ServedModel): Promise<void>;
  /** Nothing needs this model's network any more. */
  forget(model: ServedModel): void;
  stateOf(model: ServedModel): ModelState;
  /** Loads nothing more: whoever waits is refused. */
  close(): void;
  /** How many networks are loaded, and the bytes that they take. */
  readonly loaded: { readonly networks: number; readonly bytes: number };
}

/** A network that the threads have from their start on. */
export interface StartedNetwork {
  readonly model: ServedModel;
  /** Of its file. */
  readonly bytes: number;
}

/** Creates the memory of a server that starts. @param started what its threads start with */
export function createMemory(
  options: MemoryOptions,
  started: readonly StartedNetwork[] = [],
): ModelMemory {
  return new BoundedMemory(options, started);
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly evicts: boolean;
}

interface Fault {
  readonly error: MainstemError;
  readonly times: number;
  readonly until: number;
}

interface Network {
  readonly session: string;
  /** One of the models that it belongs to: they all have the same bytes and input. */
  model: ServedModel;
  bytes: number | null;
  isLoaded: boolean;
  /** It takes no new users until the present ones are done: others need the room. */
  isLeaving: boolean;
  /** Whether it is queued for loading. */
  isQueued: boolean;
  /** Whether no version needs it any more; it is removed when its turn comes. */
  isForgotten: boolean;
  users: number;
  /** When it was used last, as a number that only grows. */
  usedAt: number;
  readonly waiting: Set<Waiter>;
  fault: Fault | null;
}

/** Seconds after which a network that failed is tried again: doubled with each failure. */
const retrySeconds = { first: 1, longest: 60 } as const;

/** Thrown where a network would need the room of others and may not have it, and where nobody waits for it any more. */
export const noRoom = Symbol('no room');

class BoundedMemory implements ModelMemory {
  readonly #options: MemoryOptions;
  readonly #now: () => number;
  readonly #networks = new Map<string, Network>();
  /** Called when a network has one user or one waiter fewer. */
  readonly #onChange = new Set<() => void>();
  /** What is loaded, and what is being loaded or unloaded. */
  #bytes = 0;
  #clock = 0;
  #waiting = 0;
  #isClosed = false;
  /** One network after another is loaded or unloaded: the next one finds room and threads as the last one left them. */
  readonly #inTurn = createOneByOne();

  constructor(options: MemoryOptions, started: readonly StartedNetwork[]) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    for (const { model, bytes } of started) {
      const network = this.#of(model);
      network.isLoaded = true;
      network.bytes = this.#leastOf(bytes);
      this.#bytes += network.bytes;
    }
  }

  get loaded() {
    const networks = [...this.#networks.values()].filter(({ isLoaded }) => isLoaded);
    return { networks: networks.length, bytes: this.#bytes };
  }

  stateOf(model: ServedModel): ModelState {
    const network = this.#networks.get(sessionOf(model));
    if (!network) return { state: 'unloaded', bytes: null, fault: null };
    const { isLoaded, waiting, bytes } = network;
    const state = isLoaded ? 'loaded' : waiting.size > 0 ? 'loading' : 'unloaded';
    return { state, bytes, fault: this.#faultOf(network) };
  }

  async use(model: ServedModel, wait: Wait = {}): Promise<() => void> {
    const network = this.#of(model);
    network.usedAt = ++this.#clock;
    if (network.isLoaded && !network.isLeaving) network.users += 1;
    else await this.#wait(network, wait);
    let isUsed = true;
    return () => {
      if (!isUsed) return;
      isUsed = false;
      network.users -= 1;
      network.usedAt = ++this.#clock;
      this.#changed();
    };
  }

  async fill(models: readonly ServedModel[]): Promise<void> {
    for (const model of models) {
      try {
        (await this.use(model, { evicts: false }))();
      } catch (error) {
        if (this.#isClosed) return;
        // The observer has been notified of what failed; the others may fit.
        if (error === noRoom) return;
      }
    }
  }

  unload(model: ServedModel): Promise<void> {
    const network = this.#of(model);
    return this.#inTurn(async () => {
      if (!network.isLoaded) return;
      network.isLeaving = true;
      while (network.users > 0) await this.#change();
      await this.#evict(network);
      this.#stay(network);
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const network of this.#networks.values()) this.#refuse(network, stopping());
  }

  forget(model: ServedModel): void {
    const session = sessionOf(model);
    const network = this.#networks.get(session);
    if (!network) return;
    network.isForgotten = true;
    network.usedAt = 0;
    void this.#inTurn(async () => {
      // It may have come back meanwhile.
      if (!network.isForgotten) return;
      if (network.isLoaded) await this.#evict(network);
      if (network.isForgotten) this.#networks.delete(session);
    });
  }

  #of(model: ServedModel): Network {
    const session = sessionOf(model);
    const known = this.#networks.get(session);
    if (known) return Object.assign(known, { model, isForgotten: false });
    const network: Network = {
      ...{ session, model, bytes: null, users: 0, usedAt: 0, waiting: new Set(), fault: null },
      ...{ isLoaded: false, isLeaving: false, isQueued: false, isForgotten: false },
    };
    this.#networks.set(session, network);
    return network;
  }

  /** Waits until a network is loaded; the one who waits is then one of its users. */
  async #wait(network: Network, { signal, retries = false, evicts = true }: Wait): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw stopping();
    const fault = this.#faultOf(network);
    if (fault && signal && !retries) throw fault;
    const { queue, loadSeconds: seconds } = this.#options;
    if (signal && this.#waiting >= Math.max(1, Math.floor(queue / 2))) {
      const reason = `${this.#waiting} requests are already waiting for models to be loaded`;
      throw new MainstemError('SERVING_BUSY', { reason });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject, evicts };
    const giveUp = (error: unknown) => {
      network.waiting.delete(waiter);
      reject(error);
      this.#changed();
    };
    const leave = () => giveUp(signal?.reason);
    const slow = () =>
      giveUp(new MainstemError('SERVING_LOAD_SLOW', { model: network.model.name, seconds }));
    const timer = signal && setTimeout(slow, seconds * 1000);
    signal?.addEventListener('abort', leave, { once: true });
    network.waiting.add(waiter);
    if (signal) this.#waiting += 1;
    this.#enqueue(network);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
      if (signal) this.#waiting -= 1;
    }
  }

  #enqueue(network: Network): void {
    if (network.isQueued) return;
    network.isQueued = true;
    void this.#inTurn(() => this.#bring(network));
  }

  async #bring(network: Network): Promise<void> {
    network.isQueued = false;
    if (network.waiting.size === 0) return;
    try {
      if (!network.isLoaded) await this.#load(network);
      network.fault = null;
      this.#admit(network);
    } catch (error) {
      if (this.#isClosed) this.#refuse(network, stopping());
      else if (error === noRoom) this.#refuse(network, error, ({ evicts }) => !evicts);
      else this.#refuse(network, this.#note(network, error));
    }
  }

  async #load(network: Network): Promise<void> {
    const { pool, observer } = this.#options;
    const { model, session } = network;
    const began = this.#now();
    const onnx = await model.read();
    const shape = [1, ...inputShape(model)];
    // One whose file is too large already need not be measured.
    this.#assertFits(network, this.#leastOf(onnx.length));
    network.bytes ??= await this.#measure(onnx, shape);
    await this.#makeRoom(network, network.bytes);
    this.#bytes += network.bytes;
    try {
      await pool.load(session, onnx, shape);
    } catch (error) {
      this.#bytes -= network.bytes;
      throw error;
    }
    network.isLoaded = true;
    const seconds = (this.#now() - began) / 1000;
    observer.loaded(model, { seconds, bytes: network.bytes });
  }

  /** Its bytes, which are kept for threads that start later, and those of a session on each thread. */
  async #measure(onnx: Uint8Array, shape: readonly number[]): Promise<number> {
    const { modelsMemory, workers } = this.#options;
    const least = this.#leastOf(onnx.length);
    if (modelsMemory === 0) return least;
    return Math.max(least, onnx.length + workers * (await measureNetwork(onnx, shape)));
  }

  /** A session has at least the weights that the file has. */
  #leastOf(bytes: number): number {
    return bytes * (1 + this.#options.workers);
  }

  /** Unloads the least recently used networks until so many bytes are free. */
  async #makeRoom(network: Network, bytes: number): Promise<void> {
    const { modelsMemory: limit } = this.#options;
    const leaving = new Set<Network>();
    try {
      for (;;) {
        this.#assertFits(network, bytes);
        if (limit === 0 || this.#bytes + bytes <= limit) return;
        const waiting = [...network.waiting];
        if (!waiting.some(({ evicts }) => evicts)) throw noRoom;
        const others = this.#evictable();
        const idle = others.find(({ users }) => users === 0);
        if (idle) {
          await this.#evict(idle);
          continue;
        }
        // All are in use: the oldest gets no new requests until it is free. Otherwise it might never be.
        const [oldest] = others;
        if (oldest && leaving.size === 0) leaving.add(oldest);
        for (const one of leaving) one.isLeaving = true;
        await this.#change();
      }
    } finally {
      for (const one of leaving) this.#stay(one);
    }
  }

  /** Those that may be unloaded for others, the least recently used first. */
  #evictable(): Network[] {
    return [...this.#networks.values()]
      .filter(({ isLoaded, session }) => isLoaded && !this.#options.isPinned(session))
      .sort((a, b) => a.usedAt - b.usedAt);
  }

  /** @throws MainstemError SERVING_MODEL_TOO_LARGE where no unloading would make room for it */
  #assertFits({ model, session }: Network, bytes: number): void {
    const { modelsMemory: limit, isPinned } = this.#options;
    const taken = [...this.#networks.values()]
      .filter((one) => one.isLoaded && one.session !== session && isPinned(one.session))
      .reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    if (limit === 0 || bytes + taken <= limit) return;
    throw new MainstemError('SERVING_MODEL_TOO_LARGE', { model: model.name, bytes, limit, taken });
  }

  async #evict(network: Network): Promise<void> {
    network.isLoaded = false;
    await this.#options.pool.unload(network.session);
    this.#bytes -= network.bytes ?? 0;
    this.#options.observer.unloaded(network.model);
  }

  /** Gives a network that was to leave to those who wait for it, or has it loaded again for them. */
  #stay(network: Network): void {
    network.isLeaving = false;
    if (network.isLoaded) this.#admit(network);
    else if (network.waiting.size > 0) this.#enqueue(network);
  }

  #admit(network: Network): void {
    for (const { resolve } of network.waiting) {
      network.users += 1;
      resolve();
    }
    network.waiting.clear();
  }

  #refuse(network: Network, error: unknown, whom: (waiter: Waiter) => boolean = () => true): void {
    for (const waiter of [...network.waiting].filter(whom)) {
      network.waiting.delete(waiter);
      waiter.reject(error);
    }
  }

  /** Notes that a network cannot be loaded, and until when it is not tried again. */
  #note(network: Network, cause: unknown): MainstemError {
    const times = (network.fault?.times ?? 0) + 1;
    const seconds = Math.min(retrySeconds.longest, retrySeconds.first * 2 ** (times - 1));
    const error = explain(network.model, cause, seconds);
    network.fault = { error, times, until: this.#now() + seconds * 1000 };
    this.#options.observer.failed(network.model, error, seconds);
    return error;
  }

  #faultOf({ fault }: Network): MainstemError | null {
    return fault && fault.until > this.#now() ? fault.error : null;
  }

  /** The next change of who uses or waits for what. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.add(resolve));
  }

  #changed(): void {
    const waiting = [...this.#onChange];
    this.#onChange.clear();
    for (const resolve of waiting) resolve();
  }
}

function stopping(): MainstemError {
  return new MainstemError('SERVING_BUSY', { reason: 'it is stopping' });
}

function explain({ name: model }: ServedModel, cause: unknown, seconds: number): MainstemError {
  if (isMainstemError(cause, 'SERVING_MODEL_TOO_LARGE')) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MainstemError('SERVING_MODEL_UNLOADABLE', { model, reason, seconds }, { cause });
}
