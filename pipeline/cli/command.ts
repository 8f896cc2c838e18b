import { fstatSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { devNull } from 'node:os';
import { dirname } from 'node:path';
import { assertNotNested } from '../../platform/lib/assert-not-nested.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { modelsFolder } from '../../platform/lib/layout.ts';
import { printableLines } from '../../platform/lib/printable.ts';
import { abandonProjectCode } from '../../platform/lib/project-code.ts';
import { createReporter, type Reporter, silentReporter } from '../../platform/lib/reporter.ts';
import { assertCheckedOut } from '../../platform/lib/sparse-checkout.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import { theOutput } from './guard-process.ts';

/** Every command that reports something takes `--json`: the same facts, for programs. */
export const jsonOption = ['--json', 'print the result as JSON'] as const;

/** Options that all commands share. */
export interface CommonOptions {
  readonly json?: boolean;
}

/**
 * The workspace of a command: the repository that this file belongs to, a reporter on standard error (silent
 * with `--json`), and a signal that Ctrl-C sets, so that work stops between two whole writes.
 *
 * @throws MainstemError GIT_NESTED, GIT_SPARSE
 */
export function openWorkspace(options: CommonOptions = {}): Workspace {
  const reporter: Reporter = options.json ? silentReporter : createReporter();
  const root = repositoryRoot();
  assertNotNested(root);
  assertCheckedOut(root, modelsFolder);
  return { root, reporter, signal: interruptSignal() };
}

/** The folder of the repository that this file belongs to. */
export function repositoryRoot(): string {
  const manifest = findPackageJSON(import.meta.url);
  if (!manifest)
    throw new MainstemError('FILE_UNREADABLE', { path: 'package.json', reason: 'ENOENT' });
  return dirname(manifest);
}

/** Prints a command's result: text for people, or the value as JSON. */
export function printResult(options: CommonOptions, value: unknown, text: string): void {
  process.stdout.write(renderResult(options, value, text));
}

/**
 * Prints a result, and returns when it is written: for what must not happen unless somebody has it.
 *
 * @throws MainstemError OUTPUT_CLOSED if nobody reads any more; NodeJS.ErrnoException
 */
export function writeResult(options: CommonOptions, value: unknown, text: string): Promise<void> {
  if (goesNowhere()) return Promise.reject(new MainstemError('OUTPUT_CLOSED'));
  return new Promise((resolve, reject) => {
    process.stdout.write(renderResult(options, value, text), (error) => {
      if (!error) return resolve();
      const isClosed = 'code' in error && error.code === 'EPIPE';
      if (isClosed) return reject(new MainstemError('OUTPUT_CLOSED', {}, { cause: error }));
      return reject(Object.assign(error, { path: theOutput }));
    });
  });
}

/** Whether what is printed is lost: Node opens the null device in the place of a closed output. */
function goesNowhere(): boolean {
  const [output, nothing] = [fstatSync(1), statSync(devNull, { throwIfNoEntry: false })];
  return output.isCharacterDevice() && output.rdev === nothing?.rdev;
}

function renderResult(options: CommonOptions, value: unknown, text: string): string {
  return `${options.json ? JSON.stringify(value, null, 2) : harmless(text)}\n`;
}

/** Names in a result may hold anything; of what a terminal obeys only colours are let through, where there are any. */
function harmless(text: string): string {
  const coloured = process.stdout.isTTY || process.env.FORCE_COLOR !== undefined;
  if (!coloured) return printableLines(text);
  return text
    .split(colour)
    .map((part, at) => (at % 2 === 0 ? printableLines(part) : part))
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const colour = /(\x1b\[[\d;]*m)/;

/** How long a project's code may take to stop by itself when it is interrupted. */
const stopMs = 2_000;

/**
 * The first Ctrl-C stops the work at a point where it can be resumed, and so does closing the terminal (SIGHUP); for code of
 * a project that does not look at the signal nobody waits longer than {@link stopMs}. A second one exits immediately. A
 * terminal signals the whole group and bootstrap.js passes the signal on, so one Ctrl-C may
 * arrive twice in quick succession.
 */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (first === 0) {
      const reason = new MainstemError('INTERRUPTED');
      controller.abort(reason);
      setTimeout(() => abandonProjectCode(reason), stopMs).unref();
    } else if (performance.now() - first > 500) process.exit(130);
    first ||= performance.now();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  return controller.signal;
}
