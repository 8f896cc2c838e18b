import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';

/**
 * Runs work one after another, in the order in which it was asked for. Who waits for longer than `patienceMs` gets an error: work
 * that has not begun by then never does; what has begun, on a disk that does not answer, keeps its turn.
 */
export function createDiskTurn(patienceMs = 10_000): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>) => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = setTimeout(() => reject(unwritable('the disk does not answer')), patienceMs);
    let waits = true;
    promise
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(late);
        waits = false;
      });
    last = last.then(async () => {
      if (!waits) return;
      await work().then(resolve, (error: unknown) => reject(nameFault(error)));
    });
    return promise;
  };
}

/** Who sends a correction is not shown where the server keeps them: the log has the cause. */
function nameFault(error: unknown): unknown {
  if (!(error instanceof Error) || isMainstemError(error)) return error;
  if (!('syscall' in error && 'code' in error)) return error;
  return unwritable(String(error.code), error);
}

function unwritable(reason: string, cause?: Error): MainstemError {
  return new MainstemError('FEEDBACK_UNWRITABLE', { reason }, { cause });
}
