import { styleText } from 'node:util';
import { advise } from '../../platform/lib/advise.ts';
import { isMainstemError, type MainstemError } from '../../platform/lib/errors.ts';
import { repositoryRoot } from './command.ts';
import { interrupted } from './guard-process.ts';

/** A part of a command's work that failed while other parts went on. */
export interface Failure {
  /** What the part is called: a dataset, a project. */
  readonly name: string;
  readonly error: MainstemError;
}

/**
 * Does one part of a command's work; if it fails, the failure is collected, and the command goes on with the next part.
 *
 * @returns undefined if it failed
 * @throws MainstemError INTERRUPTED or another of its exit code, and whatever is not a MainstemError
 */
export async function attempt<T>(
  name: string,
  failures: Failure[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isMainstemError(error) || error.exitCode === interrupted) throw error;
    failures.push({ name, error });
    return undefined;
  }
}

/** Throws the first failure if nothing succeeded; otherwise it decides the exit code. */
export function settleFailures(failures: readonly Failure[], succeeded: number): void {
  const [first] = failures;
  if (!first) return;
  if (succeeded === 0 && failures.length === 1) throw first.error;
  process.exitCode = first.error.exitCode;
}

/** A failure as a line of the command's result, with what to do about it below. */
export function renderFailure({ name, error }: Failure): string {
  const title = styleText('red', error.code);
  return `${name}: ${title} ${error.message}\n  ${advise(error, repositoryRoot())}`;
}

/** A failure for programs. */
export function describeFailure({ error }: Failure) {
  const { code, message, details } = error;
  return { error: { code, message, hint: advise(error, repositoryRoot()), details } };
}
