import { styleText } from 'node:util';
import { isMainstemError } from '../lib/errors.ts';

/**
 * Shows an error on standard error (with `--json` as JSON on standard output) and returns the exit code.
 * An error that is not ours is a bug or the environment's: its stack is shown.
 */
export function showError(error: unknown, json: boolean): 1 | 2 | 3 {
  if (!isMainstemError(error)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 3;
  }
  const { code, message, hint, details, exitCode } = error;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, hint, details } }, null, 2)}\n`,
    );
  } else {
    const title = styleText(['red', 'bold'], code, { stream: process.stderr });
    process.stderr.write(`${title} ${message}\n  ${hint}\n`);
  }
  return exitCode;
}
