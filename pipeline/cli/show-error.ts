import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { advise } from '../../platform/lib/advise.ts';
import type { ExitCode } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import { type FaultContext, reportFault } from '../../platform/lib/report-fault.ts';
import { assertCheckedOut } from '../../platform/lib/sparse-checkout.ts';
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

const loadingErrors = new Set<unknown>([
  ...['ERR_MODULE_NOT_FOUND', 'ERR_INVALID_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'],
  ...['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND', 'ERR_INVALID_PACKAGE_CONFIG'],
]);

/** A source file or a package that is missing, damaged or not for this machine. */
function explainLoading(error: unknown, root: string): MainstemError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : undefined;
  if (!loadingErrors.has(code) && error.name !== 'SyntaxError') return null;
  // The stack of a syntax error begins with its place.
  const place = /^(?:file:\/\/)?(\/\S+?\.[jt]s:\d+)$/m.exec(
    error.stack?.split('\n    at ')[0] ?? '',
  );
  if (error.name === 'SyntaxError' && !place) return null;
  const [said = ''] = error.message.split('\n');
  const reason = place ? `${said} (${place[1]})` : said;
  return (
    findLeftOut(error, root) ?? new MainstemError('CODE_UNLOADABLE', { reason }, { cause: error })
  );
}

/** Where the file that was looked for is one that git has and a sparse checkout leaves out. */
function findLeftOut(error: Error, root: string): MainstemError | null {
  if (!('url' in error) || typeof error.url !== 'string') return null;
  try {
    assertCheckedOut(root, relative(root, fileURLToPath(error.url)));
    return null;
  } catch (found) {
    return isMainstemError(found, 'GIT_SPARSE') ? found : null;
  }
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
