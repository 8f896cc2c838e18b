import type { MainstemError } from './errors.ts';

/** How a process ended while a project's code was running: by itself, or because nothing was left to wait for. */
export type SuddenEnd = 'exited' | 'idle';

type Explain = (end: SuddenEnd) => MainstemError;

interface Running {
  readonly explain: Explain;
  readonly abandon: (reason: unknown) => void;
}

const running = new Set<Running>();

/**
 * Runs code of a project, which may do what no `catch` sees: end the process, or wait for what never comes. Whoever then
 * looks at {@link explainSuddenEnd} learns that it was this code.
 *
 * @param explain the error for such an end
 * @throws whatever the code throws; the reason of {@link abandonProjectCode}
 */
export async function runProjectCode<T>(explain: Explain, work: () => Promise<T>): Promise<T> {
  const { promise: given, reject: abandon } = Promise.withResolvers<never>();
  const code = { explain, abandon };
  running.add(code);
  try {
    return await Promise.race([work(), given]);
  } finally {
    running.delete(code);
  }
}

/**
 * No longer waits for code of a project, which may never look at the signal that asks it to stop: what runs is left behind.
 * The process must end afterwards.
 *
 * @param reason what every {@link runProjectCode} throws that is under way
 */
export function abandonProjectCode(reason: unknown): void {
  for (const { abandon } of running) abandon(reason);
}

/** The error for an end of the process while a project's code was running; null if none was. */
export function explainSuddenEnd(end: SuddenEnd): MainstemError | null {
  const [code] = running;
  return code ? code.explain(end) : null;
}
