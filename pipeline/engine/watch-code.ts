import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { Reporter } from '../../platform/lib/reporter.ts';

/** How often the code is looked at while a stage runs. */
const pollMs = 1_000;

/** In a scratch folder: what lies there may have been made by other code than its key names. */
const mark = 'code-changed';

/** What is watched while a stage runs. */
export interface Watched {
  readonly stage: string;
  readonly scratch: string;
  readonly reporter: Reporter;
  /** What of the stage's code has changed since its key was made, in sentences. */
  readonly changes: () => Promise<string[]>;
}

/** The watch over a stage's code. */
export interface CodeWatch {
  /** Looks a last time. @returns the error if the code has changed meanwhile, even if it is again as it was */
  end(): Promise<MainstemError | null>;
}

/**
 * Watches a stage's code while it runs: a process that it starts loads the code at a moment that nobody knows. The first
 * change is reported at once and noted in the scratch folder, so that not even a killed run leaves anything to resume from.
 */
export function watchCode({ stage, scratch, reporter, changes }: Watched): CodeWatch {
  let found: string[] = [];
  const look = async () => {
    if (found.length > 0) return;
    found = await changes();
    if (found.length === 0) return;
    await writeFile(markPath(scratch), found.join('\n')).catch(() => undefined);
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).then(() => {
      if (found.length === 0) return;
      clearInterval(timer);
      reporter.warn(
        `The code changed while ${stage} runs (${found.join(', ')}): its result will not count. Stop the run and start it again.`,
      );
    });
  }, pollMs);
  timer.unref();
  return {
    async end() {
      clearInterval(timer);
      await looking;
      await look();
      return found.length > 0 ? codeChanged(stage, found) : null;
    },
  };
}

/** The error for a stage whose code is not what its key names. */
export function codeChanged(stage: string, changes: readonly string[]): MainstemError {
  return new MainstemError('CODE_CHANGED', { stage, changes: changes.join(', ') });
}

/** Where a run whose code changed notes that its scratch folder must not be resumed from. */
export function markPath(scratch: string): string {
  return join(scratch, mark);
}
