import { mostThreads, openThreads, type Threads } from '../../platform/lib/threads.ts';
import type { NetworkFile, Session, SessionResult } from './open-session.ts';

/** Rows for a network, one after another. */
export interface SessionRun {
  readonly values: Float32Array;
  readonly rows: number;
}

/**
 * A session that does many runs on all cores: ONNX Runtime keeps the thread that calls it. The first run tells whether the
 * others are worth more threads; results are the same bits whatever thread they come from.
 *
 * @param runs how many there will be
 * @param worthMs what is left must take longer than this for other threads to be worth their start
 */
export function spreadSession(session: Session, runs: number, worthMs = 1000): Session {
  let threads: Threads<SessionRun, SessionResult> | null = null;
  return {
    file: session.file,
    async run(values, rows) {
      if (threads) return threads.run({ values, rows });
      const began = performance.now();
      const result = await session.run(values, rows);
      const left = (performance.now() - began) * (runs - 1);
      if (left > worthMs && mostThreads > 1) threads ??= openSessions(session.file);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await threads?.[Symbol.asyncDispose]();
    },
  };
}

function openSessions(file: NetworkFile): Threads<SessionRun, SessionResult> {
  const entry = new URL('./session-worker.ts', import.meta.url);
  return openThreads(entry, { workerData: file });
}
