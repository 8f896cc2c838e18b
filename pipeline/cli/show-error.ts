import { styleText } from 'node:util';
import type { ExitCode } from '../../platform/lib/error-codes.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';

/**
 * Shows an error on standard error (with `--json` as JSON on standard output) and returns the exit code.
 * An error that is not ours is a bug or the environment's: its stack is shown.
 */
export function showError(error: unknown, json: boolean): ExitCode {
  if (!isMainstemError(error)) return showUnexpected(error, json);
  const { code, message, hint, details, exitCode } = error;
  if (json) printError({ code, message, hint, details });
  else if (code === 'INTERRUPTED') process.stderr.write(`${message}\n`);
  else {
    const title = styleText(['red', 'bold'], code, { stream: process.stderr });
    process.stderr.write(`${title} ${message}\n  ${hint}\n`);
  }
  return exitCode;
}

function showUnexpected(error: unknown, json: boolean): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  const hint = 'This is a fault of the program or of the machine; the stack is on standard error.';
  process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
  if (json) printError({ code: 'UNEXPECTED', message, hint, details: {} });
  return 3;
}

/**
 * Reports an error in the arguments and returns the exit code: 0 if only help or the version was asked for. Commander
 * has already written its message to standard error.
 */
export function showUsage(error: { exitCode: number; message: string }, json: boolean): 0 | 2 {
  if (error.exitCode === 0) return 0;
  if (json) printError({ code: 'USAGE', message: error.message.replace(/^error: /, '') });
  return 2;
}

function printError(error: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}
