import type { MainstemError } from './errors.ts';

/** How a process ended while a project's code was running: by itself, or because nothing was left to wait for. */
export type SuddenEnd = 'exited' | 'idle';

type Explain = (end: SuddenEnd) => MainstemError;

const running = new Set<Explain>();

/**
 * Runs code of a project, which may do what no `catch` sees: end the process, or wait for what never comes. Whoever then
 * looks at {@link explainSuddenEnd} learns that it was this code.
 *
 * @param explain the error for such an end
 */
export async function runProjectCode<T>(explain: Explain, work: () => Promise<T>): Promise<T> {
  running.add(explain);
  try {
    return await work();
  } finally {
    running.delete(explain);
  }
}

/** The error for an end of the process while a project's code was running; null if none was. */
export function explainSuddenEnd(end: SuddenEnd): MainstemError | null {
  const [explain] = running;
  return explain ? explain(end) : null;
}
