import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { advise } from '../../platform/lib/advise.ts';
import type { ExitCode } from '../../platform/lib/error-codes.ts';
import type { MainstemError } from '../../platform/lib/errors.ts';
import { explainLoading } from '../../platform/lib/explain-loading.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import { type FaultContext, reportFault } from '../../platform/lib/report-fault.ts';
import { theOutput } from './guard-process.ts';

/**
 * Shows an error on standard error (with `--json` as JSON on standard output) and returns the exit code. An error of the
 * system is translated; any other that is not ours is a fault of Mainstem, whose details go into a file.
 */
export function showError(error: unknown, context: FaultContext): ExitCode | 0 {
  const asked = context.args.includes('--json');
  if (error instanceof CommanderError) return showUsage(error, asked);
  const explained = explainError(error, context);
  const { code, message, details, exitCode } = explained;
  const hint = advise(explained, context.root);
  // What cannot take the result cannot take what is wrong with it.
  const json = asked && details.path !== theOutput;
  if (json) printError({ code, message, hint, details });
  else if (code === 'INTERRUPTED') process.stderr.write(`${message}\n`);
  else {
    const title = styleText(['red', 'bold'], code, { stream: process.stderr });
    process.stderr.write(`${title} ${message}\n  ${hint}\n`);
  }
  if (typeof details.report === 'string') process.stderr.write(`\n${details.report}`);
  return exitCode;
}

function explainError(error: unknown, context: FaultContext): MainstemError {
  return (
    explainSystemError(error, context.root) ??
    explainLoading(error, context.root) ??
    reportFault(error, context)
  );
}

/**
 * Reports an error in the arguments and returns the exit code: 0 if only help or the version was asked for. Commander
 * has already written its message to standard error.
 */
function showUsage(error: CommanderError, json: boolean): 0 | 2 {
  if (error.exitCode === 0) return 0;
  if (json) printError({ code: 'USAGE', message: error.message.replace(/^error: /, '') });
  return 2;
}

function printError(error: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}
