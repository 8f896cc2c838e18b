// Loaded into a server before its own code (`node --import`): does to it, at its parent's word, what cannot be done from outside.
import { isMainThread, type Worker } from 'node:worker_threads';

/** What a parent can have done. */
export type Injection =
  /** Ends so many of the threads that compute. */
  | { readonly kind: 'end-threads'; readonly count: number }
  /** Sets the clock forward, or back. */
  | { readonly kind: 'move-clock'; readonly ms: number };

if (isMainThread) listen();

function listen(): void {
  const threads = new Set<Worker>();
  process.on('worker', (thread: Worker) => {
    threads.add(thread);
    thread.once('exit', () => threads.delete(thread));
  });
  process.on('message', (injection: Injection) => {
    if (injection.kind === 'move-clock') moveClock(injection.ms);
    else for (const thread of [...threads].slice(0, injection.count)) end(thread);
  });
}

/**
 * A task that no thread can read ends it by its own error, as want of memory would. `terminate()` while the runtime computes would
 * abort the whole process: its C++ code throws where no JavaScript runs any more.
 */
function end(thread: Worker): void {
  thread.postMessage(null);
}

/** As when the system's clock is set: timers and `performance.now()` go on, which never look at it. */
function moveClock(ms: number): void {
  const Before = Date;
  globalThis.Date = class extends Before {
    constructor(...given: readonly unknown[]) {
      // Any arguments of `Date` but none: those are the current time.
      super(...((given.length === 0 ? [Before.now() + ms] : given) as [number]));
    }

    static override now(): number {
      return Before.now() + ms;
    }
  } as DateConstructor;
}
